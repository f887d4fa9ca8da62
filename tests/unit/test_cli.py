import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from buildsteps import __version__, catalog
from buildsteps.cli import main
from buildsteps.options import CommonOptions, command_key
from tests.command_line import clean_environment

HEAVY = (
    *("msgspec", "yaml", "cedarpy", "junit_xml", "boto3", "requests", "hypothesis"),
    *("subprocess", "tempfile", "buildsteps.notation.client"),
)


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        (["--help"], []),
        (["--version"], []),
        (["config", "--help"], []),
        (["no-such-command"], []),
        *([[*name.split(" "), "--help"], ["msgspec"]] for name in catalog.COMMANDS),
    ],
)
def test_help_imports_nothing_of_weight(arguments: list[str], imported: list[str]) -> None:
    script = (
        "import sys; from buildsteps.cli import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == str(imported)


@pytest.mark.parametrize("name", catalog.COMMANDS)
def test_every_command_can_be_loaded_and_bears_its_own_name(name: str) -> None:
    step = catalog.load(name)
    assert step.name == name
    assert issubclass(step.options, CommonOptions)
    assert command_key(name) in catalog.sections()
    assert catalog.COMMANDS[name].help.endswith((".", "?"))


def test_every_group_of_the_table_is_described() -> None:
    groups = {name.rsplit(" ", 1)[0] for name in catalog.COMMANDS if " " in name}
    assert groups == set(catalog.GROUPS)


def test_shared_sections_know_the_keys_of_every_command() -> None:
    assert "stores" in catalog.shared_keys("cedar")
    assert catalog.shared_keys("nobody") == frozenset()


def test_help_lists_every_command_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, entry in catalog.COMMANDS.items():
        line = catalog.GROUPS.get(name.split(" ")[0], entry.help)
        assert f"{name.split(' ')[0]} {line}" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["cedar-valid"], 2, "there is no command `cedar-valid`. Did you mean `cedar-validate`?"),
        (["zzz"], 2, "there is no command `zzz`."),
        (["config", "chek"], 2, "there is no command `config chek`. Did you mean `check`?"),
        (["--no-such"], 2, "No such option"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, sentence: str
) -> None:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("buildsteps: ")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("wrong", [["--formt", "x"], ["--junit-limit", "many"], ["--output"]])
def test_a_wrong_option_is_in_the_reports_that_can_be_understood(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    wrong: list[str],
) -> None:
    monkeypatch.setenv("CODEBUILD_SRC_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    given = ["cedar-validate", "--output", "markdown=r.md", "--name", "a", "--format", "json"]
    assert main([*given, *wrong]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"]["outcome"] == "wrong-call"
    assert err.startswith("buildsteps cedar-validate: ")
    assert wrong[0] in err
    (error,) = ET.parse(tmp_path / "reports" / "cedar-validate-a.xml").getroot().iter("error")
    assert wrong[0] in str(error.get("message"))
    assert wrong[0] in (tmp_path / "r.md").read_text()


@pytest.mark.parametrize("arguments", [[], ["config"]])
def test_no_command_is_a_wrong_call_that_shows_help(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: buildsteps")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"buildsteps {__version__}\n"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (BrokenPipeError(), 3, "standard output was closed"),
        (SystemExit(1), 3, "standard output was closed"),
        (OSError(28, "No space"), 3, "standard output cannot be written: no space"),
        (LookupError("a bug"), 3, "internal error, please report it: LookupError('a bug')"),
    ],
)
def test_an_exception_never_looks_like_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    sentence: str,
) -> None:
    def fail(_name: str) -> None:
        raise error

    monkeypatch.setattr(catalog, "load", fail)
    monkeypatch.setattr("buildsteps.cli.abandon", lambda _stream: None)
    assert main(["schema"]) == code
    assert capsys.readouterr().err.strip() == f"buildsteps: {sentence}"
