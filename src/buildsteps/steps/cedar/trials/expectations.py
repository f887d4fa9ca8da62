"""Does an answer meet what a test expects: decision, determining policies, errors."""

from collections.abc import Callable

from msgspec import Struct

from buildsteps.steps.cedar.engine import Answer
from buildsteps.steps.cedar.trials.trial import Expectation

Called = Callable[[str, str], bool]
"""Whether the policy with this engine id goes by that name in tests."""


class Complaint(Struct, frozen=True):
    """How an answer differs from what was expected: a JUnit type and one line."""

    kind: str
    message: str


def complaint(expected: Expectation, answer: Answer, called: Called) -> Complaint | None:
    """Compare; None where the answer is as expected. A wrong decision outranks wrong reasons."""
    if answer.decision != expected.decision:
        return Complaint("decision", f"unexpected {answer.decision}")
    if expected.reasons is not None and not _reasons_hold(expected, answer, called):
        return Complaint("reason", f"{answer.decision} for another reason than expected")
    if expected.errors is not None and not _errors_hold(expected.errors, answer, called):
        return Complaint("errors", f"{answer.decision}, but with other evaluation errors")
    return None


def _reasons_hold(expected: Expectation, answer: Answer, called: Called) -> bool:
    return _same(expected.reasons or frozenset(), answer.reasons, called, exact=expected.exact)


def _errors_hold(expected: frozenset[str] | int, answer: Answer, called: Called) -> bool:
    failed = tuple(policy for policy, _ in answer.errors)
    if isinstance(expected, int):
        return len(failed) == expected
    return _same(expected, failed, called, exact=True)


def _same(
    names: frozenset[str], engine_ids: tuple[str, ...], called: Called, *, exact: bool
) -> bool:
    all_there = all(any(called(one, name) for one in engine_ids) for name in names)
    if not exact:
        return all_there
    return all_there and all(any(called(one, name) for name in names) for one in engine_ids)
