import datetime

import pytest
from msgspec.structs import replace

from buildsteps.acceptances import Acceptance, InlineAcceptance, inline_acceptances, settle
from buildsteps.results import Finding, Location, Severity

TODAY = datetime.date(2026, 3, 1)
FINDING = Finding(
    rule="unused-template",
    severity=Severity.MEDIUM,
    message="m",
    locations=(Location("store/a.cedar", 5, 1),),
)


def accepted(one: Acceptance | InlineAcceptance) -> tuple[str, list[str]]:
    inline = [one] if isinstance(one, InlineAcceptance) else []
    plain = [one] if isinstance(one, Acceptance) else []
    settled = settle([FINDING], plain, inline, TODAY)
    return settled.findings[0].accepted, [case.message for case in settled.cases]


@pytest.mark.parametrize("path", ["*", "a.cedar", "store/*", "*.cedar", "store/a.cedar"])
@pytest.mark.parametrize("rule", ["unused-template", "unused-*", "*"])
def test_rule_and_place_are_globs(rule: str, path: str) -> None:
    assert accepted(Acceptance(rule=rule, path=path, reason="r", owner="o")) == ("r (o)", [])


@pytest.mark.parametrize(("rule", "path"), [("other", "*"), ("*", "b.cedar")])
def test_others_are_left_alone_and_an_unused_one_is_told(rule: str, path: str) -> None:
    settled = settle([FINDING], [Acceptance(rule=rule, path=path, reason="r")], [], TODAY)
    assert settled.findings[0] == FINDING
    assert settled.findings[1].rule == "unused-acceptance"
    partial = settle(
        [FINDING], [Acceptance(rule=rule, path=path, reason="r")], [], TODAY, whole_run=False
    )
    assert partial.findings == (FINDING,)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("no-schema", ["the acceptance of no-schema covers nothing: r"]),
        ("no-*", ["the acceptance of no-* covers nothing: r"]),
        ("no-shema", ["the acceptance of no-shema covers nothing: r. Did you mean `no-schema`?"]),
        ("B307", []),
    ],
)
def test_an_unused_one_is_told_where_it_speaks_of_a_rule_of_this_command_or_nearly(
    rule: str, told: list[str]
) -> None:
    unused = Acceptance(rule=rule, reason="r")
    settled = settle([], [unused], [], TODAY, rules={"no-schema", "unused-template"})
    assert [finding.message for finding in settled.findings] == told


def test_any_name_of_a_rule_accepts_it() -> None:
    finding = replace(FINDING, rule="B307", aliases=("S307",))
    settled = settle([finding], [Acceptance(rule="S307", reason="r")], [], TODAY)
    assert settled.findings[0].accepted == "r"


def test_the_last_day_still_counts_and_the_next_stops() -> None:
    until = Acceptance(rule="*", reason="r", until=TODAY)
    assert accepted(until) == ("r, until 2026-03-01", [])
    late = Acceptance(rule="*", reason="r", until=TODAY - datetime.timedelta(days=1))
    assert accepted(late) == ("", ["the acceptance of * ran out on 2026-02-28: r"])


def test_a_comment_speaks_for_its_lines_and_needs_a_reason() -> None:
    here = Location("store/a.cedar", 4, 1)
    (one,) = inline_acceptances("// buildsteps: accept[unused-template] why not", here, 9)
    assert accepted(one) == ("why not", [])
    (above,) = inline_acceptances("// buildsteps: accept[unused-template] why", here, 4)
    assert accepted(above)[0] == ""
    (bare,) = inline_acceptances("// buildsteps: accept[unused-template]", here, 9)
    assert accepted(bare) == ("", ["the acceptance of unused-template gives no reason"])
    assert inline_acceptances("// nothing", here, 9) == ()


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_accepted_in_the_file_or_in_a_comment(reason: str) -> None:
    stops = ["the acceptance of * gives no reason"]
    assert accepted(Acceptance(rule="*", reason=reason)) == ("", stops)
    assert accepted(InlineAcceptance("*", reason, Location("store/a.cedar", 4, 1), 9)) == (
        "",
        stops,
    )
    settled = settle([], [Acceptance(rule="*", reason=reason)], [], TODAY)
    assert (len(settled.cases), settled.findings) == (1, ())


def test_an_acceptance_of_the_file_that_stops_or_is_unused_names_its_line() -> None:
    place = Location("buildsteps.yaml", 7, 5)
    late = Acceptance(rule="*", reason="r", until=datetime.date(2026, 1, 1)).placed_at(place)
    unused = Acceptance(rule="other", reason="r").placed_at(place)
    settled = settle([FINDING], [late, unused], [], TODAY)
    assert [case.locations for case in settled.cases] == [(place,)]
    assert settled.findings[1].locations == (place,)
    assert (late.rule, late.until) == ("*", datetime.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("glob", "shown", "covers"),
    [
        ("src/app/a.py", "app/a.py", True),
        ("src/app/*", "app/a.py", True),
        ("app/a.py", "app/a.py", True),
        ("lib/a.py", "../lib/a.py", True),
        ("lib/app/a.py", "app/a.py", False),
        ("src/app/a.py", "/elsewhere/app/a.py", False),
    ],
)
def test_a_path_of_the_file_is_relative_to_the_file_wherever_the_command_runs(
    glob: str, shown: str, covers: bool
) -> None:
    """The command runs in ``src``, one folder below the file."""
    place = Location("/repo/buildsteps.yaml", 7, 5)
    one = Acceptance(rule="*", path=glob, reason="r").placed_at(place, "src/")
    finding = replace(FINDING, locations=(Location(shown, 1),))
    assert one.covers(finding) is covers


def test_a_finding_of_several_lines_is_covered_by_a_comment_on_any_of_them() -> None:
    one = InlineAcceptance("*", "r", Location("a.py", 4), 4)
    places = [Location("a.py", 2, None, end) for end in (None, 3, 4, 9)]
    covered = [one.covers(replace(FINDING, locations=(place,))) for place in places]
    assert covered == [False, False, True, True]


def test_a_comment_may_name_several_rules() -> None:
    here = Location("store/a.cedar", 5, 1)
    several = inline_acceptances("// buildsteps: accept[other, unused-*] why", here, 5)
    assert [one.rule for one in several] == ["other", "unused-*"]
    settled = settle([FINDING], [], several, TODAY)
    assert settled.findings[0].accepted == "why"
    assert [one.message for one in settled.findings[1:]] == [
        "the acceptance of other covers nothing: why"
    ]
