"""What holds for all tests: in CI (``CI=true``) a skipped test is a failed one.

A test that skips because a tool is not installed would otherwise look after nothing, unseen. Only
what cannot hold on a platform may skip there; its reason begins with ``platform:``.
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

PLATFORM = "platform:"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test, wherever it came from, into a failure."""
    return _without_skip((yield), item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into an error."""
    return _without_skip((yield), collector.nodeid)


def _without_skip(report: Report, nodeid: str) -> Report:
    reason = _skip_reason(report)
    if reason is not None and os.environ.get("CI") == "true" and not reason.startswith(PLATFORM):
        report.outcome = "failed"
        report.longrepr = (
            f"{nodeid} was skipped, which in CI is a failure: {reason}\n"
            f"Install what it needs, or, if it cannot hold on this platform, begin the reason of "
            f"the skip with '{PLATFORM}'."
        )
    return report


def _skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Return why the test was skipped; None if it was not, or if it is expected to fail."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")
