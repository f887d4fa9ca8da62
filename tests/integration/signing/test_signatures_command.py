"""``buildsteps signatures`` as a user runs it, on real signatures in real registries."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.command_line import Ran, buildsteps, clean_environment
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.ecr import Ecr
from tests.loopback_aws.services.signer import Profile, Signer
from tests.real_parts import signatures
from tests.real_parts.certificates import chain
from tests.real_parts.faulty_registry import faulty_registry
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome
from tests.real_parts.signer_plugin import NAME

UNVERIFIED = "what a signature says of itself is not verified here"


def run(
    folder: Path, *arguments: str, image: Image | None = None, aws: LoopbackAws | None = None
) -> Ran:
    """Run the command in an empty home, with the image's registry named as insecure."""
    environ = {"HOME": str(folder), **(aws.environment() if aws else {})}
    insecure = ["--insecure-registry", image.repository.split("/")[0]] if image else []
    return buildsteps("signatures", *arguments, *insecure, cwd=folder, environ=environ)


def listed(folder: Path, image: Image) -> list[dict[str, Any]]:
    ran = run(folder, "list", image.reference, "--format", "json", image=image)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["images"][0]["signatures"]
    return found


@pytest.fixture
def signed(any_repository: Repository, notation_home: NotationHome) -> Image:
    """An image with two signatures, in each of both registries."""
    image = any_repository.push_image(tag="v1")
    for name in ("first", "second"):
        notation_home.sign_locally(image.reference, chain(name), "--force-referrers-tag=false")
    return image


def test_the_list_shows_each_signature_and_that_nothing_is_verified(
    signed: Image, tmp_path: Path
) -> None:
    ran = run(tmp_path, "list", signed.tagged, image=signed)
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{signed.reference} ({signed.tagged})\n  2 signatures\n")
    assert ran.out.count("    signer   CN=first") == 1
    assert ran.out.count("    signer   CN=second") == 1
    assert ran.out.count("    stored   application/jose+json, ") == 2
    assert UNVERIFIED in ran.out
    assert "another one" not in ran.out


def test_the_list_for_machines_keeps_apart_what_is_unverified(
    signed: Image, tmp_path: Path
) -> None:
    for signature in listed(tmp_path, signed):
        assert signature["problem"] == ""
        assert signature["size"] > 1000
        assert signature["unverified"]["image_digest"] == signed.digest
        assert signature["unverified"]["identity"].startswith("CN=")
        assert signature["unverified"]["signed_at"]


def test_one_signature_is_deleted_and_the_other_stays(signed: Image, tmp_path: Path) -> None:
    first, second = (signature["digest"] for signature in listed(tmp_path, signed))
    delete = ["delete", signed.reference, "--digest", first]
    shown = run(tmp_path, *delete, "--dry-run", image=signed)
    assert shown.code == 0
    would = f"1 signature would be deleted: nothing was done\n{signed.reference}: {first}\n"
    assert would in shown.out
    assert len(listed(tmp_path, signed)) == 2
    done = run(tmp_path, *delete, "--yes", "-v", image=signed)
    assert done.code == 0
    assert "1 signature deleted\n" in done.out
    assert [signature["digest"] for signature in listed(tmp_path, signed)] == [second]
    again = run(tmp_path, *delete, "--yes", image=signed)
    assert (again.code, again.out.count("has no such signature")) == (1, 1)


def test_all_are_deleted_and_then_there_is_nothing_to_do(signed: Image, tmp_path: Path) -> None:
    assert run(tmp_path, "delete", signed.tagged, "--all", "--yes", image=signed).code == 0
    assert listed(tmp_path, signed) == []
    again = run(tmp_path, "delete", signed.tagged, "--all", "--yes", image=signed)
    assert again.code == 2
    empty = run(tmp_path, "delete", signed.tagged, "--all", "--yes", "--allow-empty", image=signed)
    assert empty.code == 0


def test_the_image_itself_is_never_deleted_whatever_an_index_lists(
    tag_schema_host: str, tmp_path: Path
) -> None:
    repository = Repository(tag_schema_host, "team/attacked")
    image, other = repository.push_image(), repository.push_image()
    entries = [
        {**one.descriptor, "artifactType": signatures.ARTIFACT_TYPE} for one in (image, other)
    ]
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": entries,
    }
    repository.push_manifest(index, tag=image.digest.replace(":", "-"))
    ran = run(tmp_path, "delete", image.reference, "--all", "--yes", image=image)
    assert ran.code == 1
    assert ran.out.count("it is listed as a signature, and is something else") == 2
    assert repository.manifest_bytes(image.digest)
    assert repository.manifest_bytes(other.digest)


def test_without_a_terminal_and_without_yes_nothing_is_asked_of_anybody(tmp_path: Path) -> None:
    ran = run(tmp_path, "delete", "127.0.0.1:1/web:v1", "--all")
    assert ran.code == 2
    assert "nobody can be asked here: --yes does it, --dry-run shows it" in ran.err


def test_a_registry_that_does_not_delete_is_told_with_what_to_do(
    repository: Repository, notation_home: NotationHome, tmp_path: Path
) -> None:
    image = repository.push_image()
    notation_home.sign_locally(image.reference, chain("us"), "--force-referrers-tag=false")
    with faulty_registry(repository.host) as proxy:
        proxy.fail(405, match="^DELETE")
        there = f"{proxy.address}/{repository.name}@{image.digest}"
        ran = run(tmp_path, "delete", there, "--all", "--yes", "--insecure-registry", proxy.address)
    assert ran.code == 3
    assert "the registry does not do that (405)" in ran.out
    assert "REGISTRY_STORAGE_DELETE_ENABLED=true" in ran.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["list"], "no IMAGE was given"),
        (["list", "--", "-x"], "is no image reference"),
        (["list", "web:${TAG}"], "it holds a placeholder that nobody filled in"),
        (["delete", "a.b/c"], "say which signatures: either --digest or --all"),
        (["delete", "a.b/c", "--digest", "x"], "--digest must be sha256: and 64"),
        (["delete", "a.b/c", "--all", "--yes", "--revoke"], "revoking wants --reason"),
        (["delete", "a.b/c", "--all", "--yes", "--reason", "x"], "--reason is for --revoke"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    ran = run(tmp_path, *arguments)
    assert ran.code == 2
    assert sentence in ran.err


class Scene(Struct):
    """An image in ECR that Signer signed, and the AWS that both are in."""

    aws: LoopbackAws
    ecr: Ecr
    profile: Profile
    image: Image
    name: str

    @property
    def asked(self) -> list[str]:
        return [call.operation for call in self.aws.calls]


@pytest.fixture
def scene(signer_home: NotationHome, repository: Repository) -> Iterator[Scene]:
    signer, ecr = Signer(), Ecr(repository.host)
    profile = signer.profile("delivery")
    image = repository.push_image(tag="v1")
    with loopback_aws(signer.service, ecr.service) as aws:
        key = ["--plugin", NAME, "--id", profile.arn]
        signer_home.succeed(
            "sign", "--insecure-registry", *key, image.reference, environ=aws.environment()
        )
        aws.calls.clear()
        yield Scene(aws, ecr, profile, image, f"{ecr.registry_name()}/{repository.name}:v1")


def test_in_ecr_all_goes_by_the_api(scene: Scene, tmp_path: Path) -> None:
    ran = run(tmp_path, "list", scene.name, aws=scene.aws)
    assert ran.code == 0, ran.err
    assert f"    signer   {scene.profile.version_arn}\n" in ran.out
    assert "    job      arn:aws:signer:eu-central-1:" in ran.out
    assert set(scene.asked) == {"BatchGetImage", "ListImageReferrers", "GetDownloadUrlForLayer"}
    done = run(tmp_path, "delete", scene.name, "--all", "--yes", aws=scene.aws)
    assert done.code == 0, done.out + done.err
    assert "BatchDeleteImage" in scene.asked
    assert "  0 signatures\n" in run(tmp_path, "list", scene.name, aws=scene.aws).out


def test_a_signature_is_revoked_for_its_job_and_then_deleted(scene: Scene, tmp_path: Path) -> None:
    because = ["--all", "--yes", "--reason", "key was lost", "-v"]
    only = run(tmp_path, "delete", scene.name, *because, "--revoke-only", aws=scene.aws)
    assert only.code == 0, only.out + only.err
    assert "1 signature revoked\n" in only.out
    (call,) = scene.aws.asked("RevokeSignature")
    assert call.parameters["reason"] == "key was lost"
    assert call.parameters["jobOwner"] == scene.ecr.account
    assert "1 signature" in run(tmp_path, "list", scene.name, aws=scene.aws).out
    both = run(tmp_path, "delete", scene.name, *because, "--revoke", aws=scene.aws)
    assert both.code == 0, both.out + both.err
    assert "1 signature revoked and deleted\n" in both.out


def test_what_signer_refuses_leaves_the_signature_where_it_is(scene: Scene, tmp_path: Path) -> None:
    scene.aws.deny("RevokeSignature")
    because = ["--all", "--yes", "--reason", "key was lost", "--revoke"]
    ran = run(tmp_path, "delete", scene.name, *because, aws=scene.aws)
    assert ran.code == 3
    assert "signer:RevokeSignature is not allowed with these AWS credentials" in ran.out
    assert "BatchDeleteImage" not in scene.asked


def test_the_signature_of_another_image_is_not_revoked_by_way_of_a_copy(
    scene: Scene, repository: Repository, tmp_path: Path
) -> None:
    victim = repository.push_image(tag="victim")
    (ours,) = signatures.signatures(repository, scene.image)
    signatures.copy_signature(repository, ours, victim)
    name = scene.name.replace(":v1", ":victim")
    ran = run(
        tmp_path, "delete", name, "--all", "--yes", "--revoke", "--reason", "x", aws=scene.aws
    )
    assert ran.code == 1
    assert "it speaks of another image" in ran.out
    assert "RevokeSignature" not in scene.asked
    assert "which is another one" in run(tmp_path, "list", name, aws=scene.aws).out


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 2, 1), ("y\n", 0, 0)])
def test_on_a_terminal_it_asks_first(
    answer: str, code: int, left: int, scene: Scene, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    environ = clean_environment({"HOME": str(tmp_path), **scene.aws.environment()})
    command = [sys.executable, "-m", "buildsteps", "signatures", "delete", scene.name, "--all"]
    os.write(ours, answer.encode())  # typed ahead
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, env=environ) as running:
        os.close(theirs)
        assert running.wait(60) == code
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "Delete 1 signature? [y/N] " in shown
    assert f"  {left} signature" in run(tmp_path, "list", scene.name, aws=scene.aws).out
