"""Calls of ruff: where it is, what it is asked, and whether it came to its end."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from buildsteps.errors import WorldError
from buildsteps.steps.scan.engines.ruff_report import Diagnostic, ruff_report
from buildsteps.steps.scan.python.files import argument
from buildsteps.steps.scan.python.portions import fitting
from buildsteps.steps.scan.python.timed import TimedCalls
from buildsteps.steps.scan.python_rules import SELECTED
from buildsteps.world import World
from buildsteps.world.process import Completed

UNREADABLE = "E902"
"""The rule that says that a file cannot be read; asked for with the others."""

_INSTALL = "ruff is not installed: pip install 'buildsteps[scan]'"
_UNKNOWN = re.compile(r"Unknown rule selector:? `([^`]+)`")
_FAILURES = 2  # ruff's exit status for a wrong call, and for its own failures


def program(world: World) -> str:
    """The ruff of this environment, or else that of the search path.

    Raises:
        WorldError: there is none.
    """
    try:
        return str(import_module("ruff").find_ruff_bin())
    except (ImportError, AttributeError, FileNotFoundError):  # not ours, or one before 0.14
        beside = str(Path(sys.executable).parent)
    found = shutil.which("ruff", path=os.pathsep.join([beside, world.environ.get("PATH", "")]))
    if found is None:
        raise WorldError(_INSTALL)
    return found


class Calls:
    """One ruff and what it is asked, apart from all configuration of the project.

    ``unknown`` are rules that this ruff does not have, which are then left out.
    """

    def __init__(self, world: World, timeout: float) -> None:
        # ruff takes options from variables, too: one of them sends its report to a file.
        environ = {
            name: value for name, value in world.environ.items() if not name.startswith("RUFF_")
        }
        self._program = program(world)
        self._calls = TimedCalls("ruff", timeout, world, environ)
        self.unknown: list[str] = []

    def version(self) -> str:
        """The version of ruff."""
        words = (
            self._calls.run([self._program, "--version"]).stdout.decode(errors="replace").split()
        )
        return words[-1] if words else ""

    def check(self, files: Sequence[str], *flags: str) -> list[Diagnostic]:
        """What ruff says of ``files``; files that it cannot read have :data:`UNREADABLE`.

        Raises:
            WorldError: ruff failed.
        """
        return [
            one
            for portion in fitting(files)
            for one in self._checked([*flags, "--", *map(argument, portion)])
        ]

    def check_text(self, path: str, text: str, *flags: str) -> list[Diagnostic]:
        """What ruff says of a file whose text we hand over, since it reads UTF-8 only."""
        return self._checked([*flags, "--stdin-filename", argument(path), "-"], text.encode())

    def listed(self, files: Sequence[str]) -> frozenset[str]:
        """The lines that ruff prints when asked which of ``files`` it reads."""
        lines: set[str] = set()
        for portion in fitting(files):
            wanted = ["check", "--isolated", "--show-files", "--", *map(argument, portion)]
            done = self._calls.run([self._program, *wanted])
            if done.status != 0:
                raise WorldError("ruff did not say what it reads", detail=_said(done))
            lines.update(done.stdout.decode(errors="replace").splitlines())
        return frozenset(lines)

    def _checked(self, arguments: Sequence[str], stdin: bytes = b"") -> list[Diagnostic]:
        while True:
            selected = [rule for rule in (*SELECTED, UNREADABLE) if rule not in self.unknown]
            done = self._calls.run(
                [
                    self._program,
                    *("check", "--isolated", "--no-cache", "--no-fix", "--no-preview"),
                    *("--output-format", "json", "--select", ",".join(selected)),
                    *arguments,
                ],
                stdin,
            )
            said = _said(done)
            unknown = _UNKNOWN.search(said) if done.status == _FAILURES else None
            if unknown is None or unknown[1] not in selected:
                break
            self.unknown.append(unknown[1])
        if done.status not in (0, 1):
            raise WorldError(f"ruff failed, with exit status {done.status}", detail=said)
        try:
            return list(ruff_report(done.stdout))
        except ValueError:
            raise WorldError("ruff wrote something else than its JSON", detail=said) from None


def _said(done: Completed) -> str:
    return "\n".join(done.stderr.decode(errors="replace").strip().splitlines()[-20:])
