"""Random conditions over what a request of a schema holds, well typed unless faults are wanted.

A condition is text in which ``BREAK`` stands where a line may break and ``JOINT`` where one
seldom does; :mod:`policies` lays them out.
"""

import re
from collections.abc import Mapping, Sequence
from random import Random

from msgspec import Struct

from tests.integration.cedar_oracle.schemas import Action, Field, Schema, Type

BREAK, JOINT = "\x01", "\x02"
IDS = ("a", "b", "c", "sky blue", "ünï", "it's")
LITERALS = {
    "ipaddr": ("10.0.0.1", "10.0.0.0/8", "::1", "127.0.0.1"),
    "decimal": ("1.5", "-0.25", "100.0"),
    "datetime": ("2024-01-01", "2025-06-30T12:00:00Z"),
    "duration": ("1h", "2d3h", "-5m"),
}
_CONSTRUCTOR = {"ipaddr": "ip"}
_TEXTS = ('"a"', '"x;y"', '"say \\"hi\\""', '"// no comment"', '"ünï"', '"\\u{e9}t"', '"{("', '""')
_PATTERNS = ('"*"', '"a*"', '"*;*"', '"\\*x"', '"?"')
_METHODS = {
    "ipaddr": ("isIpv4()", "isIpv6()", "isLoopback()", "isInRange(X)", "isMulticast()"),
    "decimal": ("lessThan(X)", "greaterThanOrEqual(X)"),
}
_RESERVED = frozenset({"if", "in"})


class Path(Struct, frozen=True):
    """An expression that reaches a value; the guards make sure that it is there."""

    text: str
    type: Type
    guards: tuple[str, ...] = ()


class Conditions:
    """Makes conditions for requests of one action, with ``faults`` mistakes in them at most."""

    def __init__(
        self, rng: Random, schema: Schema, action: Action, pair: tuple[str, str], faults: int
    ) -> None:
        self.rng = rng
        self.schema = schema
        self.faults = faults
        self.guards: list[str] = []
        principal, resource = pair
        roots: Mapping[str, Type] = {
            "principal": Type(kind="Entity", name=principal),
            "resource": Type(kind="Entity", name=resource),
            "context": Type(kind="Record", fields=action.context),
        }
        self.paths = [
            path for name, kind in roots.items() for path in self._reach(Path(name, kind), 3)
        ]

    def condition(self) -> str:
        """A condition; what may be absent is tested for first."""
        self.guards = []
        made = self.boolean(self.rng.randint(0, 3))
        if self.guards and self._errs():
            self.guards = self.guards[1:]
        return f" &&{BREAK}".join([*dict.fromkeys(self.guards), f"({made})"])

    def boolean(self, depth: int) -> str:
        """A boolean expression."""
        if depth > 0:
            left, right = self.boolean(depth - 1), self.boolean(depth - 1)
            return self.rng.choice(
                [
                    f"{left} &&{BREAK}{right}",
                    f"({left}{BREAK}|| {right})",
                    f"!({left})",
                    f"(if {left}{BREAK}then {right}{BREAK}else {self.boolean(0)})",
                    left,
                ]
            )
        if self._errs():
            return self._faulty()
        return self.rng.choice(
            (
                self._comparison,
                self._equality,
                self._equality,
                self._like,
                self._membership,
                self._is,
                self._set,
                self._extension,
                self._has,
                self._tag,
                self._literal,
            )
        )()

    def _errs(self) -> bool:
        """Whether to make a mistake here; each counts."""
        errs = self.faults > 0 and self.rng.random() < 0.5
        self.faults -= errs
        return errs

    def value(self, kind: Type, depth: int = 1) -> str:
        """An expression of that type."""
        fitting = [path for path in self.paths if _key(path.type) == _key(kind)]
        if fitting and self.rng.random() < 0.6:
            return self._take(self.rng.choice(fitting))
        if kind.kind == "Long" and depth:
            left, right = self.value(kind, 0), self.value(kind, 0)
            return self.rng.choice(
                [
                    f"({left} + {right})",
                    f"({left} * {right})",
                    f"({left} - {right})",
                    f"-({left})",
                    left,
                ]
            )
        return self.literal(kind)

    def literal(self, kind: Type) -> str:
        """A literal of that type."""
        match kind.kind:
            case "Long":
                return str(self.rng.choice([0, 1, 2, 40, 9223372036854775807]))
            case "String":
                return self.rng.choice(_TEXTS)
            case "Bool":
                return self.rng.choice(["true", "false"])
            case "Entity":
                return self.uid(kind.name)
            case "Set" if kind.of:
                some = [self.literal(kind.of) for _ in range(self.rng.randint(1, 3))]
                return f"[{', '.join(some)}]"
            case "Record":
                parts = (f'"{one.name}": {self.literal(one.type)}' for one in kind.fields)
                return f"{{{', '.join(parts)}}}"
            case _:
                argument = self.rng.choice(LITERALS[kind.name])
                return f'{_CONSTRUCTOR.get(kind.name, kind.name)}("{argument}")'

    def uid(self, name: str) -> str:
        """An entity of that type."""
        choices = self.schema.entity(name).choices or IDS
        return f'{name}::"{self.rng.choice(choices)}"'

    def _reach(self, path: Path, depth: int) -> list[Path]:
        found = [path]
        kind = path.type
        fields: Sequence[Field] = kind.fields
        if kind.kind == "Entity":
            fields = self.schema.entity(kind.name).fields
        for one in fields if depth else ():
            plain = one.name not in _RESERVED and re.fullmatch("[a-z]+", one.name)
            text = f"{path.text}{JOINT}.{one.name}" if plain else f'{path.text}["{one.name}"]'
            guard = f"{path.text} has {one.name if plain else _quoted(one.name)}"
            guards = path.guards if one.required else (*path.guards, guard)
            found += self._reach(Path(text, one.type, guards), depth - 1)
        return found

    def _take(self, path: Path) -> str:
        self.guards += path.guards
        return path.text

    def _of_kind(self, *kinds: str) -> Path | None:
        fitting = [path for path in self.paths if path.type.kind in kinds]
        return self.rng.choice(fitting) if fitting else None

    def _any_entity(self) -> Path:
        return self.rng.choice([path for path in self.paths if path.type.kind == "Entity"])

    def _comparison(self) -> str:
        kind = self.rng.choice(
            [
                Type(kind="Long"),
                Type(kind="Long"),
                Type(kind="Extension", name=self.rng.choice(["datetime", "duration"])),
            ]
        )
        operator = self.rng.choice(["<", "<=", ">", ">="])
        return f"{self.value(kind)} {operator}{BREAK}{self.value(kind)}"

    def _equality(self) -> str:
        path = self.rng.choice([one for one in self.paths if one.text != "context"])
        operator = self.rng.choice(["==", "!="])
        return f"{self._take(path)} {operator}{BREAK}{self.value(path.type)}"

    def _like(self) -> str:
        return f"{self.value(Type(kind='String'))} like {self.rng.choice(_PATTERNS)}"

    def _membership(self) -> str:
        path = self._any_entity()
        names = self.schema.entity(path.type.name).parents or (path.type.name,)
        uids = [self.uid(self.rng.choice(names)) for _ in range(self.rng.randint(1, 2))]
        within = (
            uids[0]
            if len(uids) == 1 or uids[0].split('"')[0] != uids[1].split('"')[0]
            else (f"[{', '.join(uids)}]")
        )
        return f"{self._take(path)} in {within}"

    def _is(self) -> str:
        path = self._any_entity()
        other = self.rng.choice([path.type.name, self.rng.choice(self.schema.entities).name])
        more = f" in {self.uid(path.type.name)}" if self.rng.random() < 0.3 else ""
        return f"{self._take(path)} is {other}{more}"

    def _set(self) -> str:
        path = self._of_kind("Set")
        if path is None or path.type.of is None:
            return self._equality()
        one, many = self.literal(path.type.of), self.literal(path.type)
        calls = [f"contains({one})", f"containsAll({many})", f"containsAny({many})", "isEmpty()"]
        return f"{self._take(path)}{JOINT}.{self.rng.choice(calls)}"

    def _extension(self) -> str:
        name = self.rng.choice(["ipaddr", "decimal"])
        kind = Type(kind="Extension", name=name)
        call = self.rng.choice(_METHODS[name]).replace("X", self.literal(kind))
        return f"{self.value(kind)}{JOINT}.{call}"

    def _has(self) -> str:
        path = self._of_kind("Entity", "Record")
        name = self.rng.choice(["name", "age", "nothing", "owner", '"zip code"'])
        return f"{self._take(path)} has {name}" if path else "true"

    def _tag(self) -> str:
        path = self._any_entity()
        tags = self.schema.entity(path.type.name).tags
        if tags is None:
            return self._is()
        text, key = self._take(path), self.rng.choice(['"a"', '"k;"'])
        value = self.value(tags, 0)
        return f"({text}.hasTag({key}) &&{BREAK}{text}.getTag({key}) == {value})"

    def _literal(self) -> str:
        return self.rng.choice(["true", "false", "1 < 2", "true", self._comparison()])

    def _faulty(self) -> str:
        entity = self._take(self._any_entity())
        path = self.rng.choice(self.paths)
        text = self._take(path)
        return self.rng.choice(
            [
                f"{entity}{JOINT}.nmae == 1",
                f"context{JOINT}.missing",
                f'{entity} == Unknown::"a"',
                f"{entity} is Missing",
                f'{entity} in [Nowhere::Group::"g"]',
                f'{entity} == {self.uid(self.schema.entities[0].name)[:-1]}z"',
                f"{text} < 1",
                f"{text} == 1",
                f'{text} == "text"',
                f"{text}",
                f'{text} like "a"',
                f"{text}.contains(1)",
                "[] == [1]",
                'ip("1.2.3") == ip("1.2.3.4")',
                f'decimal({text}) == decimal("1.0")',
                f'{entity}.getTag("a") == 1',
                "1 + true > 2",
                f"(if {entity}{BREAK}then true else false)",
                f"{text}{JOINT}.isEmpty()",
                'action == Action::"raed"',
                f"{text}.isIpv4()",
                f'[1, "a"].contains({text})',
            ]
        )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _key(kind: Type) -> tuple[object, ...]:
    fields = tuple((one.name, one.required, _key(one.type)) for one in kind.fields)
    return (kind.kind, kind.name, _key(kind.of) if kind.of else None, fields)
