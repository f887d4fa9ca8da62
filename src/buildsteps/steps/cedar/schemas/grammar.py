"""Cedar's schema syntax, read into declarations whose names are not yet resolved.

Grammar: cedar-policy-core, ``validator/cedar_schema/grammar.lalrpop``.
"""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct, structs

from buildsteps.steps.cedar.schemas.model import (
    MAX_DEPTH,
    Action,
    Attribute,
    EntityRef,
    EntityType,
    Record,
    SetOf,
    Type,
)
from buildsteps.steps.cedar.text.syntax import Token, tokens, unescape

T = TypeVar("T")


class ActionDeclaration(Struct, frozen=True):
    """An action before its names are resolved; ``groups`` are pairs of entity type and id."""

    action: Action
    groups: tuple[tuple[str, str], ...]
    context: Type


class Declarations(Struct, frozen=True):
    """All that a text declares, each with its namespace.

    The names within are as they stand in the text, and a type's name is an `EntityRef`.
    ``places`` are the offsets at which a ``type``, ``entity`` or ``action`` of a name begins, as
    far as they are known.
    """

    types: dict[str, tuple[str, Type]]
    entities: dict[str, tuple[str, EntityType]]
    actions: dict[tuple[str, str], tuple[str, ActionDeclaration]]
    places: dict[tuple[str, str], int] = {}


class NoSchemaError(ValueError):
    """A text is no schema, from ``offset`` on."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Parser:
    """Recursive descent over the grammar: one method a rule. Annotations are passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [*tokens(text), Token(len(text), len(text), "punctuation", "")]
        self._at = 0
        self._begin = 0
        self._namespace = ""
        self._found = Declarations({}, {}, {}, {})

    def schema(self) -> Declarations:
        """Read the whole text.

        Raises:
            NoSchemaError: it is none; says what was expected, and where.
        """
        while self._word(0):
            self._annotations()
            if not self._accept("namespace"):
                self._declaration()
                continue
            self._namespace = self._path()
            self._expect("{")
            while not self._accept("}"):
                self._annotations()
                self._declaration()
            self._namespace = ""
        return self._found

    def _declaration(self) -> None:
        self._begin = self._tokens[self._at].start
        if self._accept("entity"):
            self._entity()
        elif self._accept("action"):
            self._action()
        elif self._accept("type"):
            name = self._qualified(self._identifier())
            self._expect("=")
            self._found.types[name] = self._namespace, self._type()
            self._found.places["type", name] = self._begin
        else:
            raise self._unexpected("a declaration")
        self._expect(";")

    def _entity(self) -> None:
        names = self._listed(self._identifier)
        if self._accept("enum"):
            self._expect("[")
            shape = EntityType("", choices=self._until("]", lambda: unescape(self._string())))
        else:
            parents = self._one_or_more(self._path) if self._accept("in") else ()
            has_shape = self._accept("=") or self._word(0) == "{"
            attributes = self._record().attributes if has_shape else {}
            shape = EntityType(
                "", parents, attributes, self._type() if self._accept("tags") else None
            )
        for name in map(self._qualified, names):
            self._found.entities[name] = self._namespace, structs.replace(shape, name=name)
            self._found.places["entity", name] = self._begin

    def _action(self) -> None:
        literals = self._listed(self._literal)
        groups = self._one_or_more(self._group) if self._accept("in") else ()
        principals, resources, context = self._applies_to()
        if self._accept("attributes"):
            self._expect("{")
            self._expect("}")
        entity_type = self._qualified("Action")
        for literal in literals:
            name = unescape(literal)
            action = Action(f"{entity_type}::{literal}", name, principals, resources)
            declaration = ActionDeclaration(action, groups, context)
            self._found.actions[entity_type, name] = self._namespace, declaration
            self._found.places["action", name] = self._begin

    def _applies_to(self) -> tuple[tuple[str, ...], tuple[str, ...], Type]:
        names: dict[str, tuple[str, ...]] = {}
        context: Type = Record({})

        def part() -> None:
            nonlocal context
            word = self._identifier()
            self._expect(":")
            if word == "context":
                context = self._type()
            elif word in ("principal", "resource"):
                names[word] = self._one_or_more(self._path)
            else:
                raise self._unexpected("`principal`, `resource` or `context`", back=2)

        if self._accept("appliesTo"):
            self._expect("{")
            self._until("}", part)
        return names.get("principal", ()), names.get("resource", ()), context

    def _type(self, depth: int = 0) -> Type:
        if depth > MAX_DEPTH:
            raise self._unexpected(f"types nested at most {MAX_DEPTH} deep")
        if self._word(0) == "{":
            return self._record(depth)
        if self._word(0) == "Set" and self._word(1) == "<":
            self._at += 2
            element = self._type(depth + 1)
            self._expect(">")
            return SetOf(element)
        return EntityRef(self._path())

    def _record(self, depth: int = 0) -> Record:
        def attribute() -> tuple[str, Attribute]:
            self._annotations()
            name = unescape(self._literal())
            required = not self._accept("?")
            self._expect(":")
            return name, Attribute(self._type(depth + 1), required)

        self._expect("{")
        return Record(dict(self._until("}", attribute)))

    def _group(self) -> tuple[str, str]:
        """Read a group: an id alone means ``Action::"id"``."""
        if self._word(1) != "::":
            return "Action", unescape(self._literal())
        path = self._path()
        self._expect("::")
        return path, unescape(self._string())

    def _annotations(self) -> None:
        while self._accept("@"):
            self._identifier()
            if self._accept("("):
                self._string()
                self._expect(")")

    def _path(self) -> str:
        parts = [self._identifier()]
        while self._word(0) == "::" and not self._word(1).startswith('"'):
            self._at += 1
            parts.append(self._identifier())
        return "::".join(parts)

    def _qualified(self, name: str) -> str:
        return f"{self._namespace}::{name}" if self._namespace else name

    def _literal(self) -> str:
        """Read an identifier or a string, and give either as a string literal."""
        is_string = self._tokens[self._at].kind == "string"
        return self._string() if is_string else f'"{self._identifier()}"'

    def _identifier(self) -> str:
        return self._take("identifier", "a name")

    def _string(self) -> str:
        return self._take("string", "a string")

    def _take(self, kind: str, wanted: str) -> str:
        token = self._tokens[self._at]
        if token.kind != kind:
            raise self._unexpected(wanted)
        self._at += 1
        return token.text

    def _listed(self, item: Callable[[], T]) -> tuple[T, ...]:
        items = [item()]
        while self._accept(","):
            items.append(item())
        return tuple(items)

    def _one_or_more(self, item: Callable[[], T]) -> tuple[T, ...]:
        return self._until("]", item) if self._accept("[") else (item(),)

    def _until(self, close: str, item: Callable[[], T]) -> tuple[T, ...]:
        """Read what stands between commas up to ``close``; a last comma may stand before it."""
        items: list[T] = []
        while not self._accept(close):
            items.append(item())
            if not self._accept(","):
                self._expect(close)
                break
        return tuple(items)

    def _word(self, ahead: int) -> str:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)].text

    def _accept(self, word: str) -> bool:
        accepted = self._word(0) == word
        self._at += accepted
        return accepted

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected(f"`{word}`")

    def _unexpected(self, wanted: str, back: int = 0) -> NoSchemaError:
        token = self._tokens[self._at - back]
        found = f"`{token.text[:40]}`" if token.text else "the end"
        return NoSchemaError(f"expected {wanted}, found {found}", token.start)
