import json
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.security_hub.asff import MOST_PLACES, Scope, Stamp, asff, with_ids
from buildsteps.steps.scan.security_hub.batches import MOST_BYTES_EACH, size_of
from buildsteps.steps.scan.security_hub.earlier import archived, later_than
from buildsteps.steps.scan.security_hub.hub import Hub
from buildsteps.steps.scan.security_hub.repository import Repository
from tests.loopback_aws.validation import violations

HUB = Hub(partition="aws", region="eu-central-1", account="123456789012")
SHOP = Scope(Repository("https://github.com/shop/orders", "shop/orders", "GITHUB"), "nightly")
MOMENTS = {"CreatedAt": "2026-03-01T12:00:00.000Z", "UpdatedAt": "2026-03-02T12:00:00.000Z"}
SHAPE = (
    botocore.session.get_session().get_service_model("securityhub").shape_for("AwsSecurityFinding")
)
FINDING = Finding(
    rule="B602",
    title="subprocess with shell",
    severity=Severity.HIGH,
    message="shell=True, a security issue",
    help="https://bandit.readthedocs.io/b602",
    fix="Use a list of arguments.",
    cwes=(78,),
    engines=("bandit", "ruff"),
    aliases=("S602",),
    fingerprint="f1",
    snippet="   5 | call(password, shell=True)",
    locations=(Location("src/shop/run.py", 5, 1, 7, 2), Location("src/shop/b.py")),
)


def made(finding: Finding) -> dict[str, Any]:
    return asff("buildsteps/1", finding, SHOP, HUB, MOMENTS)


def test_a_finding_in_asff_is_this() -> None:
    assert made(FINDING) == {
        "SchemaVersion": "2018-10-08",
        "Id": "buildsteps/1",
        "ProductArn": "arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default",
        "GeneratorId": "buildsteps/scan/B602",
        "AwsAccountId": "123456789012",
        "CreatedAt": "2026-03-01T12:00:00.000Z",
        "UpdatedAt": "2026-03-02T12:00:00.000Z",
        "Title": "B602: subprocess with shell",
        "Description": "src/shop/run.py:5:1: shell=True, a security issue",
        "FindingProviderFields": {
            "Severity": {"Label": "HIGH", "Original": "high"},
            "Types": ["Software and Configuration Checks/Vulnerabilities"],
        },
        "Remediation": {
            "Recommendation": {
                "Text": "Use a list of arguments.",
                "Url": "https://bandit.readthedocs.io/b602",
            }
        },
        "ProductFields": {
            "buildsteps/scan": "https://github.com/shop/orders#nightly",
            "buildsteps/engines": "bandit,ruff",
            "buildsteps/fingerprint": "f1",
        },
        "Resources": [
            {
                "Type": "CodeRepository",
                "Id": "https://github.com/shop/orders",
                "Partition": "aws",
                "Region": "eu-central-1",
                "Details": {
                    "CodeRepository": {"ProjectName": "shop/orders", "ProviderType": "GITHUB"}
                },
            }
        ],
        "Vulnerabilities": [
            {
                "Id": "B602",
                "CodeVulnerabilities": [
                    {
                        "FilePath": {
                            "FileName": "run.py",
                            "FilePath": "src/shop/run.py",
                            "StartLine": 5,
                            "EndLine": 7,
                        },
                        "Cwes": ["CWE-78"],
                    },
                    {
                        "FilePath": {"FileName": "b.py", "FilePath": "src/shop/b.py"},
                        "Cwes": ["CWE-78"],
                    },
                ],
                "ReferenceUrls": ["https://bandit.readthedocs.io/b602"],
            }
        ],
        "GeneratorDetails": {"Name": "subprocess with shell", "Labels": ["bandit", "ruff"]},
        "RecordState": "ACTIVE",
    }


def test_no_line_of_source_is_sent() -> None:
    assert "call(password" not in json.dumps(made(FINDING))


@pytest.mark.parametrize(
    ("severity", "label"),
    [
        (Severity.CRITICAL, "CRITICAL"),
        (Severity.HIGH, "HIGH"),
        (Severity.MEDIUM, "MEDIUM"),
        (Severity.LOW, "LOW"),
        (Severity.INFO, "INFORMATIONAL"),
    ],
)
def test_severities_have_the_words_of_the_service(severity: Severity, label: str) -> None:
    finding = Finding(rule="CVE-2026-1", severity=severity, message="m", engines=("ecr",))
    found = made(finding)["FindingProviderFields"]
    assert found["Severity"]["Label"] == label
    assert found["Types"] == ["Software and Configuration Checks/Vulnerabilities/CVE"]


TEXTS = st.text(alphabet=st.characters(), max_size=40) | st.sampled_from(
    ["", " ", "\n", "ä" * 900, "\U0001f600" * 600, "http://x/" + "y" * 700, "https://x y", "\0"]
)
PLACES = st.builds(
    Location,
    path=TEXTS,
    line=st.none() | st.integers(1, 9**9),
    end_line=st.none() | st.integers(0, 9**9),
)
FINDINGS = st.builds(
    Finding,
    rule=TEXTS,
    severity=st.sampled_from(Severity),
    message=TEXTS,
    title=TEXTS,
    help=TEXTS,
    fix=TEXTS,
    fingerprint=TEXTS,
    cwes=st.lists(st.integers(1, 2000), max_size=30).map(tuple),
    engines=st.lists(TEXTS, max_size=30).map(tuple),
    locations=st.lists(PLACES, max_size=2 * MOST_PLACES).map(tuple),
)


@given(FINDINGS)
def test_whatever_a_finding_holds_the_service_takes_it(finding: Finding) -> None:
    found = made(finding)
    assert violations(found, SHAPE, strict=True) == []
    assert size_of(found) <= MOST_BYTES_EACH
    for name, most in {"Title": 256, "Description": 1024, "GeneratorId": 512, "Id": 512}.items():
        assert len(found[name].encode()) <= most
    assert len(found["GeneratorDetails"].get("Labels", ())) <= 10
    for name, value in found["ProductFields"].items():
        assert len(name) <= 128
        assert 0 < len(value.encode()) <= 2048
    there = {**found, "Severity": {"Label": "HIGH"}, "Workflow": {"Status": "NEW"}}
    gone = archived(there, Stamp(0))
    assert violations(gone, SHAPE, strict=True) == []
    assert gone.keys() == found.keys()
    assert {**gone, "RecordState": "ACTIVE", "UpdatedAt": found["UpdatedAt"]} == found


def test_ids_stay_the_same_and_differ_by_scan_fingerprint_and_number() -> None:
    ids = list(with_ids([FINDING, FINDING], SHOP))
    assert len(set(ids)) == 2
    assert ids == list(with_ids([FINDING, FINDING], SHOP))
    assert ids[0] == next(iter(with_ids([FINDING], SHOP)))
    assert not set(ids) & set(with_ids([FINDING, FINDING], Scope(SHOP.repository)))
    assert all(len(one) <= 512 for one in ids)


@given(st.floats(1, 4e9), st.integers(-5, 5))
def test_an_update_is_later_than_what_is_there(now: float, ahead: int) -> None:
    there = str(Stamp(now + ahead))
    assert str(later_than({"UpdatedAt": there}, now)) > there
    assert str(later_than(None, now)) == str(Stamp(now))


@pytest.mark.parametrize(
    ("there", "next_one"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.001Z"),
        ("2026-03-01T13:00:00.5+01:00", "2026-03-01T12:00:00.501Z"),
        ("2026-03-01T12:00:00.123456Z", "2026-03-01T12:00:00.124Z"),
        ("yesterday", "1970-01-01T00:00:00.001Z"),
    ],
)
def test_moments_of_any_form_are_understood(there: str, next_one: str) -> None:
    assert str(later_than({"UpdatedAt": there}, 0)) == next_one
