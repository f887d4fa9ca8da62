import json

import pytest

from buildsteps.results import Outcome
from buildsteps.steps.signing.cluster.cases import dry_run_cases
from buildsteps.steps.signing.cluster.dry_run import Answer, read_dry_run
from buildsteps.steps.signing.inputs.interface import Input

DENIED = """\
Error from server: error when creating "pod.yaml": admission webhook "validate.kyverno.svc-fail" \
denied the request:

resource Pod/test-notation/test was blocked due to the following policies

check-images:
  call-aws-signer-extension: 'failed to verify container demo: failed to verify
    image 111122223333.dkr.ecr.us-west-2.amazonaws.com/demo:v1: no signature is associated'
"""
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}


def read(text: str) -> tuple[Answer, ...]:
    return read_dry_run(Input("answer", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(POD, indent=4),
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD]}),
        json.dumps(POD) + "\n" + json.dumps(POD),
    ],
)
def test_an_object_that_comes_back_would_be_admitted(text: str) -> None:
    assert {(one.resource, one.admitted) for one in read(text)} == {("Pod shop/web", True)}


def test_kubectls_own_lines_are_read() -> None:
    text = "pod/test created (server dry run)\ndeployment.apps/web configured (server dry run)\n"
    assert [one.resource for one in read(text)] == ["pod/test", "deployment.apps/web"]


@pytest.mark.parametrize("around", [("", ""), (json.dumps(POD, indent=1) + "\n", ""),
                                    ("", json.dumps(POD, indent=1))])  # fmt: skip
def test_a_denial_is_told_with_the_image_the_webhook_and_its_words(
    around: tuple[str, str],
) -> None:
    answers = [one for one in read(around[0] + DENIED + around[1]) if not one.admitted]
    assert [(one.resource, one.webhook, one.denied) for one in answers] == [
        ("Pod test-notation/test", "validate.kyverno.svc-fail", True)
    ]
    (case,) = dry_run_cases(answers)
    assert case.name == "111122223333.dkr.ecr.us-west-2.amazonaws.com/demo:v1"
    assert case.outcome is Outcome.FAILED
    assert case.message == "Pod test-notation/test would be denied by validate.kyverno.svc-fail"
    assert "no signature is associated" in case.detail
    assert len(read(around[0] + DENIED + around[1])) == 1 + bool(around[0] or around[1])


def test_a_denial_of_the_api_itself_is_read() -> None:
    message = "ValidatingAdmissionPolicy 'signed' with binding 'all' denied request: no"
    status = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": message}
    (answer,) = read(json.dumps(status))
    assert (answer.denied, answer.webhook) == (True, "ValidatingAdmissionPolicy 'signed'")
    (case,) = dry_run_cases([answer])
    assert case.message == "the manifests would be denied by ValidatingAdmissionPolicy 'signed'"


@pytest.mark.parametrize(
    "text",
    [
        "Unable to connect to the server: dial tcp 127.0.0.1:6443: connect: connection refused\n",
        "Error from server (InternalError): Internal error occurred: failed calling webhook "
        '"mutate.kyverno.svc-fail": context deadline exceeded\n',
        'Error from server (Forbidden): pods is forbidden: User "x" cannot create resource\n',
    ],
)
def test_a_cluster_that_did_not_judge_is_an_error_of_the_world(text: str) -> None:
    (case,) = dry_run_cases(read(text))
    assert (case.outcome, case.cause) == (Outcome.ERROR, "world")
    assert case.message == f"the cluster did not judge it: {text.strip()}"


def test_what_kubectl_says_by_the_way_is_no_answer() -> None:
    text = "Warning: resource pods/web lacks an annotation\nW0301 12:00:00.1 1 x.go:1] hm\n"
    assert [one.resource for one in read(text + json.dumps(POD))] == ["Pod shop/web"]


def test_silence_is_no_answer() -> None:
    assert read("") == read("\n \n") == read("null") == read("{}") == ()
