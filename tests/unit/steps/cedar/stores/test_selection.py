import pytest

from buildsteps.steps.cedar.stores.selection import Selection

CASE = ("Album JaneVacation", "DENY JohnDoe-views-nightclub")


@pytest.mark.parametrize(
    ("patterns", "selected"),
    [
        ([], True),
        (["nightclub"], True),
        (["NIGHTCLUB"], True),
        (["JaneVacation > DENY"], True),
        (["sunset"], False),
        (["sunset", "nightclub"], True),
        (["DENY*"], True),
        (["album*"], True),
        (["ALLOW*"], False),
        (["*nightclub"], True),
        (["*night"], False),
        (["Album ?aneVacation > *"], True),
        (["[DE]*JohnDoe*"], True),
        (["*> ALLOW*"], False),
    ],
)
def test_a_pattern_is_part_of_the_title_or_a_glob_of_it_or_of_the_name(
    patterns: list[str], selected: bool
) -> None:
    assert (CASE in Selection.of(patterns)) is selected


def test_what_is_no_case_is_never_selected() -> None:
    assert "nightclub" not in Selection.of(["nightclub"])
