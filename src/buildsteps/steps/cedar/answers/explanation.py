"""Why a test was decided as it was, in lines for people."""

import re
from collections.abc import Iterator

from buildsteps.nearest import suggestion
from buildsteps.reporting.text import printable
from buildsteps.steps.cedar.engine import Answer
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.trials.decisions import Authorizer
from buildsteps.steps.cedar.trials.entities import EntityData
from buildsteps.steps.cedar.trials.trial import Expectation, Trial

Line = tuple[str, str]

_ENGINE_ID = re.compile(r"policy[0-9]+")
"""What tests may call a policy without an ``@id``."""


def explanation(trial: Trial, answer: Answer, entities: EntityData, authorizer: Authorizer) -> str:
    """Expected and actual decision, the request, the determining policies, the near misses."""
    lines = [
        *_decision(trial.expected, answer),
        ("request", str(trial.request)),
        *_because(answer, authorizer.index),
        *_expected_reasons(trial.expected, answer),
        *_unknown_reasons(trial.expected, answer, authorizer),
        *(
            ("error", f"{authorizer.index.describe(policy)}: {message}")
            for policy, message in answer.errors
        ),
        *_near_misses(trial, answer, entities, authorizer),
        *_left_out(trial.expected, answer, authorizer),
    ]
    # a name may hold a line end, and must not look like a line of ours
    return "\n".join(f"{label:<9} {printable(text)}" for label, text in lines)


def _decision(expected: Expectation, answer: Answer) -> Iterator[Line]:
    if expected.decision == answer.decision:
        yield "decided", answer.decision
    else:
        yield "expected", f"{expected.decision}, decided {answer.decision}"


def _because(answer: Answer, index: PolicyIndex) -> Iterator[Line]:
    if not answer.reasons:
        yield "because", "no policy permits it (default deny)"
    verb = "permitted by" if answer.decision == "ALLOW" else "forbidden by"
    for reason in answer.reasons:
        yield "because", f"{verb} {index.describe(reason)}"


def _expected_reasons(expected: Expectation, answer: Answer) -> Iterator[Line]:
    if expected.reasons is None or expected.decision != answer.decision:
        return
    if not (expected.reasons or expected.exact):
        return
    named = ", ".join(f"`{name}`" for name in sorted(expected.reasons))
    some = "exactly " if expected.exact else "among others "
    yield "expected", f"{some}{named}" if named else "no policy to apply (default deny)"


def _unknown_reasons(
    expected: Expectation, answer: Answer, authorizer: Authorizer
) -> Iterator[Line]:
    """The ids that a test expects and nobody has; a typo in them looks like a wrong policy."""
    unreadable = any(not one.id for one in authorizer.left_out)
    if not expected.reasons or expected.decision != answer.decision or unreadable:
        return
    names = authorizer.index.names()
    known = {*names, *(one.id for one in authorizer.left_out)}
    for name in sorted(expected.reasons - known):
        if not _ENGINE_ID.fullmatch(name):
            yield "unknown", f"no policy has the id `{name}`.{suggestion(name, names)}"


def _near_misses(
    trial: Trial, answer: Answer, entities: EntityData, authorizer: Authorizer
) -> Iterator[Line]:
    """The policies that would have led to the other decision, had a little more of them held."""
    permitted = answer.decision == "ALLOW"
    surprising = trial.expected.decision != answer.decision
    if trial.request is None or (answer.reasons and not (permitted and surprising)):
        return
    probes = authorizer.probes("forbid" if permitted else "permit")
    request = trial.request.arguments()
    for miss in probes.near_misses(request, entities.handle, authorizer.schema):
        yield "near miss", f"{authorizer.index.describe(miss.engine_id)}: {miss.sentence()}"


def _left_out(expected: Expectation, answer: Answer, authorizer: Authorizer) -> Iterator[Line]:
    decided = expected.decision == answer.decision
    for one in authorizer.left_out:
        missed = expected.reasons and (not one.id or one.id in expected.reasons)
        if missed if decided else one.may_explain(answer.decision):
            yield "left out", f"{one.what} {one.why}, which may explain this"
