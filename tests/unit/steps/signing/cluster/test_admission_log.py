import pytest

from buildsteps.errors import UsageError
from buildsteps.results import Outcome
from buildsteps.steps.signing.cluster.admission_log import Admission, read_admission_log
from buildsteps.steps.signing.cluster.cases import admission_cases
from buildsteps.steps.signing.inputs.interface import Input

DIGEST = "sha256:" + "0123456789abcdef" * 4
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
TIME = "2026-03-01T12:00:00.000Z"
UNSIGNED = f'no signature is associated with "{ECR}/web@{DIGEST}", make sure it was signed'


def read(*lines: str) -> tuple[Admission, ...]:
    return read_admission_log(Input("controller.log", "\n".join(lines).encode()))


def console(message: str, level: str = "INFO") -> str:
    return f"{TIME}\t{level}\tverifier/verify.go:310\t{message}"


def told(*lines: str) -> list[tuple[str, str, str]]:
    return [(str(one.reference), one.outcome, one.reason) for one in read(*lines)]


def test_verified_and_refused_images_are_told_apart() -> None:
    log = (
        'Defaulted container "kyverno-notation-aws" out of: kyverno-notation-aws, kube-notation',
        f'{TIME}\tINFO\tkyverno-notation-aws/verify.go:65\tinitialized\t{{"secrets": "regcred"}}',
        console(f"successfully verified image {ECR}/web:1 digest {DIGEST}"),
        console(f"verification failed for image {ECR}/api:2: {UNSIGNED}", "ERROR"),
        console(
            f"Verification failed with error failed to verify container api: failed to verify "
            f"image {ECR}/api:2: {UNSIGNED}",
            "ERROR",
        ),
        console(f"Image reference has been skipped in the trust policy, image={ECR}/proxy:3"),
    )
    assert told(*log) == [
        (f"{ECR}/web:1", "verified", ""),
        (f"{ECR}/api:2", "failed", UNSIGNED),
        (f"{ECR}/proxy:3", "skipped", ""),
    ]
    cases = admission_cases(read(*log), "controller.log")
    assert [(case.outcome, str(case.locations[0])) for case in cases] == [
        (Outcome.PASSED, "controller.log:3"),
        (Outcome.FAILED, "controller.log:5"),
        (Outcome.SKIPPED, "controller.log:6"),
    ]
    assert cases[0].message == f"the controller verified it as {DIGEST}"
    assert cases[1].message == f"the controller refused it: {UNSIGNED}"


@pytest.mark.parametrize(
    "line",
    [
        f"verification failed for image {{{{{ECR} web team/web v1 }} /spec/x/0/image}}: why",
        f"verification failed for image {{{{{ECR} web team/web v1  a b}} /spec/x}}: why",
        f"verification failed for image {ECR}/team/web:v1: why",
        "failed to verify container web: failed to verify image "
        f"{{{{{ECR} web team/web v1 }} /spec/containers/0/image}}: why",
        f"failed to verify init container web: failed to verify image {ECR}/team/web:v1: why",
        "Verification failed with error failed to verify ephemeral container: web: "
        f"failed to verify image {ECR}/team/web:v1: why",
    ],
)
def test_every_version_of_the_controller_is_understood(line: str) -> None:
    assert told(console(line, "ERROR")) == [(f"{ECR}/team/web:v1", "failed", "why")]


@pytest.mark.parametrize(
    "line",
    [
        console(f"successfully verified image {ECR}/web:1 digest {DIGEST}"),
        console(f"successfully verified image {ECR}/web:1 digest {DIGEST}").replace("\t", "    "),
        console(f"successfully verified image {ECR}/web:1 digest {DIGEST}") + "\r",
        f"[pod/x/y] {console(f'successfully verified image {ECR}/web:1 digest {DIGEST}')}",
        f"{TIME} stdout F {console(f'successfully verified image {ECR}/web:1 digest {DIGEST}')}",
        f'{{"level":"info","msg":"successfully verified image {ECR}/web:1 digest {DIGEST}"}}',
        f'[pod/x/y] {{"M":"successfully verified image {ECR}/web:1 digest {DIGEST}"}}',
        console(f"Entry for the image found in cache, skipping image={ECR}/web:1; trustpolicy=tp"),
        console(f"Reference present in the annotation, skipping {ECR}/web:1"),
    ],
)
def test_lines_are_read_however_they_were_fetched(line: str) -> None:
    assert told(line) == [(f"{ECR}/web:1", "verified", "")]


def test_the_latest_word_on_an_image_counts() -> None:
    good = console(f"successfully verified image {ECR}/web:1 digest {DIGEST}")
    bad = console(f"verification failed for image {ECR}/web:1: expired", "ERROR")
    assert [one.outcome for one in read(good, bad)] == ["failed"]
    assert [one.outcome for one in read(bad, good)] == ["verified"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "successfully verified image x/y digest nothing",
        console(f"verifying image {ECR}/web:1"),
        console("verified map[web:%!d(string=x)] containers "),
        console(f"Verification failed x\tsuccessfully verified image x/y digest {DIGEST}"),
        console(f'odd {{"msg": "successfully verified image x/y digest {DIGEST}"}}'),
        console("verification failed for image --key: x"),
        '{"msg": ["successfully"]}',
        "{" * 500,
        'I0908 10:25:51 imageVerify.go:292] "msg"="image verification succeeded"',
    ],
)
def test_other_lines_are_passed_over(line: str) -> None:
    assert read(line) == ()


def test_a_binary_log_is_told() -> None:
    with pytest.raises(UsageError, match="is binary, not text"):
        read_admission_log(Input("log", b"\0"))
