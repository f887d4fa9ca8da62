"""The integration-test JSON that Cedar's language bindings share: each file a store of its own.

Reasons compare as a set, errors by count; ids are ``policyN`` by position where a policy has no
``@id``; ``shouldValidate`` says whether the policies are expected to validate, and none is left
out of the set when they are not (cedar-policy's ``integration_testing.rs``).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field, structs

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Case, Location, Outcome, unjudged
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.engine_limits import check_policies, check_schema
from buildsteps.steps.cedar.policies.policy import PolicyIndex, policies_of, policy_file
from buildsteps.steps.cedar.stores.named_files import find_named
from buildsteps.steps.cedar.stores.selection import Selection
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.text.entity_uids import for_engine
from buildsteps.world.files import Files, shown_path

VALIDATE = "validate"
_EXPECTED_VALID = "shouldValidate"


class Uid(Struct, frozen=True):
    """An entity uid as these files write it."""

    type: str
    id: str


class IntegrationRequest(Struct, frozen=True):
    """One request and what is expected of it; ``context`` stays JSON text."""

    principal: Uid | str
    action: Uid | str
    resource: Uid | str
    decision: str
    context: msgspec.Raw = msgspec.Raw(b"{}")
    description: str = field(default="", name="description")
    reason: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()
    validate_request: bool = field(default=True, name="validateRequest")

    def arguments(self) -> dict[str, Any]:
        """The request as cedarpy takes it."""
        return {
            "principal": _plain(self.principal),
            "action": _plain(self.action),
            "resource": _plain(self.resource),
            "context": bytes(self.context).decode(),
        }

    def __str__(self) -> str:
        return "  ".join(_shown(one) for one in (self.principal, self.action, self.resource))


class IntegrationTest(Struct, frozen=True):
    """One file: three paths, and the requests."""

    policies: str
    entities: str
    schema: str
    requests: tuple[IntegrationRequest, ...]
    should_validate: bool | None = field(default=None, name=_EXPECTED_VALID)


class Parts(Struct, frozen=True):
    """The files that a test names, parsed."""

    policies: SourceText
    policy_set: engine.PolicySet
    entities: engine.Entities
    schema: engine.Schema


def judge_integration(path: Path, cwd: Path, selection: Selection) -> list[Case]:
    """Judge one file; a file that cannot be judged gives one error case."""
    shown = shown_path(path, cwd)
    files = Files(cwd)
    try:
        test = _read(path, files)
        parts = _parts(test, path, cwd, files)
    except BuildstepsError as error:
        place = (Location(path=shown),)
        case = unjudged(
            path.name, shown, str(error), kind="request", locations=place, detail=error.detail
        )
        return [case] if (shown, path.name) in selection else []
    judged = [
        *([_validated(test, parts, shown)] if test.should_validate is not None else []),
        *_decided(test, parts, shown),
    ]
    return [case for case in judged if (case.group, case.name) in selection]


def judge_integrations(paths: Sequence[Path], cwd: Path, selection: Selection) -> bytes:
    """Judge some files in a worker process; the cases come back as MessagePack."""
    return msgspec.msgpack.encode(
        [case for path in paths for case in judge_integration(path, cwd, selection)]
    )


def decoded(answer: bytes) -> list[Case]:
    """The cases that :func:`judge_integrations` gave."""
    return msgspec.msgpack.decode(answer, type=list[Case])


def _read(path: Path, files: Files) -> IntegrationTest:
    source = SourceText(shown_path(path, files.cwd), files.read_text(path))
    try:
        test = msgspec.json.decode(source.text, type=IntegrationTest)
    except msgspec.ValidationError as error:
        raise UsageError(f"not an integration test: {error}", source.location(0)) from None
    except msgspec.DecodeError:
        json_text.decode(source)  # says what and where
        raise
    if test.should_validate is None:
        _check_keys(source)
    return test


def _check_keys(source: SourceText) -> None:
    """Refuse a key that is nearly ``shouldValidate``: without it nothing is validated.

    Other keys are passed over, for the files of Cedar's own repository have more than are needed.
    """
    for key in msgspec.json.decode(source.text, type=dict[str, msgspec.Raw]):
        nearest = suggestion(key, (_EXPECTED_VALID,))
        if nearest and key not in (one.encode_name for one in structs.fields(IntegrationTest)):
            place = source.location(max(source.text.find(f'"{key}"'), 0))
            raise UsageError(f"unknown key `{key}`.{nearest}", place)


def _parts(test: IntegrationTest, path: Path, cwd: Path, files: Files) -> Parts:
    policies, entities, schema = (
        _named(name, path, cwd, files) for name in (test.policies, test.entities, test.schema)
    )
    check_schema(schema)
    check_policies(policies)
    source = schema
    try:
        handle = _schema(schema.text)
        source = policies
        policy_set = engine.any_policies(policies.text)
        source = entities
        return Parts(
            policies, policy_set, engine.Entities.from_json_str(entities.text, handle), handle
        )
    except ValueError as error:
        raise UsageError(str(error), Location(path=source.path)) from None


@lru_cache(maxsize=4)
def _schema(text: str) -> engine.Schema:
    """The schema of this text; tests that stand together often name the same one.

    Parsing it is a third of what a small test costs.
    """
    return engine.any_schema(text)


def _named(name: str, path: Path, cwd: Path, files: Files) -> SourceText:
    found = find_named(name, str(path), str(cwd))
    if found is None:
        raise UsageError(f"there is no file `{name}` here or above the test")
    return SourceText(shown_path(found, cwd), files.read_text(found))


def _validated(test: IntegrationTest, parts: Parts, group: str) -> Case:
    """Whether the policies validate or not, as expected."""
    name = f"{VALIDATE} {parts.policies.path.rsplit('/', 1)[-1]}"
    place = (Location(path=parts.policies.path),)
    errors = engine.validation_messages(parts.policies.text, parts.schema)
    if bool(errors) != test.should_validate:
        return Case(name=name, group=group, outcome=Outcome.PASSED, locations=place)
    if not errors:
        message = "the policies validate, which was not expected"
        return Case(
            name=name,
            group=group,
            outcome=Outcome.FAILED,
            kind=VALIDATE,
            message=message,
            locations=place,
        )
    detail = "\n".join(errors[1:])
    return unjudged(name, group, errors[0], kind=VALIDATE, locations=place, detail=detail)


def _decided(test: IntegrationTest, parts: Parts, group: str) -> Iterator[Case]:
    answers = _answers(test.requests, parts)
    place = (Location(path=group),)
    taken: set[str] = set()
    for number, (request, answer) in enumerate(zip(test.requests, answers, strict=True), 1):
        name = request.description or f"request {number}"
        if name in taken:
            name = f"{name} #{number}"
        taken.add(name)
        kind, message = _complaint(request, answer)
        if kind:
            yield _wrong(
                request,
                answer,
                parts,
                Case(
                    name=name,
                    group=group,
                    outcome=Outcome.FAILED,
                    kind=kind,
                    message=message,
                    locations=place,
                ),
            )
        else:
            yield Case(
                name=name,
                group=group,
                outcome=Outcome.PASSED,
                seconds=answer.seconds,
                locations=place,
            )


def _answers(requests: Sequence[IntegrationRequest], parts: Parts) -> list[engine.Answer]:
    """Ask for all decisions, those with and those without request validation apart."""
    answers: dict[int, engine.Answer] = {}
    for validated in (True, False):
        chosen = [n for n, one in enumerate(requests) if one.validate_request is validated]
        if chosen:
            got = engine.authorize(
                [requests[n].arguments() for n in chosen],
                parts.policy_set,
                parts.entities,
                parts.schema if validated else None,
            )
            answers.update(zip(chosen, got, strict=True))
    return [answers[number] for number in range(len(requests))]


def _complaint(request: IntegrationRequest, answer: engine.Answer) -> tuple[str, str]:
    """What is wrong with the answer: a JUnit type and one line, empty where nothing is."""
    expected = request.decision.upper()
    if not answer.decision:
        return "request", answer.message
    if answer.decision != expected:
        return "decision", f"unexpected {answer.decision}"
    names = {answer.annotations.get(reason) or reason for reason in answer.reasons}
    if names != request.reason:
        return "reason", f"{answer.decision} for another reason than expected"
    if len(answer.errors) != len(request.errors):
        return "errors", f"{answer.decision}, but with other evaluation errors"
    return "", ""


def _wrong(request: IntegrationRequest, answer: engine.Answer, parts: Parts, case: Case) -> Case:
    """The case with its explanation; a request that could not be judged is an error."""
    if not answer.decision:
        return unjudged(
            case.name,
            case.group,
            case.message,
            kind=case.kind,
            locations=case.locations,
            detail=f"request   {request}",
        )
    index = PolicyIndex(
        policies=tuple(policies_of([policy_file(parts.policies.path, parts.policies)])), links={}
    )
    reasons = [
        f"{answer.annotations.get(one) or one}  {index.describe(one)}" for one in answer.reasons
    ] or ["default deny"]
    lines = [
        (
            "expected",
            f"{request.decision.upper()} by {', '.join(sorted(request.reason)) or 'none'}"
            f", {len(request.errors)} errors",
        ),
        ("request", str(request)),
        *(("because", reason) for reason in reasons),
        *(("error", f"{index.describe(policy)}: {message}") for policy, message in answer.errors),
    ]
    detail = "\n".join(f"{label:<9} {text}" for label, text in lines)
    return msgspec.structs.replace(case, detail=detail)


def _plain(uid: Uid | str) -> Any:
    return for_engine(uid) if isinstance(uid, str) else {"type": uid.type, "id": uid.id}


def _shown(uid: Uid | str) -> str:
    return uid if isinstance(uid, str) else f'{uid.type}::"{uid.id}"'
