"""Variables in a Compose file, as Compose resolves them.

The source is "Interpolation" of the Compose Specification: ``$NAME``, ``${NAME}``, ``:-`` and ``-``
(default), ``:?`` and ``?`` (required), ``:+`` and ``+`` (replacement), nested, and ``$$`` for a
dollar sign. With a colon an empty value counts as none.
"""

import re
from collections.abc import Mapping

_NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")
_MODIFIER = re.compile(r":?[-?+]")
_DEEPEST = 20


class UnresolvedError(Exception):
    """A variable that is not set and has no default, or one that is written wrongly."""


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """Give ``text`` with its variables replaced.

    Compose puts nothing for a variable that is not set. Here that is refused, because an image
    put together from nothing is nobody's.

    Raises:
        UnresolvedError: see there; says which.
    """
    return _run(text, 0, environ, 0, closing="")[0]


def _run(
    text: str, at: int, environ: Mapping[str, str], depth: int, closing: str
) -> tuple[str, int]:
    """Read up to the end, or up to ``closing`` outside of any variable."""
    if depth > _DEEPEST:
        raise UnresolvedError("its variables are nested too deeply")
    pieces = []
    while at < len(text) and text[at] != closing:
        if text[at] != "$":
            pieces.append(text[at])
            at += 1
        else:
            piece, at = _variable(text, at + 1, environ, depth)
            pieces.append(piece)
    return "".join(pieces), at


def _variable(text: str, at: int, environ: Mapping[str, str], depth: int) -> tuple[str, int]:
    if text.startswith("$", at):
        return "$", at + 1
    braces = text.startswith("{", at)
    name = _NAME.match(text, at + braces)
    if name is None:
        raise UnresolvedError("a dollar sign without a name")
    if not braces:
        return _plain(name[0], environ), name.end()
    at = name.end()
    modifier = _MODIFIER.match(text, at)
    if modifier is None:
        return _plain(name[0], environ), _closed(text, at)
    end = _skipped(text, modifier.end())
    value = environ.get(name[0])
    is_set = bool(value) if modifier[0].startswith(":") else value is not None
    kind = modifier[0][-1]
    if is_set != (kind == "+"):
        return "" if kind == "+" else value or "", _closed(text, end)
    if kind == "?":
        raise UnresolvedError(f"the variable {name[0]} is required and not set")
    word, end = _run(text, modifier.end(), environ, depth + 1, closing="}")
    return word, _closed(text, end)


def _plain(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise UnresolvedError(f"the variable {name} is not set")
    return environ[name]


def _skipped(text: str, at: int) -> int:
    """The end of a word that is not used, whatever variables are in it."""
    depth = 0
    while at < len(text) and (depth or text[at] != "}"):
        if text.startswith("${", at):
            depth += 1
        elif text[at] == "}":
            depth -= 1
        at += 1
    return at


def _closed(text: str, at: int) -> int:
    if not text.startswith("}", at):
        raise UnresolvedError("a variable without its closing brace")
    return at + 1
