"""What else a result tells: weaknesses, secrets, suppressions, identities."""

from pathlib import Path
from typing import Any

import pytest

from tests.sarif_logs import log, result, scan, sighting


@pytest.mark.parametrize(
    ("rule", "said", "cwes"),
    [
        ({"properties": {"tags": ["security", "external/cwe/cwe-078"]}}, {}, (78,)),
        ({"properties": {"tags": ["CWE-95: Improper Neutralization", "OWASP-A03"]}}, {}, (95,)),
        ({"properties": {"cwe": "CWE-79"}}, {}, (79,)),
        ({"properties": {"cwe": ["CWE-79", "cwe:80"]}}, {}, (79, 80)),
        ({"properties": {"tags": "cwe-1"}}, {}, (1,)),
        ({"properties": {"tags": [5, None, {"a": 1}], "cwe": 7}}, {}, ()),
        (
            {"relationships": [{"target": {"id": "22", "toolComponent": {"name": "CWE"}}}]},
            {},
            (22,),
        ),
        ({"relationships": [{"target": {"id": "22", "toolComponent": {"name": "X"}}}]}, {}, ()),
        ({}, {"taxa": [{"id": "CWE-611"}]}, (611,)),
        ({}, {"taxa": [{"id": "611", "toolComponent": {"name": "cwe_v4.4"}}]}, (611,)),
        ({}, {"properties": {"tags": ["CWE-5"]}}, (5,)),
        ({"properties": {"cwe": "CWE-5"}}, {"properties": {"tags": ["cwe/5", "CWE-6"]}}, (5, 6)),
    ],
)
def test_weaknesses_are_found_wherever_tools_write_them(
    rule: dict[str, Any], said: dict[str, Any], cwes: tuple[int, ...], tmp_path: Path
) -> None:
    data = log(result(**said), driver={"rules": [{"id": "R1", **rule}]})
    assert sighting(data, tmp_path).cwes == cwes


def with_snippet(text: str, **more: Any) -> dict[str, Any]:
    """A result that shows its place."""
    one = result(**more)
    one["locations"][0]["physicalLocation"]["region"]["snippet"] = {"text": text}
    return one


@pytest.mark.parametrize(
    ("tool", "rule"),
    [
        ("gitleaks", {"id": "aws-access-token"}),
        ("detect-secrets", {"id": "Secret Keyword"}),
        ("Trivy", {"id": "aws-access-key-id", "properties": {"tags": ["secret", "security"]}}),
        ("Semgrep OSS", {"id": "generic.secrets.security.detected-github-token"}),
        ("Checkov", {"id": "CKV_SECRET_6"}),
        ("CodeQL", {"id": "py/x", "properties": {"tags": ["external/cwe/cwe-798"]}}),
        ("Bandit", {"id": "B105"}),
    ],
)
def test_the_place_of_a_secret_is_not_shown(
    tool: str, rule: dict[str, Any], tmp_path: Path
) -> None:
    one = with_snippet("key = 'open sesame'", ruleId=rule["id"])
    found = sighting(log(one, driver={"name": tool, "rules": [rule]}), tmp_path)
    assert (found.secret, found.snippet) == (True, "")


@pytest.mark.parametrize(
    ("tool", "snippet", "message", "shown"),
    [
        ("Bandit", "k = 'sesame'", "Hardcoded password: 'sesame'", "Hardcoded password: '****'"),
        ("gitleaks", "sesame", "Found sesame in a file", "Found **** in a file"),
        ("gitleaks", "", "Found \"sesame\" here, and 'rice'", "Found \"****\" here, and '****'"),
        ("gitleaks", "rice", "The rule `generic` found it", "The rule `generic` found it"),
    ],
)
def test_a_message_does_not_quote_the_secret(
    tool: str, snippet: str, message: str, shown: str, tmp_path: Path
) -> None:
    one = with_snippet(snippet, ruleId="B105", message={"text": message})
    assert sighting(log(one, driver={"name": tool}), tmp_path).message == shown


def test_what_is_no_secret_is_shown(tmp_path: Path) -> None:
    found = sighting(log(with_snippet("\n  eval(x)\n")), tmp_path)
    assert (found.secret, found.snippet) == (False, "  eval(x)")


@pytest.mark.parametrize(
    ("suppressions", "reason"),
    [
        ([], ""),
        ([{"kind": "inSource"}], "suppressed in the source, without a reason"),
        ([{"kind": "external"}], "suppressed outside of the source, without a reason"),
        ([{"kind": "inSource", "justification": "ours\nalone"}], "ours alone"),
        ([{"kind": "inSource", "status": "accepted", "justification": "fine"}], "fine"),
        ([{"kind": "external", "status": "underReview", "justification": "fine"}], ""),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], ""),
    ],
)
def test_a_suppression_counts_unless_it_is_rejected_or_under_review(
    suppressions: list[dict[str, Any]], reason: str, tmp_path: Path
) -> None:
    assert sighting(log(result(suppressions=suppressions)), tmp_path).suppressed == reason


GONE: dict[str, Any] = {"locations": []}
HASHES = ("3f1c0a9be27d4466", "77aa0a9be27d4466")


def test_what_is_in_a_file_needs_no_identity(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x\n")
    prints = {"primaryLocationLineHash": HASHES[0]}
    assert sighting(log(result(partialFingerprints=prints)), tmp_path).identity == ""


def test_a_package_or_resource_is_known_by_its_name(tmp_path: Path) -> None:
    named = [{"logicalLocations": [{"name": "b", "fullyQualifiedName": "a.b"}]}]
    assert sighting(log(result(locations=named)), tmp_path).identity == "a.b"
    image = result("library/alpine", 1)
    image["locations"][0]["message"] = {"text": "library/alpine: musl@1.1.22"}
    assert sighting(log(image), tmp_path).identity == "library/alpine: musl@1.1.22"


def test_a_fingerprint_counts_only_where_no_other_result_has_it(tmp_path: Path) -> None:
    two = [result(**GONE, partialFingerprints={"primaryLocationLineHash": h}) for h in HASHES]
    assert [one.identity for one in scan(log(*two), tmp_path).sightings] == list(HASHES)
    same = scan(log(two[0], two[0], two[1]), tmp_path)
    assert [one.identity for one in same.sightings] == ["", "", HASHES[1]]


@pytest.mark.parametrize(
    "prints",
    [
        {"fingerprints": {"matchBasedId/v1": "requires login"}},
        {"partialFingerprints": {"author": "somebody", "date": "2026-03-01"}},
        {"partialFingerprints": {"commitSha": "0123456789abcdef0123"}},
        {"partialFingerprints": {"primaryLocationLineHash": 5}},
        {"partialFingerprints": {"primaryLocationLineHash": ""}},
    ],
)
def test_what_is_no_fingerprint_is_no_identity(prints: dict[str, Any], tmp_path: Path) -> None:
    assert sighting(log(result(**GONE, **prints)), tmp_path).identity == ""
