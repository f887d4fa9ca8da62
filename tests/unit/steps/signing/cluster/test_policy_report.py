import json

import pytest

from buildsteps.results import Cause, Outcome
from buildsteps.steps.signing.cluster.cases import policy_cases
from buildsteps.steps.signing.cluster.policy_report import (
    PolicyReports,
    images_in,
    read_policy_reports,
)
from buildsteps.steps.signing.inputs.interface import Input

KYVERNO = """\
apiVersion: wgpolicyk8s.io/v1alpha2
kind: PolicyReport
metadata: {name: b851, namespace: keda}
results:
  - message: >-
      unverified image
      registry.example.com/keda/webhooks:2.14.0
    policy: verify-image-signature
    rule: check
    result: fail
    scored: true
    severity: medium
    source: kyverno
    timestamp: {nanos: 0, seconds: 1723543995}
  - {policy: other, rule: r, result: pass, message: all is well}
scope: {apiVersion: v1, kind: Pod, name: webhooks-1, namespace: keda}
summary: {error: 0, fail: 1, pass: 1, skip: 0, warn: 0}
"""


def read(text: str) -> PolicyReports:
    return read_policy_reports(Input("report.yaml", text.encode()))


def test_a_case_is_an_image_where_the_message_names_it_else_the_resource() -> None:
    cases = policy_cases(read(KYVERNO))
    assert [(case.name, case.outcome, case.message) for case in cases] == [
        (
            "registry.example.com/keda/webhooks:2.14.0 by verify-image-signature check",
            Outcome.FAILED,
            "Pod keda/webhooks-1: unverified image registry.example.com/keda/webhooks:2.14.0 "
            "(verify-image-signature check)",
        ),
        ("Pod keda/webhooks-1 by other r", Outcome.PASSED, "all is well (other r)"),
    ]


@pytest.mark.parametrize(
    ("report", "resource", "message"),
    [
        (
            {
                "apiVersion": "openreports.io/v1alpha1",
                "kind": "Report",
                "metadata": {"name": "r", "namespace": "n"},
                "results": [
                    {
                        "policy": "p",
                        "result": "fail",
                        "description": "said so",
                        "subjects": [{"kind": "Pod", "name": "a"}],
                    }
                ],
            },
            "Pod n/a",
            "said so",
        ),
        (
            {
                "apiVersion": "wgpolicyk8s.io/v1beta1",
                "kind": "ClusterPolicyReport",
                "metadata": {"name": "cluster"},
                "results": [{"policy": "p", "status": "Fail", "message": "old field"}],
            },
            "ClusterPolicyReport cluster",
            "old field",
        ),
    ],
)
def test_every_version_of_a_report_is_read(
    report: dict[str, object], resource: str, message: str
) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [report, {"kind": "Pod"}]}
    found = read(json.dumps(listed))
    assert found.reports == 1
    assert [(one.resource, one.message, one.result) for one in found.results] == [
        (resource, message, "fail")
    ]


@pytest.mark.parametrize(
    ("result", "outcome", "cause"),
    [
        ("pass", Outcome.PASSED, None),
        ("fail", Outcome.FAILED, None),
        ("warn", Outcome.FAILED, None),
        ("skip", Outcome.SKIPPED, None),
        ("error", Outcome.ERROR, Cause.WORLD),
        ("perhaps", Outcome.ERROR, Cause.SUBJECT),
        ("", Outcome.ERROR, Cause.SUBJECT),
    ],
)
def test_every_result_is_an_outcome(result: str, outcome: Outcome, cause: Cause | None) -> None:
    text = KYVERNO.replace("result: fail", f"result: '{result}'")
    case = policy_cases(read(text))[0]
    assert (case.outcome, case.cause) == (outcome, cause)


def test_warnings_pass_where_that_is_wished() -> None:
    found = read(KYVERNO.replace("result: fail", "result: warn"))
    assert policy_cases(found, warnings_pass=True)[0].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("message", "images"),
    [
        ("failed to verify image ghcr.io/a/b:v1: no signatures", ["ghcr.io/a/b:v1"]),
        ("verified image signatures for ghcr.io/a/b:v1, h:5000/c", ["ghcr.io/a/b:v1", "h:5000/c"]),
        ('image "localhost/x" and (ghcr.io/y).', ["localhost/x", "ghcr.io/y"]),
        ("rule at path /spec/containers/0/image and/or spec.a/b", ["spec.a/b"]),
        ("see https://kyverno.io/docs and nginx", []),
    ],
)
def test_images_are_found_in_sentences(message: str, images: list[str]) -> None:
    assert [str(one) for one in images_in(message)] == images


def test_a_resource_for_each_of_the_entry_makes_a_result_each() -> None:
    text = """\
apiVersion: wgpolicyk8s.io/v1alpha2
kind: PolicyReport
results:
  - policy: p
    result: pass
    resources: [{kind: Pod, name: a, namespace: n}, {kind: Pod, name: b, namespace: n}]
"""
    assert [one.resource for one in read(text).results] == ["Pod n/a", "Pod n/b"]


def test_other_files_hold_no_report() -> None:
    assert read("apiVersion: v1\nkind: Pod\n").reports == 0
    assert read("").reports == 0
