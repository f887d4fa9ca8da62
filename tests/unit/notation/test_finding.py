"""Which notation is used: ours first, then PATH; only one that we know, and that is safe."""

import os
from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.home import buildsteps_home
from buildsteps.notation.configuration import Configuration
from buildsteps.notation.errors import NotationMissingError
from buildsteps.notation.finding import find_notation, for_run
from buildsteps.notation.places import Installed, installed, users_configuration


def program(path: Path, version: str = "1.3.2") -> Path:
    """A program that says its version as notation does."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(f"#!/bin/sh\necho 'Notation - a tool'\necho\necho 'Version:     v{version}'\n")
    path.chmod(0o755)
    return path


def install(place: Installed, version: str = "1.3.2") -> Path:
    made = program(place.program(version), version)
    for folder in (place.folder, place.versions):
        folder.chmod(0o700)
    place.current.write_text(f"{version}\n")
    return made


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine with a notation on PATH, in a folder that is not the first."""
    folders = [str(tmp_path / "empty"), str(tmp_path / "bin"), "/usr/bin", "/bin"]
    program(tmp_path / "bin" / "notation", "1.4.0")
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": os.pathsep.join(folders),
        "BUILDSTEPS_HOME": str(tmp_path / "ours"),
    }


def test_the_one_on_path_is_used_where_none_is_installed(
    environ: dict[str, str], tmp_path: Path
) -> None:
    found = find_notation(environ)
    assert found.facts == {
        "notation": "1.4.0",
        "notation_path": str(tmp_path / "bin" / "notation"),
        "notation_origin": "PATH",
    }
    assert found.libexec == tmp_path / "home" / ".config" / "notation"


def test_the_one_that_was_installed_last_is_preferred(environ: dict[str, str]) -> None:
    place = installed(environ)
    install(place, "1.4.1")
    ours = install(place, "1.3.2")
    found = find_notation(environ)
    assert (found.path, found.origin) == (ours, "installed by buildsteps")
    place.plugins.mkdir(parents=True)
    assert find_notation(environ).libexec == place.libexec
    run = Configuration(Path("/run"))
    assert for_run(found, run).libexec == found.libexec
    assert for_run(found, Configuration(Path("/run"), Path("/x"))).libexec == Path("/x")


@pytest.mark.parametrize("current", ["", "1.3.1", "../../../bin", "1.3.2\n1.4.0", "\xff"])
def test_a_note_that_names_no_installed_version_is_not_followed(
    environ: dict[str, str], current: str
) -> None:
    place = installed(environ)
    install(place)
    place.current.write_bytes(current.encode("latin-1"))
    assert find_notation(environ).origin == "PATH"


@pytest.mark.parametrize("which", ["program", "version", "versions", "folder"])
def test_one_that_others_may_write_is_not_run(environ: dict[str, str], which: str) -> None:
    place = installed(environ)
    ours = install(place)
    writable = {
        "program": ours,
        "version": ours.parent,
        "versions": place.versions,
        "folder": place.folder,
    }[which]
    writable.chmod(0o777)
    with pytest.raises(NotationMissingError, match="may be written by somebody else"):
        find_notation(environ)


@pytest.mark.parametrize("version", ["1.2.9", "0.12.0", "2.0.0-alpha.1", "1.0.0"])
def test_a_version_that_we_do_not_know_is_refused(environ: dict[str, str], version: str) -> None:
    program(Path(environ["PATH"].split(os.pathsep)[1]) / "notation", version)
    with pytest.raises(NotationMissingError) as caught:
        find_notation(environ)
    assert f"is notation {version}; 1.3 or a later 1.x is needed" in str(caught.value)


@pytest.mark.parametrize("version", ["1.3.0", "1.3.2+unreleased", "1.10.0-rc.1"])
def test_a_later_version_is_taken(environ: dict[str, str], version: str) -> None:
    program(Path(environ["PATH"].split(os.pathsep)[1]) / "notation", version)
    assert str(find_notation(environ).version) == version


def test_another_program_of_that_name_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / "notation").write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(NotationMissingError, match="cannot be used: it does not say its version"):
        find_notation(environ)


def test_none_at_all_is_told_with_the_way_to_get_one(environ: dict[str, str]) -> None:
    with pytest.raises(NotationMissingError, match="`buildsteps notation install` installs it"):
        find_notation(environ | {"PATH": "/nowhere"})


def test_a_folder_of_path_that_depends_on_where_one_stands_is_left_out(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "bin")
    for path in (".", "", "../bin"):
        with pytest.raises(NotationMissingError):
            find_notation(environ | {"PATH": path})


def test_a_named_program_is_used_and_must_be_there(environ: dict[str, str], tmp_path: Path) -> None:
    named = program(tmp_path / "mine", "1.3.1")
    found = find_notation(environ, program=str(named))
    assert (found.path, found.origin) == (named, "named")
    with pytest.raises(UsageError, match="there is no file"):
        find_notation(environ, program=str(tmp_path / "gone"))


def test_our_folder_is_the_one_named_or_that_of_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    home = {"HOME": "/home/me"}
    monkeypatch.setattr("sys.platform", "linux")
    assert buildsteps_home(home) == Path("/home/me/.cache/buildsteps")
    assert buildsteps_home(home | {"XDG_CACHE_HOME": "/c"}) == Path("/c/buildsteps")
    assert buildsteps_home(home | {"XDG_CACHE_HOME": "c"}) == Path("/home/me/.cache/buildsteps")
    assert buildsteps_home(home | {"BUILDSTEPS_HOME": "/b"}) == Path("/b")
    assert users_configuration(home | {"XDG_CONFIG_HOME": "/x"}) == Path("/x/notation")
    assert users_configuration(home | {"NOTATION_CONFIG": "/n"}) == Path("/n")
    monkeypatch.setattr("sys.platform", "darwin")
    assert buildsteps_home(home) == Path("/home/me/Library/Caches/buildsteps")
    expected = Path("/home/me/Library/Application Support/notation")
    assert users_configuration(home) == expected
