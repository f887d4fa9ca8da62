"""The documentation says what is so: links resolve, commands end as shown, tables do not drift.

A fenced ``console`` block is a shell session that starts in a fresh folder with a copy of
``examples/``: lines after ``$ `` are run (``> `` continues one), all else is their output. A
``buildsteps`` command that does not exit 0 must be followed by ``$ echo $?``. Times, versions and
the folder's own path do not count in the comparison.

A part between ``<!-- generated: NAME -->`` and ``<!-- end -->`` is written by a function here.

``BUILDSTEPS_UPDATE_GOLDEN=1 pytest tests/unit/test_docs.py`` writes both anew; read the diff then.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from msgspec import Struct

import buildsteps
from buildsteps import catalog, cli, config, yaml_document
from buildsteps.options import CommonOptions, OptionField, fields_of
from buildsteps.reporting.formats import FORMATS
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.typed import check
from tests import buildspec_runner

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
UPDATE = os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"
HERE = "/home/you/repository"

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_GENERATED = re.compile(r"<!-- generated: (.+?) -->\n(.*?)<!-- end -->", re.DOTALL)
_RULE = re.compile(r'^[A-Z_]+ = "([a-z]+(?:-[a-z]+)+)"$', re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in _FENCED.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[1], match[2]))
    return [block for block in found if block.language in languages]


def rewrite(page: Path, old: str, new: str) -> None:
    page.write_text(page.read_text().replace(old, new, 1))


# --- Links ---------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    bare = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in bare}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_FENCED.sub("", page.read_text())):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_readme_leads_to_every_page() -> None:
    linked = {
        target.partition("#")[0] for target in _LINK.findall((ROOT / "README.md").read_text())
    }
    assert linked >= {str(page.relative_to(ROOT)) for page in PAGES} - {"README.md"}


# --- Sessions ------------------------------------------------------------------------------------


class Command(Struct):
    """A command of a session with its output and exit code."""

    text: str
    output: str = ""
    code: int = 0


def commands_of(session: str) -> list[Command]:
    commands: list[Command] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            commands.append(Command(line[2:]))
        elif line.startswith("> ") and commands and not commands[-1].output:
            commands[-1].text += f"\n{line[2:]}"
        else:
            commands[-1].output += f"{line}\n"
    return commands


def run(commands: list[Command], folder: Path) -> list[Command]:
    """Run the commands in one shell and give them back with what they really did."""
    mark = "end-of-a-command"
    script = "\n".join(
        f"{command.text}\n__code=$?; echo '{mark}' $__code; (exit $__code)" for command in commands
    )
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    (folder / ".session").write_text(script)
    done = subprocess.run(
        ["bash", ".session"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    text = done.stdout.decode().replace(str(folder), HERE)
    parts = re.split(rf"{mark} (\d+)\n", text)
    return [
        Command(command.text, output, int(code))
        for command, output, code in zip(commands, parts[::2], parts[1::2], strict=False)
    ]


def shown(commands: list[Command]) -> str:
    lines = ("$ " + command.text.replace("\n", "\n> ") for command in commands)
    return "".join(
        f"{line}\n{command.output}" for line, command in zip(lines, commands, strict=True)
    )


def comparable(session: str) -> str:
    """The session without what differs from run to run and from version to version."""
    session = session.replace(buildsteps.__version__, "VERSION")
    session = re.sub(r"\b(Cedar|cedarpy) 4\.12\.\d+", r"\1 4.12.N", session)
    session = re.sub(r'("version":"|engine\.version" value=")4\.12\.\d+', r"\g<1>4.12.N", session)
    session = re.sub(r"\bin \d+\.\d\d s\b", "in N s", session)
    session = re.sub(r'("seconds":|time="|name="seconds" value=")[\d.e-]+', r"\1N", session)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "MOMENT", session)


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_a_session_goes_as_shown(block: Block, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    really = run(commands_of(block.text), tmp_path)
    if UPDATE and comparable(shown(really)) != comparable(block.text):
        rewrite(block.page, f"```console\n{block.text}```", f"```console\n{shown(really)}```")
    else:
        assert comparable(shown(really)) == comparable(block.text)
    following = [command.text for command in really[1:]] + [""]
    for command, after in zip(really, following, strict=True):
        if command.text.startswith("buildsteps ") and command.code:
            assert after == "echo $?", f"{command.text} exits {command.code}, which must be shown"
        else:
            assert command.code == 0, f"{command.text} exits {command.code}"


# --- Generated tables ----------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def options_table(declared: type[CommonOptions], without: type[Struct] | None = None) -> str:
    """A row an option, from its declaration; ``without`` leaves out those of another Struct."""
    left_out = {field.name for field in fields_of(without)} if without else set()
    return table(
        ("Option", "In `buildsteps.yaml`", "Default", "What it does"),
        (
            (_flag(field), _key(field), _default(field), field.info.help.replace("|", "\\|"))
            for field in fields_of(declared)
            if field.name not in left_out
        ),
    )


def _flag(field: OptionField) -> str:
    info = field.info
    if info.argument:
        return f"`{info.metavar} ...`" if field.is_list else f"`{info.metavar}`"
    if not info.flag:
        return ""
    short = f"`-{info.short}`, " if info.short else ""
    return f"{short}`--{field.flag_name}{f' {info.metavar}' if info.metavar else ''}`"


def _key(field: OptionField) -> str:
    if not field.info.in_file:
        return ""
    return f"`{': '.join(field.info.key)}:`" if field.info.key else f"`{field.name}:`"


def _default(field: OptionField) -> str:
    if field.is_flag and field.default is not None:
        return "on" if field.default else "off"
    return f"`{field.default}`" if field.default else ""


def commands_table() -> str:
    return table(
        ("Command", "What it answers or does"),
        ((f"`{name}`", entry.help) for name, entry in catalog.COMMANDS.items()),
    )


GENERATED: dict[str, Callable[[], str]] = {
    "commands": commands_table,
    "options of cedar-validate": lambda: options_table(ValidateOptions, CommonOptions),
    "options of every command": lambda: options_table(CommonOptions),
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_part_is_what_the_declarations_say(name: str) -> None:
    standing = 0
    for page in PAGES:
        for found, text in _GENERATED.findall(page.read_text()):
            assert found in GENERATED
            if found == name:
                standing += 1
                if UPDATE:
                    opening = f"<!-- generated: {name} -->\n"
                    rewrite(page, f"{opening}{text}", f"{opening}{GENERATED[name]()}")
                else:
                    assert text == GENERATED[name]()
    assert standing == 1


def test_the_page_of_cedar_validate_tells_every_rule() -> None:
    modules = (ROOT / "src/buildsteps/steps/cedar").glob("*.py")
    rules = {rule for module in modules for rule in _RULE.findall(module.read_text())}
    page = (ROOT / "docs/cedar-validate.md").read_text()
    rows = set(re.findall(r"^\| `([a-z-]+)` \| (?:warning|note) \|", page, re.MULTILINE))
    assert rows == rules


def test_the_page_of_reports_tells_every_format() -> None:
    page = (ROOT / "docs/reports.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(FORMATS)


# --- Configuration, buildspecs, policies ---------------------------------------------------------


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize(
    "block", [b for b in blocks("yaml") if b.text.startswith("# buildsteps.yaml")], ids=str
)
def test_a_configuration_is_accepted(block: Block) -> None:
    root = yaml_document.parse(block.text, "buildsteps.yaml")
    file = config.ConfigFile(Path(HERE) / "buildsteps.yaml", "buildsteps.yaml", root)
    config.check_sections(file, catalog.sections())
    known = {field.name for field in fields_of(ValidateOptions) if not field.info.key}
    config.check_section(file, "cedar_validate", known)
    config.check_section(file, "cedar", catalog.shared_keys("cedar"))
    for field in fields_of(ValidateOptions):
        node = file.find(config.place_of("cedar-validate", field))
        assert node is None or check(node, field.type) == []


@pytest.mark.parametrize("block", [b for b in blocks("yaml") if "phases:" in b.text], ids=str)
def test_a_buildspec_in_the_docs_does_what_the_shipped_one_does(
    block: Block, tmp_path: Path
) -> None:
    (tmp_path / "buildspec.yml").write_text(block.text)
    ours = buildspec_runner.read_buildspec(tmp_path / "buildspec.yml")
    shipped = buildspec_runner.read_buildspec(ROOT / "buildspecs/cedar-validate.yml")
    assert set(ours.reports) == set(shipped.reports)
    assert ours.phases.build is not None
    assert all(command.startswith("buildsteps ") for command in ours.phases.build.commands)


@pytest.mark.parametrize("block", [b for b in blocks("yaml") if "hooks:" in b.text], ids=str)
def test_a_hook_in_the_docs_is_one_that_we_ship(block: Block) -> None:
    shipped = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for repository in yaml.safe_load(block.text)["repos"]:
        assert {hook["id"] for hook in repository["hooks"]} <= shipped


# --- The example step of CONTRIBUTING.md ---------------------------------------------------------


def example(first_line: str) -> str:
    """The Python block of CONTRIBUTING.md that begins with ``first_line``."""
    (found,) = [
        block.text
        for block in blocks("python")
        if block.page.name == "CONTRIBUTING.md" and block.text.startswith(first_line)
    ]
    return found


@pytest.fixture
def example_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example, added as CONTRIBUTING.md says: a folder of its own and a line in the table."""
    import buildsteps.steps

    folder = tmp_path / "steps" / "images"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""About images."""\n')
    (folder / "command.py").write_text(example("# src/buildsteps/steps/images/command.py"))
    path = [*buildsteps.steps.__path__, str(folder.parent)]
    monkeypatch.setattr(buildsteps.steps, "__path__", path)
    line = example("# src/buildsteps/catalog.py")
    entries = eval(f"{{{line}}}", {"Entry": catalog.Entry})
    monkeypatch.setattr(catalog, "COMMANDS", {**catalog.COMMANDS, **entries})
    monkeypatch.chdir(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("buildsteps.steps.images")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("example_step")
def test_the_example_step_runs_as_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = [b for b in blocks("text") if b.text.startswith("$ buildsteps pinned-images")]
    definitions = [
        {"name": "web", "imageUri": f"example/web@sha256:{'0' * 64}"},
        {"name": "worker", "imageUri": "example/worker:latest"},
    ]
    (tmp_path / "imagedefinitions.json").write_text(json.dumps(definitions, indent=1))
    assert cli.main(["pinned-images"]) == 1
    really = f"$ buildsteps pinned-images\n{capsys.readouterr().out}"
    if UPDATE and comparable(really) != comparable(block.text):
        rewrite(block.page, block.text, really)
    else:
        assert comparable(really) == comparable(block.text)


@pytest.mark.usefixtures("example_step")
def test_the_test_of_the_example_step_passes(tmp_path: Path) -> None:
    names: dict[str, Callable[[Path], None]] = {}
    exec(example("# tests/unit/steps/images/test_command.py"), names)
    names["test_a_tag_is_not_a_pin"](tmp_path)


@pytest.mark.usefixtures("example_step")
def test_the_example_step_has_the_contracts_without_more_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pinned-images"]) == 2
    assert "imagedefinitions.json" in capsys.readouterr().err
    (tmp_path / "imagedefinitions.json").write_text("[]")
    assert cli.main(["pinned-images"]) == 2
    assert "nothing was judged" in capsys.readouterr().out
    (tmp_path / "imagedefinitions.json").write_text('[{"name": "web"}]')
    assert cli.main(["pinned-images", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["error"] == 1
