"""DuckDB, which reads and groups samples: imported with the first use, bounded in memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from buildsteps.errors import UnreadableError, UsageError, WorldError
from buildsteps.results import Location
from buildsteps.steps.loadtest.measured.sample_file import (
    LAST_MOMENT,
    LONGEST_LINE,
    LONGEST_TIME,
    Header,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "160MB"
"""What grouping may take before it goes on in a temporary folder."""

_BUFFER = 4 * LONGEST_LINE
_AT_ONCE = 10_000
_TYPES = {
    "timeStamp": "BIGINT",
    "elapsed": "DOUBLE",
    "success": "BOOLEAN",
    "bytes": "BIGINT",
    "allThreads": "BIGINT",
}
_TABLE = """CREATE TABLE groups (file INTEGER, region VARCHAR, by_step INTEGER,
    label VARCHAR, code VARCHAR,
    step BIGINT, tenths BIGINT, n BIGINT, errors BIGINT, bytes HUGEINT, users BIGINT,
    first BIGINT, last DOUBLE, broken BIGINT)"""

# Two groupings in one pass: by label for what is measured, by step for what happens over time.
# A cell that is empty is NULL, and what is out of range makes no row: `broken` counts both.
_READ = """INSERT INTO groups
SELECT {file}, {region}, grouping(label), label, code, step, tenths, count(*),
    count(*) FILTER (NOT success), sum(bytes), max(users), min(moment), max(moment + elapsed),
    count(*) FILTER (NOT coalesce(success IS NOT NULL AND moment BETWEEN 0 AND {last_moment}
        AND elapsed BETWEEN 0 AND {longest_time}, false))
FROM (
    SELECT coalesce(label, '') AS label, coalesce({code}, '') AS code, timeStamp AS moment,
        (timeStamp - {origin}) // {width} AS step,
        CAST(round(elapsed * 10) AS BIGINT) AS tenths,
        elapsed, success, {bytes} AS bytes, {users} AS users
    FROM {source}
    WHERE coalesce(timeStamp >= {start} AND timeStamp < {stop}, true)
)
GROUP BY GROUPING SETS ((label, code, tenths), (step, tenths))"""


class Duck:
    """One database in memory, with the groups of all files read so far."""

    def __init__(self) -> None:
        """Import DuckDB.

        Raises:
            UsageError: it is not installed.
        """
        try:
            import duckdb
        except ImportError:
            raise UsageError(
                "reading raw samples needs DuckDB: pip install 'buildsteps[loadtest]'"
            ) from None
        self._folder = TemporaryDirectory(prefix="buildsteps-samples-")
        self._error = duckdb.Error
        self._database: DuckDBPyConnection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY,
                "preserve_insertion_order": False,
                "temp_directory": self._folder.name,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        self._database.execute(_TABLE)
        self._reason = ""

    def close(self) -> None:
        """Give the memory and the temporary folder back."""
        self._database.close()
        self._folder.cleanup()

    def read(
        self,
        path: Path,
        header: Header,
        *,
        file: int,
        region: str,
        origin: int,
        width: int,
        start: int = 0,
        stop: int = LAST_MOMENT,
    ) -> bool:
        """Group the samples that began from ``start`` to before ``stop``; times in milliseconds.

        False where a row is no sample: which one, and why, DuckDB does not tell well.

        Raises:
            WorldError: there is no room for the groups.
        """
        sql = _READ.format(
            file=file,
            region=_text(region),
            last_moment=LAST_MOMENT,
            longest_time=LONGEST_TIME,
            code=_column(header, "responseCode", "VARCHAR"),
            bytes=_column(header, "bytes", "BIGINT"),
            users=_column(header, "allThreads", "BIGINT"),
            origin=origin,
            width=width,
            start=start,
            stop=stop,
            source=_source(path, header),
        )
        try:
            self._database.execute(sql)
        except self._error as error:
            if type(error).__name__ in ("OutOfMemoryException", "IOException"):
                raise WorldError(f"the samples cannot be grouped: {_first_line(error)}") from None
            self._reason = _first_line(error)
            return False
        self._reason = "a row is no sample"
        return not self.number("SELECT sum(broken) FROM groups WHERE file = ?", file)

    def unreadable(self, shown: str) -> UnreadableError:
        """What DuckDB said of the file that was read last."""
        return UnreadableError(f"is no CSV that can be read: {self._reason}", Location(shown))

    def number(self, sql: str, *values: Any) -> Any:
        """The one value that a query gives."""
        row = self._database.execute(sql, list(values)).fetchone()
        return row[0] if row else None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, some at a time."""
        cursor = self._database.cursor()
        try:
            cursor.execute(sql, list(values))
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows
        finally:
            cursor.close()


def _column(header: Header, name: str, kind: str) -> str:
    return f'"{name}"' if name in header.columns else f"CAST(NULL AS {kind})"


def _source(path: Path, header: Header) -> str:
    columns = ", ".join(
        f"{_text(name)}: {_text(_TYPES.get(name, 'VARCHAR'))}" for name in header.columns
    )
    return (
        f"read_csv({_text(_no_pattern(str(path)))}, columns={{{columns}}}, auto_detect=false,"
        f" header=true, delim={_text(header.separator)}, quote='\"', escape='\"',"
        f" compression='none', buffer_size={_BUFFER}, max_line_size={LONGEST_LINE})"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _no_pattern(path: str) -> str:
    """A path that DuckDB does not take for a pattern."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in path)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
