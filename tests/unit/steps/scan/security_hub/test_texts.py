import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.security_hub.texts import fitted


@given(st.text(alphabet=st.characters(), max_size=60), st.integers(3, 80))
def test_a_text_fits_in_bytes_stands_on_a_line_and_is_whole_where_it_can_be(
    text: str, most: int
) -> None:
    found = fitted(text, most)
    assert len(found.encode()) <= most
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in found)
    assert found == " ".join(found.split())
    assert found.endswith("…") or found == fitted(text, 10_000)


def test_a_cut_shows_and_tears_no_character() -> None:
    assert fitted("für die Kräne", 8) == "für…"
    assert fitted("ä" * 10, 8) == "ää…"
    assert fitted("a\n\tb\x1b[31m\ud800c", 99) == "a b [31m c"
