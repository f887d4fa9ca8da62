"""Versions of a store in the real git: read from its objects, the work tree left alone."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.versions.opening import opened
from buildsteps.steps.cedar.versions.version import Version
from buildsteps.world import World
from buildsteps.world.files import MAX_TEXT_BYTES
from buildsteps.world.process import SystemProcesses
from tests.command_line import buildsteps
from tests.world_double import fake_world

SCHEMA = "entity User;\naction view appliesTo { principal: User, resource: User };\n"
ANYONE = "permit(principal, action, resource);\n"
NOBODY = "forbid(principal, action, resource);\n"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "m")
    return git(folder, "rev-parse", "HEAD")


def world(folder: Path) -> World:
    return replace(fake_world(folder), processes=SystemProcesses())


def texts(version: Version) -> dict[str, str]:
    """The policies by id."""
    return {one.id: one.text for store in version.stores for one in store.inputs.policies}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A store in ``docs`` with a policy ``a``, which the last commit changed."""
    folder = tmp_path / "repository"
    (folder / "docs").mkdir(parents=True)
    git(folder, "init", "--quiet", ".")
    (folder / "docs" / "cedarschema").write_text(SCHEMA)
    (folder / "docs" / "a.cedar").write_text(ANYONE)
    commit(folder)
    (folder / "docs" / "a.cedar").write_text(NOBODY)
    commit(folder)
    return folder


def policies(repository: Path, reference: str) -> dict[str, str]:
    with opened(reference, {}, world(repository)) as version:
        return texts(version)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("HEAD", NOBODY),
        ("HEAD~1", ANYONE),
        ("main", NOBODY),
        ("HEAD~1:docs", ANYONE),
        ("HEAD~1:./docs", ANYONE),
        ("HEAD~1:", ANYONE),
        ("HEAD^{/m}", NOBODY),
        (".", NOBODY),
        ("docs/a.cedar", NOBODY),
    ],
)
def test_a_version_has_many_names(repository: Path, reference: str, text: str) -> None:
    assert policies(repository, reference) == {"a": text.strip()}


def test_a_reference_alone_means_the_folder_that_we_are_in(repository: Path) -> None:
    (repository / "other").mkdir()
    (repository / "other" / "b.cedar").write_text(ANYONE)
    commit(repository)
    assert policies(repository / "docs", "HEAD~1") == {"a": NOBODY.strip()}
    assert policies(repository / "other", "HEAD") == {"b": ANYONE.strip()}


def test_an_existing_folder_wins_over_a_reference(repository: Path) -> None:
    git(repository, "branch", "docs", "HEAD~1")
    assert policies(repository, "docs") == {"a": NOBODY.strip()}
    assert policies(repository, "docs:docs") == {"a": ANYONE.strip()}


def test_a_reference_that_looks_like_a_flag_is_none(repository: Path) -> None:
    git(repository, "update-ref", "refs/heads/--all", "HEAD~1")
    ran = buildsteps("cedar-diff", "--", "--all", "HEAD", cwd=repository)
    assert ran.code in (1, 2)  # git may or may not take the name; it is never a flag of git
    refs = buildsteps("cedar-diff", "--", "--output=owned", "HEAD", cwd=repository)
    assert refs.code == 2
    assert not (repository / "owned").exists()


def test_the_commit_is_named_by_its_id(repository: Path) -> None:
    wanted = git(repository, "rev-parse", "HEAD~1")
    for reference in ("HEAD~1", "HEAD~1:docs", wanted, wanted[:10]):
        with opened(reference, {}, world(repository)) as version:
            assert version.commit == wanted
    with opened("docs", {}, world(repository)) as version:
        assert version.commit == ""


def test_places_show_the_revision(repository: Path) -> None:
    with opened("HEAD~1:docs", {}, world(repository)) as version:
        (policy,) = version.stores[0].inputs.policies
        assert str(policy.location) == "HEAD~1:docs/a.cedar:1:1"


def test_a_detached_head_is_a_version_like_any(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach", "HEAD~1")
    assert policies(repository, "main") == {"a": NOBODY.strip()}
    assert policies(repository, "HEAD") == {"a": ANYONE.strip()}


def test_the_work_tree_and_the_index_are_not_touched(repository: Path) -> None:
    (repository / "docs" / "a.cedar").write_text("// not saved yet\n")
    (repository / "docs" / "new.cedar").write_text(ANYONE)
    git(repository, "add", "docs/new.cedar")
    files = {path: path.stat().st_mtime_ns for path in repository.rglob("*") if path.is_file()}
    assert policies(repository, "HEAD~1") == {"a": ANYONE.strip()}
    after = {path: path.stat().st_mtime_ns for path in repository.rglob("*") if path.is_file()}
    assert files == after


def test_links_and_submodules_of_a_commit_are_left_out(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.cedar").write_text(ANYONE)
    (repository / "docs" / "link.cedar").symlink_to(tmp_path / "secret.cedar")
    module = tmp_path / "module"
    module.mkdir()
    git(module, "init", "--quiet", ".")
    (module / "m.cedar").write_text(ANYONE)
    commit(module)
    shutil.copytree(module, repository / "docs" / "module")
    commit(repository)
    assert git(repository, "ls-tree", "HEAD", "docs/module").startswith("160000 commit")
    assert set(policies(repository, "HEAD")) == {"a"}


def test_a_huge_file_is_left_out_and_told(repository: Path) -> None:
    (repository / "docs" / "huge.cedar").write_text("// " + "x" * MAX_TEXT_BYTES)
    commit(repository)
    said: list[str] = []
    there = replace(fake_world(repository, progress=said), processes=SystemProcesses())
    with opened("HEAD", {}, there) as version:
        assert set(texts(version)) == {"a"}
    assert said == ["note: 1 file of HEAD: too large to be read"]


@pytest.mark.parametrize("name", ["a b.cedar", "ü.cedar", "-x.cedar", 'q"q.cedar', "n\nl.cedar"])
def test_files_may_have_odd_names(repository: Path, name: str) -> None:
    (repository / "docs" / name).write_text(ANYONE)
    commit(repository)
    assert name.removesuffix(".cedar") in policies(repository, "HEAD")


def test_a_name_that_no_utf8_text_is(repository: Path) -> None:
    (repository / "docs" / os.fsdecode(b"\xff.cedar")).write_text(ANYONE)
    commit(repository)
    assert len(policies(repository, "HEAD")) == 2


def test_a_revision_that_leads_upwards_stays_in_its_folder(
    repository: Path, tmp_path: Path
) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "x/../../../../y")
    before = set(tmp_path.rglob("*"))
    assert policies(repository, "HEAD^{/x/../../../../y}") == {"a": NOBODY.strip()}
    assert {one for one in tmp_path.rglob("*") if ".git" not in one.parts} == {
        one for one in before if ".git" not in one.parts
    }


def test_configured_stores_are_looked_up_in_the_commit(repository: Path) -> None:
    layout = Layout(
        schema=str(repository / "docs" / "cedarschema"),
        policies=(str(repository / "docs" / "*.cedar"),),
    )
    with opened("HEAD~1", {"mine": layout}, world(repository)) as version:
        assert [store.inputs.store.name for store in version.stores] == ["mine"]
        assert texts(version) == {"a": ANYONE.strip()}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nowhere", "no folder that is there, and git knows no commit `nowhere`"),
        ("HEAD~9", "no folder that is there, and git knows no commit `HEAD~9`"),
        ("HEAD~9:docs", "no folder that is there, and git knows no commit `HEAD~9`"),
        (":/m", "no folder that is there, and git knows no commit `:/m`"),
        ("HEAD:nowhere", "the commit `HEAD` has no folder `nowhere`"),
        ("HEAD:docs/a.cedar", "the commit `HEAD` has no folder `docs/a.cedar`"),
        ("HEAD:../x", "the commit `HEAD` has no folder `../x`"),
    ],
)
def test_what_git_does_not_know_is_a_wrong_call(
    repository: Path, reference: str, said: str
) -> None:
    with (
        pytest.raises(UsageError, match=re.escape(said)),
        opened(reference, {}, world(repository)),
    ):
        pass


def test_an_empty_reference_is_a_wrong_call(repository: Path) -> None:
    assert buildsteps("cedar-diff", "", cwd=repository).code == 2


def test_without_a_repository_there_are_folders_only(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="this is no git repository"),
        opened("HEAD", {}, world(tmp_path)),
    ):
        pass


def test_a_folder_of_a_commit_without_policies_holds_no_store(repository: Path) -> None:
    (repository / "empty").mkdir()
    (repository / "empty" / "x.txt").touch()
    commit(repository)
    with (
        pytest.raises(UsageError, match="there is no policy store in HEAD:empty"),
        opened("HEAD:empty", {}, world(repository)),
    ):
        pass


def test_a_shallow_clone_says_what_it_lacks(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(clone))
    assert policies(clone, "HEAD") == {"a": NOBODY.strip()}
    with (
        pytest.raises(UsageError, match="shallow clone, which `git fetch --unshallow`"),
        opened("HEAD~1", {}, world(clone)),
    ):
        pass


def test_a_partial_clone_fetches_or_says_that_it_cannot(repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--filter=blob:none", repository.as_uri(), str(clone))
    away = tmp_path / "away"
    repository.rename(away)
    with pytest.raises(WorldError, match="git"), opened("HEAD~1", {}, world(clone)):
        pass
    away.rename(repository)
    assert policies(clone, "HEAD~1") == {"a": ANYONE.strip()}


def test_the_work_tree_is_compared_where_no_second_version_is_named(repository: Path) -> None:
    ran = buildsteps("cedar-diff", "HEAD~1:docs", "--format", "json", cwd=repository)
    assert ran.code == 1
    facts = ran.report["facts"]
    assert facts["base"]["commit"] == git(repository, "rev-parse", "HEAD~1")
    assert facts["head"] == {"name": "docs", "commit": None}
    below = buildsteps("cedar-diff", "HEAD~1:./", "--format", "json", cwd=repository / "docs")
    assert below.report["facts"]["head"]["name"] == "."
    assert buildsteps("cedar-diff", "HEAD", cwd=repository / "docs").code == 0
