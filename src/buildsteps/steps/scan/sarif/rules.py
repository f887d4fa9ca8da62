"""Which rule a result is about, wherever the tool describes it, and how it is set in this run."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from buildsteps.steps.scan.sarif.log import (
    Component,
    DescriptorReference,
    Message,
    Result,
    Rule,
    Run,
    Tool,
    ToolComponentReference,
)
from buildsteps.steps.scan.sarif.messages import one_line

UNNAMED = "unnamed-rule"
"""The rule of a result that names none, which SARIF allows."""

MAX_ID = 300
"""Characters of a rule's id; nobody has one so long but to see what comes of it."""

_NO_RULE = Rule()


class Applied(Struct, frozen=True):
    """A rule as a result names it: its id, what the tool says of it, and its level.

    ``level`` is that of the run's configuration, or of the tool's default; empty where neither says
    one. ``texts`` are the messages that results may name by id.
    """

    id: str
    rule: Rule
    level: str
    texts: tuple[dict[str, Message], ...]


class Rules(Struct, frozen=True, dict=True):
    """The rules of one run, in the driver and in extensions."""

    components: tuple[Component, ...]
    overrides: tuple[tuple[DescriptorReference, str], ...] = ()

    def __post_init__(self) -> None:
        self.__dict__["known"] = {}
        self.__dict__["ids"] = [_by_id(component) for component in self.components]

    @classmethod
    def of(cls, run: Run) -> "Rules":
        """The rules of ``run``, with what its invocations set differently (3.20.5)."""
        tool = run.tool or Tool()
        components = (tool.driver or Component(), *(tool.extensions or ()))
        return cls(components, tuple(_overrides(run)))

    def of_result(self, result: Result) -> Applied:
        """Find the rule of a result by all the ways that SARIF has (3.27.5 to 3.27.7)."""
        known: dict[object, Applied] = self.__dict__["known"]
        reference = result.rule
        key = (result.rule_id, result.rule_index, reference and _key(reference))
        found = known.get(key)
        if found is None:
            found = known[key] = self._applied(result)
        return found

    def _applied(self, result: Result) -> Applied:
        reference = result.rule or DescriptorReference()
        wanted = result.rule_id or reference.id or ""
        number = result.rule_index if reference.index is None else reference.index
        place, rule = self._find(wanted, number, reference.tool_component)
        name = one_line(wanted or rule.id or "")[:MAX_ID] or UNNAMED
        component = self.components[place]
        return Applied(
            id=name,
            rule=rule,
            level=self._level(name, rule, place),
            texts=(rule.message_strings or {}, component.global_message_strings or {}),
        )

    def _find(
        self, wanted: str, number: int | None, owner: ToolComponentReference | None
    ) -> tuple[int, Rule]:
        """The rule and the number of its component; an index that names another rule is no help."""
        named = self._component(owner)
        for place in (named,) if named is not None else (0,):
            rules = self.components[place].rules or ()
            if number is not None and 0 <= number < len(rules):
                rule = rules[number]
                if not wanted or not rule.id or _is_below(wanted, rule.id):
                    return place, rule
        places = (named,) if named is not None else range(len(self.components))
        for name in _upwards(wanted):
            for place in places:
                by_id: dict[str, Rule] = self.__dict__["ids"][place]
                if name in by_id:
                    return place, by_id[name]
        return named or 0, _NO_RULE

    def _component(self, owner: ToolComponentReference | None) -> int | None:
        if owner is None:
            return None
        if owner.index is not None and 0 <= owner.index < len(self.components) - 1:
            return owner.index + 1
        for place, one in enumerate(self.components):
            if (owner.guid and one.guid == owner.guid) or (owner.name and one.name == owner.name):
                return place
        return None

    def _level(self, name: str, rule: Rule, place: int) -> str:
        for descriptor, level in self.overrides:
            owner = self._component(descriptor.tool_component) or 0
            rules = self.components[owner].rules or ()
            by_number = descriptor.index is not None and 0 <= descriptor.index < len(rules)
            if by_number and owner == place and rules[descriptor.index or 0] is rule:
                return level
            if not by_number and descriptor.id and _is_below(name, descriptor.id):
                return level
        default = rule.default_configuration
        return (default.level if default else None) or ""


def _by_id(component: Component) -> dict[str, Rule]:
    rules = reversed(component.rules or ())  # so that the first of an id counts
    return {rule.id: rule for rule in rules if rule.id}


def _overrides(run: Run) -> Iterator[tuple[DescriptorReference, str]]:
    for invocation in run.invocations or ():
        for override in invocation.rule_configuration_overrides or ():
            level = override.configuration and override.configuration.level
            if level and override.descriptor:
                yield override.descriptor, level


def _key(reference: DescriptorReference) -> Sequence[object]:
    owner = reference.tool_component or ToolComponentReference()
    return (reference.id, reference.index, owner.index, owner.name, owner.guid)


def _upwards(name: str) -> Iterator[str]:
    """A hierarchical id and those above it: ``a/b/c``, ``a/b``, ``a`` (3.5.4)."""
    while name:
        yield name
        name = name.rpartition("/")[0]


def _is_below(name: str, above: str) -> bool:
    return name == above or name.startswith(f"{above}/")
