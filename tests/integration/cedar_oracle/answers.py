"""What the oracle says of random stores: verdicts, places, warnings and decisions."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from tests.integration.cedar_oracle.stores import File, Link, Placed, Store
from tests.real_parts.cedar_wasm import Oracle, Question

ECHO = "unable to find an applicable action"


class Complaint(Struct, frozen=True, kw_only=True, order=True):
    """What the engine complains of, and where: line and column count from 1."""

    message: str
    line: int
    column: int
    offset: int
    help: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """An answer to a request; ``decision`` is empty where it could not be judged."""

    decision: str
    reasons: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class Answers(Struct, kw_only=True):
    """All that the oracle says of a store; complaints about policies are by their id."""

    store: Store
    schema_holds: bool = True
    unparsed: dict[str, list[Complaint]] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    invalid: dict[str, list[Complaint]] = field(default_factory=dict)
    impossible: set[str] = field(default_factory=set)
    other_warnings: list[str] = field(default_factory=list)
    bad_links: set[str] = field(default_factory=set)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def parsed(self) -> list[Placed]:
        """The policies of the files that parse."""
        return [one for file in self.store.files for one in file.placed]

    def left_out(self, file: File) -> bool:
        """Whether the file holds a policy that is not valid, and so does not count."""
        return file.name in self.unparsed or any(one.id in self.invalid for one in file.placed)

    @property
    def good(self) -> list[Placed]:
        """The policies of the files that hold."""
        return [one for file in self.store.files if not self.left_out(file) for one in file.placed]

    @property
    def links(self) -> list[Link]:
        """The links whose template holds."""
        good = {one.id for one in self.good}
        return [one for one in self.store.links if one.template.id in good]


def ask(stores: Sequence[Store], oracle: Oracle) -> list[Answers]:
    """Ask the oracle about all of them: parse, then validate, then decide."""
    answers = [Answers(store=one) for one in stores]
    for questions, take in ((_parse, _parsed), (_validate, _validated), (_decide, _decided)):
        asked = [questions(one) for one in answers]
        said = iter(oracle.ask(question for some in asked for question in some))
        for one, some in zip(answers, asked, strict=True):
            take(one, [next(said) for _ in some])
    return answers


def _parse(one: Answers) -> list[Question]:
    store = one.store
    schema = [] if store.schema_text is None else [("checkParseSchema", store.schema)]
    return [
        *schema,
        *(("policySetTextToParts", file.text) for file in store.files),
        # Only this one tells all errors, but it takes no templates.
        *(("checkParsePolicySet", {"staticPolicies": file.text}) for file in store.files),
    ]


def _parsed(one: Answers, said: list[Any]) -> None:
    if one.store.schema_text is not None:
        one.schema_holds = said.pop(0)["type"] == "success"
    count = len(one.store.files)
    known = []
    for file, answer, checked in zip(one.store.files, said[:count], said[count:], strict=True):
        if answer["type"] == "failure":
            assert file.broken, f"{one.store.name}/{file.name} should parse: {answer}\n{file.text}"
            errors = [checked["errors"][0], *checked["errors"][0]["related"]]
            one.unparsed[file.name] = [complaint(error, file.text) for error in errors]
        elif file.broken:
            continue  # it was not broken after all, and nobody knows which policies it holds
        else:
            one.parts[file.name] = sorted(answer["policies"] + answer["policy_templates"])
        known.append(file)
    one.store = replace(one.store, files=tuple(known))


def _policy_set(placed: Sequence[Placed], links: Sequence[Link] = ()) -> dict[str, Any]:
    return {
        "staticPolicies": {o.id: o.policy.text for o in placed if not o.policy.is_template},
        "templates": {o.id: o.policy.text for o in placed if o.policy.is_template},
        "templateLinks": [
            {
                "templateId": o.template.id,
                "newId": o.id,
                "values": {slot: _uid(uid) for slot, uid in o.values.items()},
            }
            for o in links
        ],
    }


def _validate(one: Answers) -> list[Question]:
    if one.store.schema_text is None or not one.schema_holds:
        return []
    call = {"schema": one.store.schema, "policies": _policy_set(one.parsed)}
    linked = {"staticPolicies": {link.id: link.text for link in one.store.links}}
    return [("validate", call), ("validate", {"schema": one.store.schema, "policies": linked})]


def _validated(one: Answers, said: list[Any]) -> None:
    if not said:
        return
    assert said[0]["type"] == said[1]["type"] == "success", f"{one.store.name}: {said}"
    placed = {each.id: each for each in one.parsed}
    texts = {each.id: file.text for file in one.store.files for each in file.placed}
    for error in said[0]["validationErrors"]:
        policy = placed[error["policyId"]]
        before = texts[policy.id][: policy.start]
        where = complaint(error["error"], before + policy.policy.text, len(before.encode()))
        one.invalid.setdefault(policy.id, []).append(where)
    for warning in said[0]["validationWarnings"]:
        message = warning["error"]["message"]
        if "policy is impossible" in message:
            one.impossible.add(warning["policyId"])
        else:
            one.other_warnings.append(message)
    one.bad_links = {error["policyId"] for error in said[1]["validationErrors"]}


def _decide(one: Answers) -> list[Question]:
    if not one.schema_holds:
        return []
    links = [link for link in one.links if link.id not in one.bad_links]
    common: dict[str, Any] = {"preparsedPolicySetId": "p", "entities": one.store.entities}
    prepared: list[Question] = [("preparsePolicySet", "p", _policy_set(one.good, links))]
    if one.store.schema_text is not None:
        prepared.append(("preparseSchema", "s", one.store.schema))
        common.update(preparsedSchemaName="s", validateRequest=True)
    return [
        *prepared,
        *(("statefulIsAuthorized", {**request, **common}) for request in one.store.requests),
    ]


def _decided(one: Answers, said: list[Any]) -> None:
    for answer in said[-len(one.store.requests) :]:
        if answer["type"] == "failure":
            one.decisions.append(Decision(decision=""))
            continue
        diagnostics = answer["response"]["diagnostics"]
        one.decisions.append(
            Decision(
                decision=answer["response"]["decision"],
                reasons=tuple(sorted(diagnostics["reason"])),
                errors=tuple(sorted(error["policyId"] for error in diagnostics["errors"])),
            )
        )


def complaint(error: dict[str, Any], text: str, start: int = 0) -> Complaint:
    """An error of the oracle; its place, a byte in ``text`` from ``start`` on, for people."""
    places = error.get("sourceLocations") or [{"start": 0}]
    offset = len(text.encode()[: start + places[0]["start"]].decode())
    before = text[:offset]
    message = re.sub(r"^failed to parse policies from string: ", "", error["message"])
    return Complaint(
        message=re.sub(r"^for policy `[^`]*`, ", "", message),
        line=before.count("\n") + 1,
        column=offset - (before.rfind("\n") + 1) + 1,
        offset=offset,
        help=error["help"] or "",
    )


def _uid(uid: str) -> dict[str, str]:
    kind, _, name = uid.rpartition('::"')
    return {"type": kind, "id": name[:-1]}
