import pytest

from buildsteps.nearest import did_you_mean, suggestion


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("label", ["owner", "labels", "private"], "labels"),
        ("vew", ["view", "comment"], "view"),
        ("User", ["Shop::User", "Shop::Order"], "Shop::User"),
        ("User", ["Shop::User", "Blog::User"], None),
        ("minseverity", ["min-severity", "min_severities"], "min-severity"),
        ("LABELS", ["labels"], "labels"),
        ("zzz", ["owner", "labels"], None),
        ("labels", ["labels", "label"], None),
        ("", ["a"], None),
        ("a" * 100_000, ["a" * 99_999], None),
        ("x", [], None),
    ],
)
def test_the_nearest_known_word_is_meant(
    word: str, candidates: list[str], expected: str | None
) -> None:
    assert did_you_mean(word, candidates) == expected


def test_a_suggestion_is_a_sentence_to_append() -> None:
    assert "No `label`." + suggestion("label", ["labels"]) == "No `label`. Did you mean `labels`?"
    assert suggestion("label", ["owner"]) == ""


def test_the_order_of_candidates_does_not_matter() -> None:
    assert did_you_mean("veew", ["view", "vieew"]) == did_you_mean("veew", ["vieew", "view"])
