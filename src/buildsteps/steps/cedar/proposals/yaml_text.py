"""YAML as a person would write it: plain words, short lines, quotes only where they must be."""

import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

_WIDTH = 96
_UNPRINTABLE = re.compile(r"[^ -~]")


class _Plain(yaml.SafeDumper):
    """Writes a value wherever it stands, never a reference to it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Yes, all of them."""
        return True


def flow(value: Any) -> str:
    """A value on one line, as it may stand in a list or behind a key."""
    written = _dumped([value], default_flow_style=True)[1:-1]
    return written if written.isprintable() else _escaped(value)


def pair(key: str, value: str) -> str:
    """``key: value`` on a line of its own."""
    written = _dumped({key: value}, default_flow_style=False)
    return written if written.isprintable() else f"{_escaped(key)}: {_escaped(value)}"


def listed(key: str, words: Sequence[str], indent: int) -> list[str]:
    """``key: [words]``, on as many lines as it takes."""
    begin = f"{' ' * indent}{key}: ["
    lines = [begin]
    for number, word in enumerate(words):
        piece = flow(word) + ("]" if number == len(words) - 1 else ",")
        if lines[-1] != begin and len(lines[-1]) + 1 + len(piece) > _WIDTH:
            lines.append(" " * len(begin) + piece)
        else:
            lines[-1] += piece if lines[-1] == begin else f" {piece}"
    return lines


def fits(line: str) -> bool:
    """Whether a line is short enough to be read."""
    return len(line) <= _WIDTH


def _dumped(value: Any, *, default_flow_style: bool) -> str:
    text: str = yaml.dump(
        value,
        Dumper=_Plain,
        default_flow_style=default_flow_style,
        allow_unicode=True,
        width=2**31,
        sort_keys=False,
    )
    return text.removesuffix("\n")


def _escaped(value: Any) -> str:
    """JSON, which is YAML, with every letter escaped that YAML might refuse."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda one: f"\\U{ord(one[0]):08x}", text)
