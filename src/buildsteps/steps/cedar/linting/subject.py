"""What the rules look at: the policies that hold, each as a tree with its constraints."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from buildsteps.results import Location
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.linting.covering import consequences
from buildsteps.steps.cedar.linting.terms import Constraint, Tree, Uid, constraints
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy, joined
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.text.entity_uids import uids_in
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

DEEPEST = 300
"""How deeply a policy's tree may be nested to be looked at; the engine's own form is JSON, which
Python reads with a limit of about 490 operators."""

Kind = Literal["policy", "template", "link"]


class Member(Struct, frozen=True, kw_only=True):
    """A policy or template, or a policy that a link makes; ``policy`` is its source."""

    id: str
    kind: Kind
    policy: Policy
    location: Location
    tree: Tree
    constraints: frozenset[Constraint]
    consequences: frozenset[Constraint]

    @property
    def effect(self) -> str:
        """``permit`` or ``forbid``."""
        return str(self.tree["effect"])

    @property
    def what(self) -> str:
        """The policy in words, as in ``forbid template `vip` ``."""
        kinds = {"policy": "{}", "template": "{} template", "link": "linked {}"}
        return f"{kinds[self.kind].format(self.effect)} `{self.id}`"


class Subject(Struct, frozen=True, kw_only=True, dict=True):
    """One store, as the rules see it.

    ``members`` are policies and templates in the order of the files, then links. ``whole`` says
    that nothing of the store was left out; ``too_deep`` are policies whose trees are not looked at.
    ``required`` are the annotations that every policy must have.
    """

    inputs: StoreInputs
    validated: Validated
    world: World
    members: tuple[Member, ...]
    too_deep: tuple[Policy, ...] = ()
    whole: bool = True
    required: tuple[str, ...] = ()

    @property
    def model(self) -> "SchemaModel | None":
        """The schema, where there is one that we understand."""
        return self.inputs.model

    @cached_property
    def policies(self) -> tuple[Member, ...]:
        """Policies and templates as they are written."""
        return tuple(one for one in self.members if one.kind != "link")

    @cached_property
    def deciding(self) -> tuple[Member, ...]:
        """What decides requests: policies, and those that links make."""
        return tuple(one for one in self.members if one.kind != "template")


def subject_of(
    inputs: StoreInputs, validated: Validated, world: World, required: Sequence[str] = ()
) -> Subject:
    """Read the trees of the policies that hold."""
    trees = _trees(validated.good)
    groups = ActionGroups(inputs.model)
    members = [
        _member(policy.id, policy, policy.location, tree, groups)
        for policy, tree in zip(validated.good, trees, strict=True)
        if tree is not None
    ]
    by_policy = {id(one.policy): one for one in members}
    for link in validated.linked.values():
        template = by_policy.get(id(link.template))
        if template is not None:
            tree = filled(template.tree, link)
            members.append(_member(link.id, link.template, link.location, tree, groups, "link"))
    too_deep = [policy for policy, tree in zip(validated.good, trees, strict=True) if tree is None]
    whole = not (too_deep or validated.left_out or inputs.schema_error or inputs.bad_links)
    return Subject(
        inputs=inputs,
        validated=validated,
        world=world,
        members=tuple(members),
        too_deep=tuple(too_deep),
        whole=whole and not any(case.cause for case in validated.cases),
        required=tuple(required),
    )


def _member(
    name: str,
    policy: Policy,
    location: Location,
    tree: Tree,
    groups: "ActionGroups",
    kind: Kind | None = None,
) -> Member:
    known = constraints(tree)
    return Member(
        id=name,
        kind=kind or ("template" if policy.statement.is_template else "policy"),
        policy=policy,
        location=location,
        tree=tree,
        constraints=known,
        consequences=consequences(known, groups),
    )


class ActionGroups:
    """The groups that the schema puts actions in, at any distance."""

    def __init__(self, model: "SchemaModel | None") -> None:
        actions = model.actions.values() if model else ()
        self._parents: dict[Uid, list[Uid]] = {}
        for action in actions:
            for uid in uids_in(action.uid):
                self._parents[uid] = [group for one in action.parents for group in uids_in(one)]

    def __call__(self, action: Uid) -> frozenset[Uid]:
        """The groups of an action."""
        found: set[Uid] = set()
        waiting = [action]
        while waiting:
            new = set(self._parents.get(waiting.pop(), ())) - found
            found |= new
            waiting += new
        return frozenset(found)


def _trees(policies: Sequence[Policy]) -> list[Tree | None]:
    """The tree of each policy; None where it is nested too deeply."""
    try:
        found = engine.policy_documents(joined(policies)) if policies else {}
        trees: list[Tree | None] = [found[f"policy{number}"] for number in range(len(policies))]
    except RecursionError:
        trees = [_tree(policy) for policy in policies]
    return [tree if tree is not None and not _is_too_deep(tree) else None for tree in trees]


def _tree(policy: Policy) -> Tree | None:
    try:
        tree: Tree = engine.policy_documents(policy.text)["policy0"]
    except RecursionError:
        return None
    return tree


def _is_too_deep(tree: Tree) -> bool:
    level: list[Any] = [one["body"] for one in tree.get("conditions", ())]
    depth = 0
    while level:
        depth += 1
        if depth > 2 * DEEPEST:
            return True
        level = [inner for one in level for inner in _inner(one)]
    return False


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def filled(template: Tree, link: LinkedPolicy) -> Tree:
    """The policy that a link makes of a template."""
    values = {
        slot: {"type": kind, "id": name}
        for slot, text in link.values.items()
        for kind, name in uids_in(text)
    }
    scopes = {name: _filled(template[name], values) for name in ("principal", "resource")}
    return {**template, **scopes}


def _filled(scope: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(scope)
    if "in" in found:
        found["in"] = _filled(found["in"], values)
    if found.get("slot") in values:
        found["entity"] = values[found.pop("slot")]
    return found


def excerpt(member: Member) -> str:
    """The line of the file on which a policy begins its effect, with carets."""
    source, statement = member.policy.file.source, member.policy.statement
    if member.kind == "link" or member.policy.rendered:
        return ""
    at = source.text.find(member.effect, statement.start, statement.end)
    start = max(at, statement.start)
    return source.excerpt(start, start + len(member.effect))
