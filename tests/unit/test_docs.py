"""The documentation says what is so: links resolve, commands end as shown, tables do not drift.

A fenced ``console`` block is a session in a folder with a copy of ``examples/``: lines after
``$ `` are run, all else is their output. Times and versions do not count.
``BUILDSTEPS_UPDATE_GOLDEN=1`` writes blocks and tables anew; read the diff then.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from buildsteps import catalog
from buildsteps.options import CommonOptions, fields_of
from buildsteps.steps.cedar.settings import ValidateOptions
from tests.command_line import ROOT, clean_environment

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
UPDATE = os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_TABLE = re.compile(r"<!-- options: ([\w-]+) -->\n(.*?)<!-- end -->", re.DOTALL)
_SCRUBBED = (
    (r" in \d+\.\d\d s", " in 0.02 s"),
    (r' time="\d+\.\d{3}"', ' time="0.000"'),
    (r"Cedar \d+\.\d+\.\d+", "Cedar 4.12.0"),
)


def scrubbed(text: str) -> str:
    for pattern, plain in _SCRUBBED:
        text = re.sub(pattern, plain, text)
    return text


def session(block: str, folder: Path) -> str:
    """Run the commands of a block and show them with what they print."""
    shown = []
    script = Path(sys.executable).parent
    environ = clean_environment({"PATH": f"{script}:{os.environ['PATH']}"})
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


def options_table(options: type[CommonOptions]) -> str:
    common = {field.name for field in fields_of(CommonOptions)}
    rows = ["| option | in `buildsteps.yaml` | meaning |", "| --- | --- | --- |"]
    for field in fields_of(options):
        if (field.name in common) != (options is CommonOptions):
            continue
        key = ": ".join(field.info.key) if field.info.key else field.name
        if field.info.argument:
            flag = f"`{field.info.metavar} ...`"
        elif not field.info.flag:
            flag = ""
        elif field.is_flag:
            no = "--no-" if field.default is True else "--"
            flag = f"`{no}{field.flag_name}`"
        else:
            flag = f"`--{field.flag_name} {field.info.metavar or 'X'}`"
        where = f"`{key}`" if field.info.in_file else ""
        rows.append(f"| {flag} | {where} | {field.info.help} |".replace("  ", " "))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    targets = [t for t in _LINK.findall(page.read_text()) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sessions_end_as_shown(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    new = text
    for number, block in enumerate(_BLOCK.findall(text)):
        folder = tmp_path / str(number)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shutil.copytree(ROOT / "tests/data/photo-sharing-refactoring", folder / "refactoring")
        new = new.replace(block, session(block, folder))
    if UPDATE:
        page.write_text(new)
    assert new == page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_option_tables_are_those_of_the_declarations(page: Path) -> None:
    tables = {"common": CommonOptions, "cedar-validate": ValidateOptions}
    text = page.read_text()
    new = _TABLE.sub(
        lambda found: (
            f"<!-- options: {found[1]} -->\n{options_table(tables[found[1]])}<!-- end -->"
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


def test_the_step_of_the_contributing_guide_works() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    module = type(sys)("example")
    sys.modules["example"] = module
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    from buildsteps.results import Outcome, Report
    from tests.world_double import fake_world

    step = module.__dict__["STEP"]
    report = step.collect(step.options(paths=("pyproject.toml", "gone")), fake_world(ROOT))
    assert isinstance(report, Report)
    assert [case.outcome for case in report.cases] == [Outcome.PASSED, Outcome.FAILED]
