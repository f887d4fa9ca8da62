from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.steps.scan.security_hub.repository import Repository, parsed, repository_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world

SHOP = Repository("https://github.com/shop/orders", "shop/orders", "GITHUB")


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/shop/orders",
        "https://github.com/shop/orders.git",
        "https://github.com:443/shop/orders/",
        "https://me:token@GitHub.com/shop/orders.git?key=token#token",
        "https://token@github.com/shop/orders",
        "git@github.com:shop/orders.git",
        "github.com:shop/orders",
        "ssh://git@github.com/shop/orders.git",
        "ssh://git@github.com:22/shop/orders.git",
        "git://github.com/shop/orders.git",
        " https://github.com/shop/orders\n",
    ],
)
def test_a_repository_has_one_address_however_it_is_fetched(address: str) -> None:
    assert parsed(address) == SHOP


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://gitlab.example.com:8443/team/shop/orders",
            ("https://gitlab.example.com:8443/team/shop/orders", "team/shop/orders", "GITLAB"),
        ),
        (
            "git@bitbucket.org:shop/orders",
            ("https://bitbucket.org/shop/orders", "shop/orders", "BITBUCKET"),
        ),
        ("https://git.example.com/orders", ("https://git.example.com/orders", "orders", "")),
        (
            "codecommit::eu-central-1://profile@orders",
            ("codecommit::eu-central-1://orders", "orders", "CODECOMMIT"),
        ),
        ("codecommit://orders", ("codecommit://orders", "orders", "CODECOMMIT")),
        (
            "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/orders",
            ("codecommit::eu-central-1://orders", "orders", "CODECOMMIT"),
        ),
        (
            "ssh://APKAEXAMPLE@git-codecommit.eu-central-1.amazonaws.com/v1/repos/orders",
            ("codecommit::eu-central-1://orders", "orders", "CODECOMMIT"),
        ),
        ("/srv/git/orders.git", ("orders", "orders", "")),
        ("file:///srv/git/orders.git", ("orders", "orders", "")),
        ("../orders.git", ("orders", "orders", "")),
        ("orders", ("orders", "orders", "")),
        ("shop/orders", ("shop/orders", "shop/orders", "")),
    ],
)
def test_addresses_of_every_kind_are_understood(
    address: str, expected: tuple[str, str, str]
) -> None:
    assert parsed(address) == Repository(*expected)


@pytest.mark.parametrize(
    "address", ["", "   ", "/", "https://", "https://github.com/", "a\x1bb", "https://[::1", ".."]
)
def test_what_is_no_repository_is_none(address: str) -> None:
    assert parsed(address) is None


@given(
    secret=st.from_regex(r"[A-Za-z0-9]{12,20}", fullmatch=True),
    form=st.sampled_from(
        [
            "https://{}@github.com/shop/orders",
            "https://user:{}@github.com/shop/orders",
            "https://{}:x-oauth-basic@github.com/shop/orders.git",
            "https://github.com/shop/orders?token={}",
            "https://github.com/shop/orders#{}",
            "ssh://git:{}@github.com:22/shop/orders",
            "{}@github.com:shop/orders.git",
            "https://a@b:{}@github.com/shop/orders",
            "codecommit::us-east-1://{}@orders",
        ]
    ),
)
def test_no_user_password_or_token_is_kept(secret: str, form: str) -> None:
    found = parsed(form.format(secret))
    assert found is not None
    assert secret not in "".join((found.address, found.project, found.provider))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = parsed(text)
    assert found is None or (found.address.strip() and found.project.strip())


def repository(
    folder: Path, environ: dict[str, str], origin: str = "", given: str = ""
) -> Repository:
    answer = Completed(0 if origin else 1, origin.encode() + b"\n", b"")
    world = fake_world(folder, environ=environ, processes=ScriptedProcesses({"git": answer}))
    return repository_of(ScanOptions(repository=given), world)


def test_the_option_outranks_the_build_which_outranks_git(tmp_path: Path) -> None:
    build = {"CODEBUILD_SOURCE_REPO_URL": "https://github.com/shop/orders.git"}
    github = {"GITHUB_REPOSITORY": "shop/orders", "GITHUB_SERVER_URL": "https://github.com"}
    gitlab = {"CI_PROJECT_URL": "https://gitlab.com/shop/orders"}
    other = "https://example.com/other"
    assert repository(tmp_path, build, other, given="orders").address == "orders"
    assert repository(tmp_path, build, other) == SHOP
    assert repository(tmp_path, github, other) == SHOP
    assert repository(tmp_path, gitlab, other).provider == "GITLAB"
    assert repository(tmp_path, {}, other).address == other


def test_the_archive_of_a_pipeline_is_no_repository(tmp_path: Path) -> None:
    bucket = {"CODEBUILD_SOURCE_REPO_URL": "codepipeline-eu-central-1-1/app/SourceArti/aB3dE5"}
    with pytest.raises(UsageError, match="give --repository ADDRESS"):
        repository(tmp_path, bucket)
    assert repository(tmp_path, bucket, "git@github.com:shop/orders.git") == SHOP


def test_a_mistake_says_where_it_was_made_and_shows_no_secret_of_git(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--repository is no address or name"):
        repository(tmp_path, {}, given="https://")
    with pytest.raises(UsageError) as told:
        repository(tmp_path, {}, "https://me:s3cr3t@github.com")
    assert str(told.value) == (
        "what the build or git's `origin` says is no address or name of a repository"
    )
    with pytest.raises(UsageError, match="is no address"):
        repository(tmp_path, {}, given="x" * 513)
