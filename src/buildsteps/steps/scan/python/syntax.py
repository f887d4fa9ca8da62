"""Where Python files do not parse, asked of the interpreter that bandit runs in."""

import json
import sys
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from buildsteps.results import Case, Location, unjudged
from buildsteps.world import World

SYNTAX = "syntax"
"""The kind of the case of a file that is no Python, or no text."""

_ASK = """
import ast, json, sys
for path in json.load(sys.stdin):
    message, line, column = "", 0, 0
    try:
        with open(path, "rb") as file:
            data = file.read()
        ast.parse(data)
    except SyntaxError as error:
        message, line, column = error.msg, error.lineno or 0, error.offset or 0
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        message = str(error) or type(error).__name__
    except OSError as error:
        message = (error.strerror or "").lower()
    print(json.dumps([path, message, line, column]), flush=True)
"""


class Mistake(Struct, frozen=True, array_like=True):
    """What is wrong with a file, and where; line and column from 1, or 0."""

    path: str
    message: str
    line: int = 0
    column: int = 0


def parsed(world: World, paths: Sequence[str]) -> dict[str, Mistake]:
    """The mistakes of those files that do not parse.

    It is a process of its own, since code that is nested deep enough ends an interpreter.
    """
    if not paths:
        return {}
    done = world.processes.run(
        [sys.executable, "-I", "-c", _ASK], cwd=world.cwd, stdin=json.dumps(list(paths)).encode()
    )
    lines = done.stdout.splitlines()
    told = [msgspec.convert(json.loads(line), Mistake) for line in lines]
    if done.status != 0 and len(told) < len(paths):
        told.append(Mistake(paths[len(told)], "it ends the Python interpreter"))
    return {one.path: one for one in told if one.message}


def unparsed(mistake: Mistake) -> Case:
    """The error case of a file that the interpreter that bandit runs in cannot parse."""
    version = ".".join(map(str, sys.version_info[:2]))
    return no_python(
        Location(mistake.path, mistake.line or None, mistake.column or None),
        f"is not valid for Python {version}: {mistake.message}",
    )


def no_python(place: Location, message: str) -> Case:
    """The error case of a file that is no Python, or no text."""
    detail = "A file that is meant to be so is left out with --exclude."
    return unjudged(place.path, "python", message, kind=SYNTAX, locations=(place,), detail=detail)
