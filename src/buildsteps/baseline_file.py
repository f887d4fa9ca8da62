"""The file of a baseline: JSON, a finding a line, sorted, so that git merges it.

Each finding's line ends in a comma, the last one too: ``null`` follows it. So adding a finding
never touches another's line, and ``merge=union`` of git leaves a file that can be read.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from buildsteps.baseline import Entry, Trace, gathered
from buildsteps.errors import UsageError
from buildsteps.json_document import parse_all
from buildsteps.results import Location
from buildsteps.typed import check, first_of
from buildsteps.world.files import Files, shown_path
from buildsteps.yaml_document import Node

FILE_NAME = ".buildsteps-baseline.json"
VERSION = 1
LARGEST = 256 * 1024 * 1024
"""Bytes; a million findings have some 200 MB."""

_MOST = 1_000_000_000
"""Findings alike; more are no count of anything."""

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)
_HALF = re.compile("[\ud800-\udfff]")


class _Line(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """An entry as it stands in the file."""

    path: str = ""
    rule: str
    line: str
    around: str = ""
    within: str = ""
    engines: tuple[str, ...] = ()
    count: Annotated[int, Meta(ge=1, le=_MOST)] = 1


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    findings: tuple[_Line | None, ...]


def read(path: Path, files: Files) -> tuple[Entry, ...]:
    """Read a baseline, in whatever order a merge left it; equal lines are added up.

    Raises:
        UsageError: it is missing, no JSON, of another version, holds what it should not or a merge
            conflict; with the line.
    """
    text = files.read_text(path, LARGEST)
    try:
        found = msgspec.json.decode(text, type=_File)
    except (msgspec.DecodeError, RecursionError):
        raise _mistake(text, shown_path(path, files.cwd)) from None
    if found.version != VERSION:
        raise _mistake(text, shown_path(path, files.cwd))
    return gathered(_entry(line) for line in found.findings if line is not None)


def written(entries: Iterable[Entry]) -> Iterator[str]:
    """The text of a baseline, line by line."""
    yield f'{{\n"version": {VERSION},\n"findings": [\n'
    encode = msgspec.json.Encoder().encode
    for entry in gathered(entries):
        yield f"{encode(_line(entry)).decode()},\n"
    yield "null\n]\n}\n"


def _entry(line: _Line) -> Entry:
    trace = Trace(
        rule=line.rule, path=line.path, line=line.line, around=line.around, within=line.within
    )
    return Entry(trace=trace, engines=line.engines, count=line.count)


def _line(entry: Entry) -> _Line:
    trace = entry.trace
    return _Line(
        path=trace.path,
        rule=trace.rule,
        line=trace.line,
        around=trace.around,
        within=trace.within,
        engines=entry.engines,
        count=entry.count,
    )


def _mistake(text: str, shown: str) -> UsageError:
    """What is wrong with a file that could not be read, said at its place."""
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        what = "a merge conflict is left in the baseline; keep the findings of both sides"
        return UsageError(what, Location(shown, line))
    try:
        documents = parse_all(text, shown)
    except UsageError as error:
        return error
    if len(documents) != 1:
        place = documents[1].location if documents else Location(shown, 1)
        what = "a second value follows the baseline" if documents else "the baseline is empty"
        return UsageError(f"{what}; remove it, and --write-baseline makes a new one", place)
    return _misfit(documents[0])


def _misfit(root: Node) -> UsageError:
    if isinstance(root.value, dict) and "version" in root.value:
        version = root.value["version"]
        if type(version.value) is int and version.value != VERSION:
            what = f"the baseline is of version {version.value}, this buildsteps knows {VERSION}"
            return UsageError(f"{what}; use a newer buildsteps", version.location)
    problems = check(root, _File)
    if problems:
        return first_of(problems)
    return _few(root)


def _few(root: Node) -> UsageError:
    """The mistakes that types do not tell: a count of none, half a pair of surrogates."""
    for node in root.value["findings"].value:
        for name, value in node.value.items() if isinstance(node.value, dict) else ():
            if name == "count" and not 1 <= value.value <= _MOST:
                what = f"expected a count from 1 to {_MOST:,}, found {value.value:,}"
                return UsageError(what, value.location)
            if isinstance(value.value, str) and _HALF.search(value.value):
                return UsageError("the text holds half a pair of surrogates", value.location)
    return UsageError("the baseline cannot be read; remove it, and write it anew", root.location)
