"""Scopes made wider or narrower: who and what a policy, or a template's link, is about."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.mutation.literals import without_each
from buildsteps.steps.cedar.policies.cedar_text import expression_text

Scope = Mapping[str, Any]


class ScopeChange(Struct, frozen=True):
    """A scope in place of another, and what is different in words."""

    operator: str
    scope: Scope
    what: str


def scope_changes(variable: str, scope: Scope) -> Iterator[ScopeChange]:
    """Every change of one scope. Without its slot a template's link fills one less."""
    if scope["op"] == "All":
        return
    yield ScopeChange("widen-scope", {"op": "All"}, f"any {variable}")
    if scope["op"] == "is" and "in" in scope:
        kind = scope["entity_type"]
        only = {"op": "is", "entity_type": kind}
        yield ScopeChange("widen-scope", only, f"any {variable} of type {kind}")
        within = {"op": "in", **scope["in"]}
        yield ScopeChange("widen-scope", within, f"a {variable} of any type in the group")
    single = "entity" in scope or "slot" in scope
    if scope["op"] == "in" and single:
        words = f"the {variable} itself, and none in it"
        yield ScopeChange("narrow-scope", {**scope, "op": "=="}, words)
    if scope["op"] == "==" and single and variable != "action":
        words = f"the {variable} itself, and all in it"
        yield ScopeChange("widen-scope", {**scope, "op": "in"}, words)
    for number, rest in enumerate(without_each(scope.get("entities", ()))):
        gone = expression_text({"Value": {"__entity": scope["entities"][number]}})
        words = f"without the {variable} {gone}"
        yield ScopeChange("narrow-scope", {"op": "in", "entities": rest}, words)
