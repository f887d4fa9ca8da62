"""The policies that hold as trees, with what each of them makes: itself, or its links."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.operators import Document
from buildsteps.steps.cedar.mutation.satisfied import Instance
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy, joined
from buildsteps.steps.cedar.text.entity_uids import for_engine
from buildsteps.steps.cedar.text.syntax import Token, tokens

DEEPEST = 300
"""How many levels a tree may have; one of more is not changed, for Python could not walk it."""


class Original(Struct, frozen=True, kw_only=True):
    """A policy or template that holds; ``document`` is None where its tree is too deep."""

    policy: Policy
    document: Document | None
    instances: tuple[Instance, ...]


def originals(validated: Validated) -> list[Original]:
    """The policies that hold. A template without links makes nothing, and is left out."""
    documents = _documents(validated.good)
    links: dict[int, list[tuple[str, LinkedPolicy]]] = {}
    for name, linked in validated.linked.items():
        links.setdefault(id(linked.template), []).append((name, linked))
    found = []
    for number, policy in enumerate(validated.good):
        text, forbids = as_permit(policy.text), policy.effect == "forbid"
        if policy.statement.is_template:
            made: list[tuple[str, Any]] = [
                (name, _values(linked)) for name, linked in links.get(id(policy), ())
            ]
        else:
            made = [(f"policy{number}", None)]
        instances = tuple(
            Instance(id=name, text=text, forbids=forbids, values=values) for name, values in made
        )
        if instances:
            document = documents[number]
            found.append(Original(policy=policy, document=document, instances=instances))
    return found


def _documents(policies: Sequence[Policy]) -> list[Document | None]:
    try:
        known = engine.policy_documents(joined(policies))
        every: list[Document | None] = [known[f"policy{n}"] for n in range(len(policies))]
    except RecursionError:  # one of them is too deep for the decoder
        every = [_document(policy) for policy in policies]
    return [one if one is not None and _is_flat(one) else None for one in every]


def _document(policy: Policy) -> Document | None:
    try:
        document: Document = engine.policy_documents(policy.text)["policy0"]
    except RecursionError:
        return None
    return document


def _is_flat(document: Document) -> bool:
    level: list[Any] = [condition["body"] for condition in document.get("conditions", ())]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, Mapping):
                below += one.values()
            elif isinstance(one, list):
                below += one
        if not below:
            return True
        level = below
    return False


def _values(linked: LinkedPolicy) -> dict[str, Any]:
    return {slot: for_engine(uid) for slot, uid in linked.values.items()}


def as_permit(text: str) -> str:
    """A policy's text with the effect permit."""
    word = effect_word(text)
    return f"{text[: word.start]}permit{text[word.end :]}"


def effect_word(text: str) -> Token:
    """The token of a policy's text that says its effect; an annotation may have the same name."""
    before = ""
    for token in tokens(text):
        if token.text in ("permit", "forbid") and before != "@":
            return token
        before = token.text
    raise ValueError("no policy")
