import pytest
import yaml

from buildsteps.acceptances import Acceptance, inline_acceptances
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.verdict.accepting import in_comment, in_configuration


def finding(rule: str = "B602", path: str = "src/app.py", line: int | None = 4) -> Finding:
    places = (Location(path, line),) if path else ()
    return Finding(rule=rule, severity=Severity.HIGH, message="m", locations=places)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("B602", "src/app.py"),
        ("python.lang.security.audit: eval", "a folder/ü.py"),
        ("no", "*"),
        ("123", "[x]/what?.tf"),
        ("S602", "./app.py"),
        ('"quoted"\n', "C:/a b.py"),
    ],
)
def test_the_lines_for_the_configuration_accept_the_finding_and_no_other(
    rule: str, path: str
) -> None:
    entry = yaml.safe_load(in_configuration(finding(rule, path)))["accept"][0]
    acceptance = Acceptance(**entry)
    assert acceptance.covers(finding(rule, path.removeprefix("./")))
    assert not acceptance.covers(finding(rule + "x", path))
    assert not acceptance.covers(finding(rule, "elsewhere.py"))


def test_a_finding_in_no_file_is_accepted_by_its_rule() -> None:
    assert "path" not in in_configuration(finding(path=""))
    assert in_comment(finding(path="")) == ""


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("a.py", "# "),
        ("deploy/main.tf", "# "),
        ("Dockerfile.dev", "# "),
        ("a.TS", "// "),
        ("a.sql", "-- "),
        ("a.html", "<!-- "),
    ],
)
def test_a_comment_has_the_marks_of_its_language_and_is_read_as_an_acceptance(
    path: str, mark: str
) -> None:
    comment = in_comment(finding(path=path))
    assert comment.startswith(f"{mark}buildsteps: accept[B602] ")
    read = inline_acceptances(comment, Location(path, 4), 4)
    assert [one.covers(finding(path=path)) for one in read] == [True]


@pytest.mark.parametrize(("path", "line"), [("a.json", 4), ("a.py", None), ("image", 1)])
def test_where_no_comment_can_stand_there_is_none(path: str, line: int | None) -> None:
    assert in_comment(finding(path=path, line=line)) == ""
