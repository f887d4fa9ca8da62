"""Short ways to read a file in a test."""

from collections.abc import Mapping

from buildsteps.steps.signing.inputs.detect import read_input
from buildsteps.steps.signing.inputs.interface import Input, Uses
from buildsteps.steps.signing.uses import ImageUse


def read(text: str | bytes, environ: Mapping[str, str] | None = None) -> Uses:
    """Read a file of any kind, named ``file``."""
    data = text.encode() if isinstance(text, str) else text
    return read_input(Input("file", data, environ=environ or {}))


def told(uses: Uses) -> list[tuple[str, str]]:
    """What each use says: where in words, and what was written."""
    return [(use.where, use.written) for use in uses.uses]


def spans(text: str | bytes, uses: Uses) -> list[str]:
    """The bytes that each use points at."""
    data = text.encode() if isinstance(text, str) else text
    return [data[use.start : use.end].decode() if use.start >= 0 else "" for use in uses.uses]


def place(use: ImageUse) -> tuple[int | None, int | None]:
    """Line and column of a use."""
    assert use.location is not None
    return use.location.line, use.location.column
