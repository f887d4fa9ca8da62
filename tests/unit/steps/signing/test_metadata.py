"""What is signed beside the image."""

from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.metadata import build_metadata, check_size, pairs, signed_metadata
from buildsteps.steps.signing.registries.interface import Descriptor
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world

IMAGE = Descriptor("sha256:" + "a" * 64, "application/vnd.oci.image.manifest.v1+json", 525)


def test_the_build_gives_commit_build_and_repository(tmp_path: Path) -> None:
    world = fake_world(
        tmp_path,
        environ={
            "CODEBUILD_RESOLVED_SOURCE_VERSION": "abc",
            "CODEBUILD_BUILD_ID": "p:1",
            "CODEBUILD_SOURCE_REPO_URL": "https://user:secret@example.test/a.git",
        },
    )
    assert build_metadata(world) == {
        "commit": "abc",
        "build": "p:1",
        "repository": "https://example.test/a.git",
    }


def test_on_a_laptop_git_is_asked(tmp_path: Path) -> None:
    world = fake_world(
        tmp_path, processes=ScriptedProcesses(answers={"git": Completed(0, b"abc\n", b"")})
    )
    assert build_metadata(world) == {"commit": "abc", "repository": "abc"}


def test_without_git_there_is_none(tmp_path: Path) -> None:
    assert build_metadata(fake_world(tmp_path)) == {}


def test_the_users_pair_wins(tmp_path: Path) -> None:
    world = fake_world(tmp_path, environ={"GITHUB_SHA": "abc"})
    assert signed_metadata(("commit=mine",), world, of_build=True) == {"commit": "mine"}
    assert signed_metadata(("a=b=c",), world, of_build=False) == {"a": "b=c"}


@pytest.mark.parametrize("text", ["a", "=b", "", "a\n=b", "a=\x1b[31m"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--metadata"):
        pairs((text,), "--metadata")


def test_a_key_twice_or_a_reserved_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gives a twice"):
        pairs(("a=1", "a=2"), "--metadata")
    with pytest.raises(UsageError, match="reserved"):
        signed_metadata(("io.cncf.notary.x=1",), fake_world(tmp_path), of_build=False)


def test_a_payload_over_the_limit_of_the_service_is_refused_before_it_is_asked() -> None:
    payload = (
        '{"targetArtifact":{"annotations":{"k":""},'
        f'"digest":"{IMAGE.digest}","mediaType":"{IMAGE.media_type}","size":525}}}}'
    )
    bare = len(payload)
    check_size(IMAGE, {"k": "x" * (4096 - bare)})
    with pytest.raises(UsageError, match="4,097 bytes, and AWS Signer signs at most 4,096"):
        check_size(IMAGE, {"k": "x" * (4097 - bare)})


def test_characters_that_go_writes_as_escapes_count_six_bytes() -> None:
    with pytest.raises(UsageError, match="bytes"):
        check_size(IMAGE, {"k": "<" * 700})
