"""The conventions for annotations."""

from pathlib import Path

from tests.unit.steps.cedar.linting.linted import SCHEMA, found, lint, messages, write

PERMIT = 'permit(principal in Role::"r", action, resource);'


def test_annotations_are_asked_for_by_name(tmp_path: Path) -> None:
    text = f'@id("a") @description("why") {PERMIT}\n@id("b")\n{PERMIT}\n@description {PERMIT}'
    rule = "missing-annotation"
    assert messages(tmp_path, text, rule) == []
    assert messages(tmp_path, text, rule, annotations=("id", "description")) == [
        "permit `b` has no `@description`",
        "permit `p#3` has no `@id`",
        "permit `p#3` has no `@description`",
    ]


def test_the_fix_writes_the_id_that_a_policy_has_already(tmp_path: Path) -> None:
    text = f'// first\n{PERMIT}\n\n@description("x")\n{PERMIT} // behind\n'
    write(tmp_path, {"p.cedar": text, "cedarschema": SCHEMA})
    report = lint(tmp_path, only=("missing-annotation",), annotations=("id",), fix=True)
    assert (tmp_path / "p.cedar").read_text() == (
        f'// first\n@id("p")\n{PERMIT}\n\n@id("p#2")\n@description("x")\n{PERMIT} // behind\n'
    )
    assert report.findings == ()
    assert report.facts["fixed"] == ["p.cedar"]


def test_the_fix_keeps_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "p.cedar").write_bytes(b"\xef\xbb\xbf// c\r\n" + PERMIT.encode() + b"\r\n")
    lint(tmp_path, only=("missing-annotation",), annotations=("id",), fix=True)
    after = (tmp_path / "p.cedar").read_bytes()
    assert after == b'\xef\xbb\xbf// c\r\n@id("p")\r\n' + PERMIT.encode() + b"\r\n"


def test_an_id_that_two_policies_have(tmp_path: Path) -> None:
    text = f'@id("a") {PERMIT}\n@id("b") {PERMIT}\n@id("a") {PERMIT}'
    (finding,) = found(tmp_path, text, "duplicate-annotation-id")
    assert finding.message == "permit `a` has the `@id` of permit `a` (p.cedar:1:1)"
    assert finding.locations[0].line == 3


def test_a_file_of_another_name_is_looked_for_only_on_request(tmp_path: Path) -> None:
    write(tmp_path, {"p.cedar": f'@id("other") {PERMIT}', "q.cedar": f'@id("q") {PERMIT}'})
    assert "id-differs-from-file" not in [one.rule for one in lint(tmp_path).findings]
    enabled = lint(tmp_path, enable=("id-differs-from-file",), disable=("duplicate-policy",))
    assert [one.message for one in enabled.findings] == [
        "permit `other` stands in a file of another name, `p.cedar`"
    ]


def test_several_policies_of_a_file_cannot_all_have_its_name(tmp_path: Path) -> None:
    text = f'@id("a") {PERMIT}\n@id("b") {PERMIT}'
    assert messages(tmp_path, text, "id-differs-from-file") == []
