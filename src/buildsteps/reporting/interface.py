"""What every reporter is: a function from a result to pieces of text."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from buildsteps.results import RunResult


class Rendering(Struct, frozen=True, kw_only=True):
    """How to render, beside what.

    ``verbosity`` is -1 (only what stops), 0 or 1 (everything). ``case_limit`` is the number of
    cases that the reader of a JUnit file can show, or None for all. ``width`` is in columns.
    """

    colour: bool = False
    verbosity: int = 0
    width: int = 100
    case_limit: int | None = None


Reporter = Callable[[RunResult, Rendering], Iterator[str]]
"""Yields the report in pieces; together they are the whole text, with a final newline."""
