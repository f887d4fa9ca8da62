"""The words of a result: one line, with arguments and links as words."""

from pathlib import Path
from typing import Any

import pytest

from tests.sarif_logs import log, result, sighting

RULE = {
    "id": "R1",
    "shortDescription": {"text": "Short."},
    "messageStrings": {"default": {"text": "{0} calls {1} {{twice}}", "markdown": "*x*"}},
}
DRIVER = {"rules": [RULE], "globalMessageStrings": {"shared": {"text": "Shared {0}."}}}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"text": "Plain."}, "Plain."),
        ({"text": "A {0} as it stands {{x}}."}, "A {0} as it stands {{x}}."),
        ({"text": "A {0}.", "arguments": ["word"]}, "A word."),
        ({"text": "A {1}.", "arguments": ["word"]}, "A {1}."),
        ({"id": "default", "arguments": ["f", "g"]}, "f calls g {twice}"),
        ({"id": "shared", "arguments": ["{0}"]}, "Shared {0}."),
        ({"id": "unknown"}, "Short."),
        ({"text": "", "markdown": "**bold**"}, "Short."),
        (None, "Short."),
        ({"text": "From a [value](1) of [the user](2)."}, "From a value of the user."),
        ({"text": r"An \[escaped\](x) [link](https://x.test/y)"}, "An [escaped](x) link"),
        ({"text": "array[i](j) is called"}, "array[i](j) is called"),
        ({"text": "two\n  lines\tand\r\nmore "}, "two lines and more"),
        ({"text": "<script>alert(1)</script> & co"}, "<script>alert(1)</script> & co"),
    ],
)
def test_the_message_is_one_line_of_text(
    message: dict[str, Any] | None, said: str, tmp_path: Path
) -> None:
    assert sighting(log(result(message=message), driver=DRIVER), tmp_path).message == said


def test_a_result_without_any_words_has_the_name_of_its_rule(tmp_path: Path) -> None:
    assert sighting(log(result(message={})), tmp_path).message == "R1"


def test_a_message_without_end_is_cut(tmp_path: Path) -> None:
    one = sighting(log(result(message={"text": "word " * 1_000_000})), tmp_path)
    assert len(one.message) == 2000
    assert one.message.endswith("…")


def test_a_fix_is_what_its_description_says(tmp_path: Path) -> None:
    fixes = [{"artifactChanges": []}, {"description": {"text": "Use literal_eval."}}]
    assert sighting(log(result(fixes=fixes)), tmp_path).fix == "Use literal_eval."
