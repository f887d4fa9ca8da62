from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.signatures.choice import confirm, wanted_of
from buildsteps.steps.signing.signatures.deletion import Chosen, Wanted
from buildsteps.steps.signing.signatures.envelope import Claims
from buildsteps.steps.signing.signatures.options import DeleteOptions
from buildsteps.steps.signing.signatures.revoking import Job, job_of
from buildsteps.steps.signing.signatures.stored import StoredSignature
from tests.world_double import fake_world

DIGEST = f"sha256:{'a' * 64}"
IMAGE = parse_reference(f"registry.example/web@{DIGEST}")
JOB = "arn:aws:signer:eu-central-1:111122223333:/signing-jobs/9a8b-7c"
SIGNATURE = StoredSignature(
    digest=f"sha256:{'b' * 64}", claims=Claims(subject="CN=us", job=JOB, digest=DIGEST)
)


def chosen(folder: Path) -> list[Chosen]:
    registry = Registries(fake_world(folder)).of(IMAGE)
    return [Chosen("registry.example/web:v1", IMAGE, registry, SIGNATURE)]


@pytest.mark.parametrize("answer", ["y", "YES", "Yes"])
def test_the_question_names_what_would_be_gone_and_yes_goes_on(answer: str, tmp_path: Path) -> None:
    asked: list[str] = []
    world = fake_world(tmp_path, ask=lambda question: asked.append(question) or answer)  # type: ignore[func-returns-value]
    confirm(chosen(tmp_path), Wanted(reason="lost"), world)
    (question,) = asked
    assert SIGNATURE.digest in question
    assert "  signer   CN=us\n" in question
    assert "is not verified here" in question
    assert question.endswith("Revoke and delete 1 signature; what is revoked stays revoked? [y/N] ")


@pytest.mark.parametrize("answer", ["", "n", "no", "yess", "ye s"])
def test_anything_else_is_no(answer: str, tmp_path: Path) -> None:
    world = fake_world(tmp_path, ask=lambda _question: answer)
    with pytest.raises(UsageError, match="nobody said yes: nothing was done"):
        confirm(chosen(tmp_path), Wanted(), world)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (DeleteOptions(yes=True), "either --digest or --all"),
        (DeleteOptions(yes=True, all=True, digest=(DIGEST,)), "either --digest or --all"),
        (DeleteOptions(yes=True, images=("a/b", "c/d"), digest=(DIGEST,)), "one IMAGE at a time"),
        (
            DeleteOptions(yes=True, all=True, revoke=True, revoke_only=True, reason="x"),
            "exclude each other",
        ),
        (DeleteOptions(yes=True, all=True, revoke=True, reason=" "), "revoking wants --reason"),
        (DeleteOptions(yes=True, all=True, revoke=True, reason="x" * 501), "longer than the 500"),
        (DeleteOptions(all=True), "nobody can be asked here"),
    ],
)
def test_a_contradiction_is_one_sentence(options: DeleteOptions, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        wanted_of(options, may_ask=False)


def test_revoking_alone_keeps_the_signature() -> None:
    options = DeleteOptions(yes=True, all=True, revoke_only=True, reason="lost")
    wanted = wanted_of(options, may_ask=False)
    assert (wanted.delete, wanted.reason, wanted.words) == (False, "lost", "revoked")


def test_the_job_is_read_from_its_arn() -> None:
    assert job_of(SIGNATURE, IMAGE) == Job("9a8b-7c", "111122223333", "eu-central-1")


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        (Claims(job=JOB, digest=f"sha256:{'c' * 64}"), "it speaks of another image"),
        (Claims(job="", digest=DIGEST), "it names no signing job of AWS Signer"),
        (Claims(job=f"{JOB}/../x", digest=DIGEST), "it names no signing job of AWS Signer"),
        (None, "it cannot be revoked: unread"),
    ],
)
def test_what_cannot_be_revoked_is_told(claims: Claims | None, sentence: str) -> None:
    signature = StoredSignature(digest=DIGEST, claims=claims, problem="unread")
    with pytest.raises(UsageError, match=sentence):
        job_of(signature, IMAGE)
