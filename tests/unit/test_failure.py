import pytest

from buildsteps.errors import (
    ClosedPipeError,
    Interrupted,
    UnreadableError,
    UsageError,
    WorldError,
)
from buildsteps.failure import failed_run
from buildsteps.gate import judge
from buildsteps.results import Location

INTERNAL = "internal error, please report it (--debug shows more): "


@pytest.mark.parametrize(
    ("error", "outcome", "code", "kind", "sentence"),
    [
        (UsageError("no", Location("f", 2)), "wrong-call", 2, "usage", "f:2: no"),
        (UnreadableError("is a folder"), "wrong-call", 2, "usage", "is a folder"),
        (WorldError("gone"), "world-failed", 3, "world", "gone"),
        (ClosedPipeError("closed"), "world-failed", 3, "world", "closed"),
        (KeyboardInterrupt(), "interrupted", 130, "interrupted", "interrupted"),
        (Interrupted(), "interrupted", 143, "interrupted", "terminated"),
        (MemoryError(), "world-failed", 3, "internal", "out of memory"),
        (ValueError("a\nb"), "world-failed", 3, "internal", f"{INTERNAL}ValueError: a"),
        (ValueError(), "world-failed", 3, "internal", f"{INTERNAL}ValueError: no message"),
        (SystemExit(1), "world-failed", 3, "internal", f"{INTERNAL}SystemExit: 1"),
    ],
)
def test_each_way_to_fail_is_one_error_case(
    error: BaseException, outcome: str, code: int, kind: str, sentence: str
) -> None:
    result = failed_run("try", error)
    (case,) = result.report.cases
    assert (result.verdict.outcome, result.verdict.exit_code) == (outcome, code)
    assert result.verdict.reasons == (sentence,)
    assert (case.group, case.kind, case.message) == ("try", kind, sentence)
    assert judge(result.report).exit_code == (1 if code == 2 else 3)


def test_the_place_and_the_detail_are_kept() -> None:
    place = Location("f", 2, 3)
    (case,) = failed_run("try", UsageError("no", place, "more\nlines")).report.cases
    assert (case.locations, case.detail) == ((place,), "more\nlines")
