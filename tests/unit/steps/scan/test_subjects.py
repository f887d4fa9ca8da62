from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.subjects import excluded, subjects_of
from buildsteps.world import World
from tests.world_double import fake_world


def tree(folder: Path, *names: str) -> World:
    """Files below ``folder``, which is no repository, and the world around them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return fake_world(folder)


def names(world: World, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    options = ScanOptions(paths=paths, exclude=exclude)
    return list(subjects_of(options, world).files)


def test_without_git_all_is_taken_but_what_is_installed_or_made(tmp_path: Path) -> None:
    world = tree(
        tmp_path,
        "a.py",
        ".github/b.py",
        "src/c.py",
        "node_modules/x.js",
        ".venv/y.py",
        "src/__pycache__/c.pyc",
        "env/pyvenv.cfg",
        "env/lib/z.py",
        ".git/hooks/h.py",
    )
    assert names(world) == [".github/b.py", "a.py", "src/c.py"]


def test_a_path_is_shown_the_same_however_it_was_written(tmp_path: Path) -> None:
    world = tree(tmp_path, "p/a.py")
    for written in ("p", "./p", "p/", "./p/../p", str(tmp_path / "p"), "p/a.py", "./p/a.py"):
        assert names(world, written) == ["p/a.py"]
    assert names(world, "p", "p/a.py", "./p") == ["p/a.py"]


def test_a_path_outside_the_working_folder_is_shown_absolute(tmp_path: Path) -> None:
    tree(tmp_path, "other/a.py")
    (tmp_path / "here").mkdir()
    world = fake_world(tmp_path / "here")
    assert names(world, "../other") == [f"{tmp_path}/other/a.py"]


@pytest.mark.parametrize("name", ["a b.py", "ä.py", "-d.py", "--help", "new\nline.py", "\udcff.py"])
def test_any_name_is_found(name: str, tmp_path: Path) -> None:
    assert names(tree(tmp_path, name)) == [name]
    assert names(tree(tmp_path, name), name) == [name]


@pytest.mark.parametrize(
    ("path", "why"), [("gone", "gone: is not there"), ("a.py/b", "a.py/b: not a directory")]
)
def test_a_path_that_is_not_there_is_a_wrong_call(path: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        names(tree(tmp_path, "a.py"), "a.py", path)
    assert str(caught.value) == why


def test_a_name_that_no_file_can_have_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="embedded null byte"):
        names(fake_world(tmp_path), "a\0b")


def test_links_are_not_followed_and_that_is_told(tmp_path: Path) -> None:
    tree(tmp_path, "outside/secret.py", "here/a.py")
    (tmp_path / "here" / "file.py").symlink_to(tmp_path / "outside" / "secret.py")
    (tmp_path / "here" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "here" / "loop").symlink_to(tmp_path / "here")
    progress: list[str] = []
    world = fake_world(tmp_path / "here", progress=progress)
    assert names(world) == ["a.py"]
    assert progress == ["note: 3 symbolic links below . not followed"]


def test_a_link_that_is_named_is_followed_within_the_folder_only(tmp_path: Path) -> None:
    tree(tmp_path, "outside/secret.py", "here/a.py")
    (tmp_path / "here" / "in.py").symlink_to("a.py")
    (tmp_path / "here" / "out.py").symlink_to(tmp_path / "outside" / "secret.py")
    progress: list[str] = []
    world = fake_world(tmp_path / "here", progress=progress)
    assert names(world, "in.py", "out.py") == ["in.py"]
    assert progress == [
        "note: out.py is a symbolic link that leads out of this folder: not scanned"
    ]


@pytest.mark.parametrize(
    ("glob", "out"),
    [
        ("tests", True),
        ("tests/", True),
        ("./tests", True),
        ("*.py", True),
        ("a.py", True),
        ("tests/unit/*.py", True),
        ("unit", True),
        ("test", False),
        ("b.py", False),
        ("tests/a.py", False),
    ],
)
def test_a_glob_leaves_out_by_path_folder_or_name(glob: str, out: bool) -> None:
    assert excluded("tests/unit/a.py", [glob]) is out


def test_what_is_excluded_is_left_out_though_it_is_named(tmp_path: Path) -> None:
    world = tree(tmp_path, "a.py", "vendor/b.py")
    assert names(world, "a.py", "vendor/b.py", exclude=("vendor",)) == ["a.py"]
