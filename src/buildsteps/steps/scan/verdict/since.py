"""``--since REF``: which lines changed since the merge base of a commit and the one checked out."""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Finding, Location
from buildsteps.world import World
from buildsteps.world.git import repository_root
from buildsteps.world.process import Completed

Lines = Sequence[tuple[int, int]]
"""Ranges of lines, first and last, both of them in it."""

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(rb'\\([0-7]{3}|[abfnrtv"\\])')
_LETTERS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))
_TIMEOUT = 300.0
_GIT = ("git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "-M", "-U0"),
    *("--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules"),
)


class Changed(Struct, frozen=True, kw_only=True):
    """Lines that changed, by file as we show it; None for a file that is new as a whole."""

    ref: str
    lines: Mapping[str, Lines | None]

    def has(self, finding: Finding) -> bool:
        """Whether the place of a finding is on a line that changed; without a line, its file."""
        return bool(finding.locations) and self._touches(finding.locations[0])

    def _touches(self, place: Location) -> bool:
        path = posixpath.normpath(place.path)
        if path not in self.lines:
            return False
        ranges = self.lines[path]
        if ranges is None or place.line is None:
            return True
        last = max(place.end_line or place.line, place.line)
        return any(place.line <= end and begin <= last for begin, end in ranges)


def changed_since(ref: str, world: World) -> Changed:
    """Ask git what changed in the working tree since the merge base with ``ref``.

    Files that git does not track, and does not ignore, are new as a whole. A renamed file has
    only the lines that were changed with it.

    Raises:
        UsageError: there is no repository, no such commit, or none that both have in common.
        WorldError: git is missing or fails.
    """
    root = repository_root(world.cwd)
    if root is None:
        raise UsageError(f"--since {ref}: {world.cwd} is in no git repository")
    base = _merge_base(ref, root, world)
    patch = _asked((*_DIFF, base, "--"), root, world)
    listed = _asked(("ls-files", "-z", "--others", "--exclude-standard"), root, world)
    found: dict[str, Lines | None] = dict(changed_lines(patch.split(b"\n")))
    found |= {os.fsdecode(name): None for name in listed.split(b"\0") if name}
    return Changed(ref=ref, lines={world.shown(root / name): one for name, one in found.items()})


def changed_lines(patch: Iterable[bytes]) -> Iterator[tuple[str, Lines]]:
    """The lines that each file of a patch without context has new, by its path after."""
    path, ranges = "", list[tuple[int, int]]()
    lines = iter(patch)
    for line in lines:
        if line.startswith(b"+++ "):
            if path and ranges:
                yield path, ranges
            path, ranges = _path(line.removeprefix(b"+++ ")), []
        elif hunk := _HUNK.match(line):
            first, new = int(hunk[2]), _number(hunk[3])
            if new:
                ranges.append((first, first + new - 1))
            _skip(lines, _number(hunk[1]) + new)
    if path and ranges:
        yield path, ranges


def _skip(lines: Iterator[bytes], number: int) -> None:
    """Pass over the text of a hunk, whatever it looks like."""
    while number > 0 and (line := next(lines, None)) is not None:
        number -= line[:1] in {b"-", b"+"}


def _number(text: bytes | None) -> int:
    return 1 if text is None else int(text)


def _path(name: bytes) -> str:
    """The path of a ``+++`` line; empty for ``/dev/null``, of a file that was removed."""
    name = name.removesuffix(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _QUOTED.sub(_unquoted, name[1:-1])
    return os.fsdecode(name.removeprefix(b"b/")) if name.startswith(b"b/") else ""


def _unquoted(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF])
    return bytes([_LETTERS.get(code[0], code[0])])


def _merge_base(ref: str, root: Path, world: World) -> str:
    if ref.startswith("-") or not ref.isprintable():
        raise UsageError(f"--since: {ref!r} is no name of a commit")
    commit = _run(("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"), root, world)
    if commit.status:
        raise UsageError(f"--since: git knows no commit {ref} here{_shallow(root, world)}")
    base = _run(("merge-base", commit.stdout.decode().strip(), "HEAD"), root, world)
    if base.status == 1:
        why = _shallow(root, world)
        raise UsageError(f"--since: {ref} and HEAD have no commit in common{why}")
    return _checked(base).decode().strip()


def _shallow(root: Path, world: World) -> str:
    """How to get what is missing; raises where git cannot read the repository at all."""
    if _asked(("rev-parse", "--is-shallow-repository"), root, world).strip() == b"true":
        return "; this clone is shallow: `git fetch --unshallow` brings what is missing"
    return "; `git fetch` may bring it"


def _asked(arguments: Sequence[str], root: Path, world: World) -> bytes:
    return _checked(_run(arguments, root, world))


def _run(arguments: Sequence[str], root: Path, world: World) -> Completed:
    return world.processes.run([*_GIT, *arguments], cwd=root, timeout=_TIMEOUT)


def _checked(answer: Completed) -> bytes:
    if answer.status:
        said = answer.stderr.decode(errors="replace").strip().partition("\n")[0]
        why = said or f"it ended with status {answer.status}"
        raise WorldError(f"git cannot say what changed: {why}")
    return answer.stdout
