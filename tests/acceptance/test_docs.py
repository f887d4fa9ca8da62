"""The documentation says what is so: links resolve, commands end as shown, tables do not drift.

A fenced ``console`` block is a session in a folder with a copy of ``examples/``: lines after
``$ `` are run, all else is their output. A block after ``<!-- file: PATH -->`` is a file of the
next session. Times and versions do not count. A command must go on
Linux and macOS (no ``sed -i`` without a suffix), and its output must be read to the end (no
``head``): whether the tool notices that its reader left is chance.
``BUILDSTEPS_UPDATE_GOLDEN=1`` writes blocks and tables anew; read the diff then.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import buildsteps.steps
from buildsteps import catalog, cli
from buildsteps.options import CommonOptions, OptionField, fields_of
from tests import buildspec_runner
from tests.command_line import ROOT, clean_environment
from tests.command_line import buildsteps as run_buildsteps

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
UPDATE = os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TABLE = re.compile(r"<!-- options: ([\w -]+?) -->\n(.*?)<!-- end -->", re.DOTALL)
_NOT_EVERYWHERE = re.compile(r"\| head\b|sed -i (?!\.)|sed '\d+i ")
_SCRUBBED = (
    (r" in \d+\.\d\d s", " in 0.02 s"),
    (r' time="\d+\.\d{3}"', ' time="0.000"'),
    (r"Cedar \d+\.\d+\.\d+", "Cedar 4.12.0"),
    (r"bandit \d+\.\d+\.\d+", "bandit 1.9.4"),
    (r"ruff \d+\.\d+\.\d+", "ruff 0.17.6"),
    (r"(bandit\.readthedocs\.io/en)/\d+\.\d+\.\d+", r"\1/1.9.4"),
)


def scrubbed(text: str) -> str:
    for pattern, plain in _SCRUBBED:
        text = re.sub(pattern, plain, text)
    return text


def session(block: str, folder: Path) -> str:
    """Run the commands of a block and show them with what they print."""
    shown = []
    script = Path(sys.executable).parent
    # What is installed for whoever runs the tests counts no more than its configuration.
    private = {"BUILDSTEPS_HOME": str(folder / "home"), "NOTATION_CONFIG": str(folder / "none")}
    environ = clean_environment({"PATH": f"{script}:{os.environ['PATH']}", **private})
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        done = subprocess.run(
            ["bash", "-c", line.removeprefix("$ ")],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        shown += [line, *scrubbed(done.stdout).rstrip("\n").splitlines()]
        if done.returncode:
            shown.append(f"[exit {done.returncode}]")
    return "\n".join(shown) + "\n"


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(language: str, holding: str = "") -> list[Block]:
    """The fenced blocks of all pages in this language that have ``holding`` in them."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in _FENCED.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[1], match[2]))
    return [block for block in found if block.language == language and holding in block.text]


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def options_of(command: str) -> type[CommonOptions]:
    """The options of a command, or those of all for ``common``."""
    return CommonOptions if command == "common" else catalog.load(command).options


def options_table(options: type[CommonOptions]) -> str:
    """A row an option that is the command's own, from its declaration."""
    common = {field.name for field in fields_of(CommonOptions)}
    rows = ["| option | in `buildsteps.yaml` | default | meaning |", "| --- | --- | --- | --- |"]
    for field in fields_of(options):
        if (field.name in common) == (options is CommonOptions):
            cells = (_flag(field), _key(field), _default(field), field.info.help)
            escaped = (cell.replace("|", r"\|") for cell in cells)
            rows.append("|" + "|".join(f" {cell} " if cell else " " for cell in escaped) + "|")
    return "\n".join(rows) + "\n"


def _flag(field: OptionField) -> str:
    info = field.info
    if info.argument:
        return f"`{info.metavar} ...`" if field.is_list else f"`{info.metavar}`"
    if not info.flag:
        return ""
    if info.bare:
        return f"`--{field.flag_name}[={info.metavar}]`"
    if not field.is_flag:
        return f"`--{field.flag_name} {info.metavar or 'X'}`"
    short = f", `-{info.short}`" if info.short else ""
    return f"`--{'no-' if field.default is True else ''}{field.flag_name}`{short}"


def _key(field: OptionField) -> str:
    key = ": ".join(field.info.key) if field.info.key else field.key_name
    return f"`{key}`" if field.info.in_file else ""


def _default(field: OptionField) -> str:
    if isinstance(field.default, bool):
        return "on" if field.default else "off"
    return f"`{field.default}`" if field.default or field.default == 0 else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for target in _LINK.findall(_FENCED.sub("", page.read_text())):
        path, _, anchor = target.partition("#")
        if "://" not in target:
            linked = page.parent / path if path else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target


def test_the_readme_leads_to_every_page() -> None:
    linked = {
        (ROOT / target).resolve() for target in _LINK.findall((ROOT / "README.md").read_text())
    }
    assert set(PAGES) - {ROOT / "README.md"} <= linked


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_a_session_goes_on_every_platform(block: Block) -> None:
    commands = [line for line in block.text.splitlines() if line.startswith("$ ")]
    assert [line for line in commands if _NOT_EVERYWHERE.search(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sessions_end_as_shown(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    new = text
    end = 0
    for number, block in enumerate(_BLOCK.finditer(text)):
        folder = tmp_path / str(number)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shutil.copytree(ROOT / "tests/data/photo-sharing-refactoring", folder / "refactoring")
        for name, content in _FILE.findall(text, end, block.start()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        end = block.end()
        new = new.replace(block[1], session(block[1], folder))
    if UPDATE:
        page.write_text(new)
    assert new == page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_option_tables_are_those_of_the_declarations(page: Path) -> None:
    text = page.read_text()
    new = _TABLE.sub(
        lambda found: (
            f"<!-- options: {found[1]} -->\n{options_table(options_of(found[1]))}<!-- end -->"
        ),
        text,
    )
    if UPDATE:
        page.write_text(new)
    assert new == page.read_text()


def test_every_command_and_every_finding_rule_is_documented() -> None:
    pages = "\n".join(page.read_text() for page in PAGES)
    assert [name for name in catalog.COMMANDS if f"`{name}" not in pages] == []
    rules = re.compile(r'^[A-Z_]+ = "([a-z]+(?:-[a-z]+)+)"$', re.MULTILINE)
    folder = ROOT / "src/buildsteps"
    found = [rule for path in folder.rglob("*.py") for rule in rules.findall(path.read_text())]
    assert [rule for rule in found if f"`{rule}`" not in pages] == []


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_in_the_pages_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_in_the_pages_is_a_file_of_a_session_or_a_statement_for_aws(block: Block) -> None:
    files = {content for _, content in _FILE.findall(block.page.read_text())}
    assert block.text in files or "Effect" in json.loads(block.text)


@pytest.mark.parametrize(
    "block",
    [one for key in ("cedar_validate:", "signing:", "accept:\n") for one in blocks("yaml", key)],
    ids=str,
)
def test_a_configuration_in_the_pages_is_accepted(block: Block, tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text(block.text)
    done = run_buildsteps("config", "check", cwd=tmp_path)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("block", blocks("yaml", "phases:"), ids=str)
def test_a_buildspec_in_the_pages_is_one(block: Block, tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(block.text)
    spec = buildspec_runner.read_buildspec(tmp_path / "buildspec.yml")
    assert spec.phases.build is not None
    for command in spec.phases.build.commands:
        name = command.split()[1]
        assert name in catalog.COMMANDS
        assert name in spec.reports


@pytest.mark.parametrize("block", blocks("yaml", "hooks:"), ids=str)
def test_a_hook_in_the_pages_is_one_that_we_ship(block: Block) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    shipped = {hook["id"]: hook for hook in hooks}
    for repository in yaml.safe_load(block.text)["repos"]:
        assert repository["repo"] == "local"  # an address that we do not know is none to copy
        for hook in repository["hooks"]:
            ours = shipped[hook["id"]]
            for key in ("name", "language", "entry", "pass_filenames"):
                assert hook[key] == ours[key]


@pytest.fixture
def example_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The step of CONTRIBUTING.md, added as it says: a folder, and a line in the table."""
    code, line = (block.text for block in blocks("python") if block.page.name == "CONTRIBUTING.md")
    folder = tmp_path / "steps" / "present"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "command.py").write_text(code)
    path = [*buildsteps.steps.__path__, str(folder.parent)]
    monkeypatch.setattr(buildsteps.steps, "__path__", path)
    entries = eval(f"{{{line}}}", {"Entry": catalog.Entry})
    monkeypatch.setattr(catalog, "COMMANDS", {**catalog.COMMANDS, **entries})
    monkeypatch.chdir(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("buildsteps.steps.present")]:
        del sys.modules[name]
    vars(buildsteps.steps).pop("present", None)


@pytest.mark.usefixtures("example_step")
def test_the_step_of_the_contributing_guide_runs_as_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "appspec.yaml").touch()
    (block,) = blocks("text", "$ buildsteps present")
    command, *_ = block.text.splitlines()
    code = cli.main(command.split()[2:])
    really = f"{command}\n{scrubbed(capsys.readouterr().out)}[exit {code}]\n"
    if UPDATE:
        block.page.write_text(block.page.read_text().replace(block.text, really))
    else:
        assert really == block.text


@pytest.mark.usefixtures("example_step")
def test_the_step_of_the_contributing_guide_keeps_the_contracts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["present"]) == 2
    assert "nothing was judged: no PATH was given" in capsys.readouterr().out
    monkeypatch.setenv("BUILDSTEPS_PRESENT_PATHS", "gone")
    assert cli.main(["present", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["failed"] == 1
