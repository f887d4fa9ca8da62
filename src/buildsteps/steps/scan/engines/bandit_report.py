"""What bandit prints with ``-f json``, as data."""

import json
from collections.abc import Mapping

import msgspec
from msgspec import Struct, field


class Cwe(Struct, frozen=True):
    """A weakness by its number, if bandit names one."""

    id: int | None = None


class Issue(Struct, frozen=True):
    """One result. ``col_offset`` and ``end_col_offset`` count bytes of UTF-8, from 0."""

    filename: str
    test_id: str
    test_name: str
    issue_severity: str
    issue_confidence: str
    issue_text: str
    line_number: int
    line_range: tuple[int, ...] = ()
    col_offset: int = -1
    end_col_offset: int = 0
    issue_cwe: Cwe = Cwe()
    more_info: str = ""

    @property
    def identity(self) -> tuple[str, str, int, int, tuple[int, ...]]:
        """What is the same of a result in two runs over the same file."""
        return (self.filename, self.test_id, self.line_number, self.col_offset, self.line_range)


class Skipped(Struct, frozen=True):
    """A file that bandit did not judge, and its word for why."""

    filename: str
    reason: str


class Metrics(Struct, frozen=True):
    """What was let pass in a file: by a bare ``nosec``, and by one that names tests."""

    nosec: int = 0
    skipped_tests: int = 0


class BanditReport(Struct, frozen=True):
    """The report; ``metrics`` has an entry for each file that was opened, and ``_totals``."""

    results: tuple[Issue, ...]
    errors: tuple[Skipped, ...]
    metrics: Mapping[str, Metrics] = field(default_factory=dict)


def bandit_report(data: bytes) -> BanditReport:
    """Read what bandit printed.

    Raises:
        ValueError: it is not bandit's JSON.
    """
    try:
        return msgspec.json.decode(data, type=BanditReport)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # names that are no UTF-8 are lone surrogates there
        return msgspec.convert(json.loads(data), BanditReport)
