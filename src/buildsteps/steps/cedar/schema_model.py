"""A schema as values: its entity types, its actions, and every name in them resolved.

cedarpy offers no view into a schema, but ``str(cedarpy.Schema)`` writes any schema, given in
either format, in Cedar's schema syntax. That text is what `parse_schema` reads. Grammar:
cedar-policy-core, ``validator/cedar_schema/grammar.lalrpop``. Resolution of names: Cedar RFC 24
(schema syntax) and RFC 70 (a namespace's own name before that of the empty namespace).
"""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from msgspec import Struct, structs

from buildsteps.steps.cedar.syntax import Token, tokens, unescape

MAX_DEPTH = 100
"""How deeply types may nest, common types followed. The engine's JSON reader allows 128 levels."""

_EXTENSIONS = ("datetime", "decimal", "duration", "ipaddr")
_UNRENDERABLE = "<unrenderable Schema: "  # how cedarpy's ``str`` begins when it cannot write one

T = TypeVar("T")


class Primitive(Struct, frozen=True, tag=True):
    """One of Cedar's own types: ``Bool``, ``Long`` or ``String``."""

    name: str


class Extension(Struct, frozen=True, tag=True):
    """A type that an extension brings: ``datetime``, ``decimal``, ``duration`` or ``ipaddr``."""

    name: str


class EntityRef(Struct, frozen=True, tag=True):
    """An entity of the type ``name``, or an action where the name ends in ``Action``."""

    name: str


class SetOf(Struct, frozen=True, tag=True):
    """A set whose elements are all of one type."""

    element: "Type"


class Record(Struct, frozen=True, tag=True):
    """A record with known attributes, by name."""

    attributes: "dict[str, Attribute]"


Type: TypeAlias = Primitive | Extension | EntityRef | SetOf | Record


class Attribute(Struct, frozen=True):
    """What an attribute holds, and whether it is always there."""

    type: Type
    required: bool = True


class EntityType(Struct, frozen=True):
    """A declared entity type; ``parents`` are the types it may be directly in.

    ``choices`` are the only ids that an enumerated type has; they are empty for all others.
    """

    name: str
    parents: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = {}
    tags: Type | None = None
    choices: tuple[str, ...] = ()


class Action(Struct, frozen=True):
    """A declared action: ``name`` is its id, ``uid`` the whole as the engine writes it.

    ``parents`` are the uids of the groups it is directly in. An action that applies to nothing,
    such as a group, has no principals and no resources.
    """

    uid: str
    name: str
    principals: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    context: Record = Record({})
    parents: tuple[str, ...] = ()


class SchemaModel(Struct, frozen=True):
    """A schema, with entity types by fully qualified name and actions by uid."""

    entity_types: dict[str, EntityType]
    actions: dict[str, Action]

    def entity_type_names(self) -> tuple[str, ...]:
        """Give the fully qualified names of all entity types."""
        return tuple(self.entity_types)

    def action_uids(self) -> tuple[str, ...]:
        """Give the uids of all actions, groups among them."""
        return tuple(self.actions)

    def attribute_names(self, entity_type: str) -> tuple[str, ...]:
        """Give the attributes of an entity type; none for a type that is not declared."""
        found = self.entity_types.get(entity_type)
        return tuple(found.attributes) if found else ()

    def ancestors(self, entity_type: str) -> frozenset[str]:
        """Give the types an entity of this type may be in, at any distance.

        The type itself is among them only where it may be in another entity of its own type.
        """
        found: set[str] = set()
        waiting = [entity_type]
        while waiting:
            declared = self.entity_types.get(waiting.pop())
            new = set(declared.parents) - found if declared else set()
            found |= new
            waiting += new
        return frozenset(found)


def parse_schema(text: str) -> SchemaModel:
    """Read a schema from Cedar's schema syntax, best from what ``str(cedarpy.Schema)`` gives.

    The text is taken to be a schema that the engine accepts: what the engine would refuse
    although it is well formed (a name declared twice, a cycle of groups) is not looked for.

    Raises:
        ValueError: a text that cannot be understood, a name that is not declared, types nested
            more than `MAX_DEPTH` deep or in a cycle, or a schema that cedarpy could not write.
    """
    if text.startswith(_UNRENDERABLE):
        reason = text.removeprefix(_UNRENDERABLE).rstrip(">\n")
        raise ValueError(f"The schema cannot be written in Cedar's schema syntax: {reason}.")
    return _Resolver(_Parser(text).schema()).model()


class _ActionDeclaration(Struct, frozen=True):
    """An action before its names are resolved; ``groups`` are pairs of entity type and id."""

    action: Action
    groups: tuple[tuple[str, str], ...]
    context: Type


class _Declarations(Struct, frozen=True):
    """All that a text declares, each with its namespace.

    The names within are as they stand in the text, and a type's name is an `EntityRef`.
    """

    types: dict[str, tuple[str, Type]]
    entities: dict[str, tuple[str, EntityType]]
    actions: dict[tuple[str, str], tuple[str, _ActionDeclaration]]


class _Parser:
    """Recursive descent over the grammar: one method a rule. Annotations are passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [*tokens(text), Token(len(text), len(text), "punctuation", "")]
        self._at = 0
        self._namespace = ""
        self._found = _Declarations({}, {}, {})

    def schema(self) -> _Declarations:
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
        if self._accept("entity"):
            self._entity()
        elif self._accept("action"):
            self._action()
        elif self._accept("type"):
            name = self._qualified(self._identifier())
            self._expect("=")
            self._found.types[name] = self._namespace, self._type()
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
            declaration = _ActionDeclaration(action, groups, context)
            self._found.actions[entity_type, name] = self._namespace, declaration

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

    def _unexpected(self, wanted: str, back: int = 0) -> ValueError:
        token = self._tokens[self._at - back]
        line = self._text.count("\n", 0, token.start) + 1
        found = f"`{token.text[:40]}`" if token.text else "the end"
        return ValueError(f"Line {line} of the schema: expected {wanted}, found {found}.")


class _Resolver:
    """Makes a model of declarations: each name becomes what it stands for."""

    def __init__(self, found: _Declarations) -> None:
        self._found = found
        self._action_types = {entity_type for entity_type, _ in found.actions}
        self._common: dict[str, Type] = {}

    def model(self) -> SchemaModel:
        entities = [self._entity(*found) for found in self._found.entities.values()]
        actions = [self._action(*found) for found in self._found.actions.values()]
        return SchemaModel({one.name: one for one in entities}, {one.uid: one for one in actions})

    def _entity(self, namespace: str, declared: EntityType) -> EntityType:
        attributes = self._attributes(declared.attributes, namespace, 0)
        tags = declared.tags and self._type(declared.tags, namespace, 0)
        parents = self._entities(declared.parents, namespace)
        return structs.replace(declared, parents=parents, attributes=attributes, tags=tags)

    def _action(self, namespace: str, declared: _ActionDeclaration) -> Action:
        action = declared.action
        context = self._type(declared.context, namespace, 0)
        if not isinstance(context, Record):
            raise ValueError(f"The schema gives {action.uid} a context that is no record.")  # noqa: TRY004
        return structs.replace(
            action,
            principals=self._entities(action.principals, namespace),
            resources=self._entities(action.resources, namespace),
            context=context,
            parents=tuple(self._group(group, namespace) for group in declared.groups),
        )

    def _group(self, group: tuple[str, str], namespace: str) -> str:
        path, name = group
        for candidate in _candidates(path, namespace):
            if found := self._found.actions.get((candidate, name)):
                return found[1].action.uid
        raise ValueError(f'The schema names the action `{path}::"{name}"` but does not declare it.')

    def _entities(self, names: tuple[str, ...], namespace: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._entity_name(name, namespace) for name in names))

    def _entity_name(self, name: str, namespace: str) -> str:
        for candidate in _candidates(name, namespace):
            if candidate in self._found.entities:
                return candidate
        raise ValueError(f"The schema names the entity type `{name}` but does not declare it.")

    def _type(self, declared: Type, namespace: str, depth: int) -> Type:
        if depth > MAX_DEPTH:
            raise ValueError(f"The schema's types nest over {MAX_DEPTH} deep, or in a cycle.")
        match declared:
            case EntityRef(name):
                return self._named(name, namespace, depth)
            case SetOf(element):
                return SetOf(self._type(element, namespace, depth + 1))
            case Record(attributes):
                return Record(self._attributes(attributes, namespace, depth))
        return declared

    def _attributes(
        self, declared: dict[str, Attribute], namespace: str, depth: int
    ) -> dict[str, Attribute]:
        return {
            name: Attribute(self._type(one.type, namespace, depth + 1), one.required)
            for name, one in declared.items()
        }

    def _named(self, name: str, namespace: str, depth: int) -> Type:
        for candidate in _candidates(name, namespace):
            if candidate in self._found.types:
                return self._common_type(candidate, depth)
            if candidate in self._found.entities or candidate in self._action_types:
                return EntityRef(candidate)
        own = name.removeprefix("__cedar::")
        if own in ("Bool", "Long", "String"):
            return Primitive(own)
        if own in _EXTENSIONS:
            return Extension(own)
        raise ValueError(f"The schema names the type `{name}` but does not declare it.")

    def _common_type(self, name: str, depth: int) -> Type:
        if name not in self._common:
            namespace, declared = self._found.types[name]
            self._common[name] = self._type(declared, namespace, depth + 1)
        return self._common[name]


def _candidates(name: str, namespace: str) -> tuple[str, ...]:
    """Give what a name may stand for, best first: one with ``::`` is always fully qualified."""
    return (name,) if "::" in name or not namespace else (f"{namespace}::{name}", name)
