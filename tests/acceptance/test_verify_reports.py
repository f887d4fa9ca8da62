"""``verify --policy-report`` and ``--admission-log``: they need no trust and no notation."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, buildsteps

DIGEST = "sha256:" + "0123456789abcdef" * 4
PREFIX = "2026-03-01T12:00:00.000Z\t{}\tverifier/verify.go:100\t"
VERIFIED = PREFIX.format("INFO") + "successfully verified image r.test/web:1 digest " + DIGEST
REFUSED = PREFIX.format("ERROR") + "verification failed for image r.test/bad:1: no signature"


def report(*results: dict[str, Any]) -> str:
    return json.dumps(
        {
            "apiVersion": "wgpolicyk8s.io/v1alpha2",
            "kind": "PolicyReport",
            "metadata": {"name": "r", "namespace": "shop"},
            "results": [{"policy": "check-images", **one} for one in results],
        }
    )


PASS = {"result": "pass", "resources": [{"kind": "Pod", "name": "web", "namespace": "shop"}]}
FAIL = {"result": "fail", "message": "failed to verify image r.test/bad:1: no signature"}


@pytest.fixture
def verify(tmp_path: Path) -> Any:
    """Run in a machine without notation, kubectl and trust; a file is named with its content."""
    (tmp_path / "no-programs").mkdir()
    environ = {
        "PATH": str(tmp_path / "no-programs"),
        "BUILDSTEPS_HOME": str(tmp_path / "home"),
        "NOTATION_CONFIG": str(tmp_path / "none"),
    }

    def run(*arguments: str, stdin: str = "", **files: str) -> Ran:
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        return buildsteps("verify", *arguments, cwd=tmp_path, environ=environ, stdin=stdin)

    return run


def test_policy_reports_are_judged_without_trust_and_without_notation(verify: Any) -> None:
    files = {"one": report(PASS), "two": report(FAIL)}
    ran = verify("--policy-report", "one", "--policy-report", "two", "--format", "json", **files)
    assert ran.code == 1
    assert ran.cases("passed") == [("policy reports", "Pod shop/web by check-images")]
    assert ran.cases("failed") == [("policy reports", "r.test/bad:1 by check-images")]
    assert "one: 1 policy report, 1 result" in ran.report["notes"]
    assert verify("--policy-report", "one").code == 0


def test_standard_input_can_be_a_report_or_a_log(verify: Any) -> None:
    assert verify("--policy-report", "-", stdin=report(PASS)).code == 0
    assert verify("--admission-log", "-", stdin=VERIFIED).code == 0
    ran = verify("--policy-report", "-", "--admission-log", "-", stdin=VERIFIED)
    assert ran.code == 2
    assert "standard input can be read once" in ran.err


def test_the_log_of_the_controller_is_judged_with_its_lines(verify: Any) -> None:
    log = f"noise\n{VERIFIED}\n{REFUSED}\n"
    ran = verify("--admission-log", "log", "--format", "json", log=log)
    assert ran.code == 1
    (failed,) = [one for one in ran.report["cases"] if one["outcome"] == "failed"]
    assert failed["message"] == "the controller refused it: no signature"
    assert failed["locations"] == [{"path": "log", "line": 3}]


def test_an_image_in_a_report_can_be_exempt(verify: Any) -> None:
    accept = [{"rule": "policy-fail", "image": "r.test/bad", "reason": "goes next week"}]
    accept.append({"rule": "refused", "image": "r.test/bad", "reason": "goes next week"})
    config = {"buildsteps.yaml": json.dumps({"accept": accept})}
    both = report(PASS, FAIL)
    assert verify("--policy-report", "one", one=both, **config).code == 0
    ran = verify("--admission-log", "log", "--format", "json", log=f"{VERIFIED}\n{REFUSED}\n")
    assert ran.code == 0
    assert ran.rules() == []  # the other acceptance is for another run


@pytest.mark.parametrize(
    "content", ["", "hello", "{}", "kind: PolicyReport", report(), '{"kind": "List", "items": []}']
)
def test_a_report_without_results_is_not_green(verify: Any, content: str) -> None:
    ran = verify("--policy-report", "empty", empty=content)
    assert ran.code == 2
    assert "nothing was judged: no result of a PolicyReport in empty" in ran.out
    beside = ("--policy-report", "empty", "--policy-report", "one")
    ran = verify(*beside, one=report(PASS))
    assert ran.code == 1
    assert "no result of a PolicyReport in empty" in ran.out
    assert verify(*beside, "--allow-empty").code == 0


@pytest.mark.parametrize("content", ["", "nothing here\n", "\n" * 1000, VERIFIED.replace("\t", "")])
def test_a_log_that_says_nothing_is_not_green(verify: Any, content: str) -> None:
    ran = verify("--admission-log", "log", log=content)
    assert ran.code == 2
    assert "kyverno-notation-aws says nothing of an image in log" in ran.out


@pytest.mark.parametrize(
    ("arguments", "content", "told"),
    [
        (("--policy-report", "missing"), "", "missing: cannot be read"),
        (("--admission-log", "missing"), "", "missing: cannot be read"),
        (("--policy-report", "file"), "{]", "file:1:2"),
        (("--policy-report", "file"), "\0", "file: is binary, not text"),
        (("--admission-log", "file"), "\0", "file: is binary, not text"),
        (("--policy-report", "file", "--saved", "x"), "", "--saved says more about --cluster"),
        (("--policy-report", "file", "--write-digests"), "", "writes into a file of --from"),
        (("--policy-report", "file", "--cluster"), report(PASS), "nobody is trusted"),
    ],
)
def test_a_wrong_call_about_reports_is_told(
    verify: Any, arguments: tuple[str, ...], content: str, told: str
) -> None:
    ran = verify(*arguments, file=content)
    assert ran.code == 2
    assert told in ran.err
    assert ran.out == ""
