import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.steps.cedar.schemas.model import (
    MAX_DEPTH,
    Action,
    Attribute,
    EntityRef,
    EntityType,
    Extension,
    Primitive,
    Record,
    SchemaModel,
    SetOf,
    Type,
)
from buildsteps.steps.cedar.schemas.resolution import parse_schema
from buildsteps.steps.cedar.text.syntax import unescape

PHOTOS = Path(__file__).parents[5] / "examples/photo-sharing/cedarschema.json"
BOOL, LONG, STRING = Primitive("Bool"), Primitive("Long"), Primitive("String")


def from_cedar(text: str) -> SchemaModel:
    """Both ways must give the same: as it stands, and as the engine writes it."""
    model = parse_schema(str(cedarpy.Schema.from_str(text)))
    assert parse_schema(text) == model
    return model


def from_json(schema: dict[str, Any]) -> SchemaModel:
    return parse_schema(str(cedarpy.Schema.from_json_str(json.dumps(schema))))


def record(**attributes: Type) -> Record:
    return Record({name: Attribute(one) for name, one in attributes.items()})


def test_the_photo_sharing_schema_is_read_whole() -> None:
    model = from_json(json.loads(PHOTOS.read_text()))
    user, photo, album = "PhotoApp::User", "PhotoApp::Photo", "PhotoApp::Album"
    owner = Attribute(EntityRef(user))
    kinds = [
        EntityType(album, (album,), {"owner": owner}),
        EntityType("PhotoApp::Application"),
        EntityType(
            photo,
            (album, "PhotoApp::Application"),
            {"labels": Attribute(SetOf(STRING)), "owner": owner},
        ),
        EntityType("PhotoApp::Role"),
        EntityType(user, ("PhotoApp::UserGroup", "PhotoApp::Role")),
        EntityType("PhotoApp::UserGroup"),
    ]
    targets = {"delete": photo, "edit": photo, "list": album, "upload": album, "view": photo}
    names = {verb: f"{verb}Photo{'s' if verb == 'list' else ''}" for verb in targets}
    actions = [
        Action(f'PhotoApp::Action::"{names[verb]}"', names[verb], (user,), (resource,))
        for verb, resource in targets.items()
    ]
    assert model == SchemaModel({one.name: one for one in kinds}, {one.uid: one for one in actions})


def test_the_photo_sharing_schema_answers_what_messages_ask() -> None:
    model = from_json(json.loads(PHOTOS.read_text()))
    assert model.attribute_names("PhotoApp::Photo") == ("labels", "owner")
    assert model.attribute_names("PhotoApp::Unknown") == ()
    assert model.action_uids()[:2] == (
        'PhotoApp::Action::"deletePhoto"',
        'PhotoApp::Action::"editPhoto"',
    )
    assert "PhotoApp::UserGroup" in model.entity_type_names()


def test_ancestors_are_followed_to_any_distance() -> None:
    model = from_cedar("entity A in [B, C]; entity B in D; entity C in D; entity D in B; entity E;")
    assert model.ancestors("A") == {"B", "C", "D"}
    assert model.ancestors("B") == {"B", "D"}
    assert model.ancestors("E") == model.ancestors("Unknown") == frozenset()


def test_one_declaration_makes_several_entity_types() -> None:
    model = from_cedar("entity A, B in [C] { x?: Long } tags Set<Bool>; entity C = {};")
    attributes = {"x": Attribute(LONG, required=False)}
    assert model.entity_types == {
        "A": EntityType("A", ("C",), attributes, SetOf(BOOL)),
        "B": EntityType("B", ("C",), attributes, SetOf(BOOL)),
        "C": EntityType("C"),
    }


def test_an_enumerated_type_has_choices() -> None:
    model = from_cedar(r'entity E, F enum ["a\"b", "\u{1F600}\n\'"];')
    assert model.entity_types["F"] == EntityType("F", choices=('a"b', "\U0001f600\n'"))
    assert model.entity_types["E"].choices == model.entity_types["F"].choices


def test_annotations_are_passed_over() -> None:
    model = from_cedar(
        '@doc("a ; b") @in namespace N { @a("{") entity E { @doc @x("y") a: Long }; '
        '@doc("t") type T = Long; @doc action b; }'
    )
    assert model.attribute_names("N::E") == ("a",)
    assert model.action_uids() == ('N::Action::"b"',)


def test_quoted_names_of_attributes_are_read_with_their_escapes() -> None:
    model = from_cedar(r'entity E { "a \"b\"\n": Long, "": Bool, "in"?: Bool, "\u{e9}//": Long };')
    assert set(model.attribute_names("E")) == {'a "b"\n', "", "in", "\xe9//"}


def test_words_of_the_grammar_serve_as_names() -> None:
    model = from_cedar(
        "entity type, tags, entity, namespace, enum, Set in [type, enum]"
        "{ principal: entity, Bool: tags, appliesTo?: Set<Set> } tags Set<tags>; action enum;"
    )
    assert model.entity_types["Set"].attributes == {
        "principal": Attribute(EntityRef("entity")),
        "Bool": Attribute(EntityRef("tags")),
        "appliesTo": Attribute(SetOf(EntityRef("Set")), required=False),
    }


def test_several_actions_share_what_is_declared_of_them() -> None:
    model = from_cedar(
        r"""entity P, R; action g; type Ctx = { a: { b?: Set<ipaddr> } };
        action a, "b \"c\"" in [g] appliesTo { principal: P, resource: [R, P], context: Ctx, };"""
    )
    inner = Record({"b": Attribute(SetOf(Extension("ipaddr")), required=False)})
    uids = ('Action::"a"', r'Action::"b \"c\""')
    assert [model.actions[uid] for uid in uids] == [
        Action(uid, name, ("P",), ("R", "P"), record(a=inner), ('Action::"g"',))
        for uid, name in zip(uids, ("a", 'b "c"'), strict=True)
    ]
    assert model.actions['Action::"g"'] == Action('Action::"g"', "g")


def test_groups_are_found_in_other_namespaces() -> None:
    model = from_cedar(
        "action top;"
        'namespace N { action a in [b, Action::"b", top, A::B::Action::"in"]; action b; }'
        'namespace A::B { action "in" in N::Action::"b"; }'
    )
    parents = {one.name: one.parents for one in model.actions.values()}
    assert set(parents["a"]) == {'N::Action::"b"', 'Action::"top"', 'A::B::Action::"in"'}
    assert parents["in"] == ('N::Action::"b"',)


def test_a_namespaces_own_type_comes_before_cedars_and_the_empty_namespaces_before_that() -> None:
    model = from_cedar(
        """entity Long; type ipaddr = Set<String>;
        namespace N { entity Bool; type decimal = { x: Long };
          entity E { a: Bool, b: Long, c: ipaddr, d: decimal, e: datetime,
                     f: __cedar::Long, g: __cedar::ipaddr, h: N::Bool, i: Action }; action x; }
        namespace N::M { entity E { a: Bool, b: N::Bool, c: decimal }; }"""
    )
    resolved = {name: Record(one.attributes) for name, one in model.entity_types.items()}
    assert resolved["N::E"] == record(
        a=EntityRef("N::Bool"),
        b=EntityRef("Long"),
        c=SetOf(STRING),
        d=record(x=EntityRef("Long")),
        e=Extension("datetime"),
        f=LONG,
        g=Extension("ipaddr"),
        h=EntityRef("N::Bool"),
        i=EntityRef("N::Action"),
    )
    assert resolved["N::M::E"] == record(a=BOOL, b=EntityRef("N::Bool"), c=Extension("decimal"))


def test_a_qualified_name_is_never_taken_to_be_relative() -> None:
    model = from_cedar(
        "namespace M { entity A; } namespace N::M { entity A; }"
        "namespace N { entity E in M::A { a: M::A }; }"
    )
    assert model.entity_types["N::E"] == EntityType(
        "N::E", ("M::A",), {"a": Attribute(EntityRef("M::A"))}
    )


def test_a_namespaces_own_name_shadows_that_of_the_empty_namespace() -> None:
    # The engine refuses such a schema since RFC 70; the order is that of the RFC all the same.
    model = parse_schema(
        "entity A; type T = Long; action g;"
        "namespace N { entity A; type T = Bool; action g;"
        "entity E in A { a: A, t: T }; action b in g appliesTo { principal: A, resource: E }; }"
    )
    kind = EntityType("N::E", ("N::A",), record(a=EntityRef("N::A"), t=BOOL).attributes)
    assert model.entity_types["N::E"] == kind
    uid = 'N::Action::"b"'
    assert model.actions[uid] == Action(uid, "b", ("N::A",), ("N::E",), parents=('N::Action::"g"',))


def test_a_common_type_hides_the_entity_type_of_its_name_except_where_only_entities_stand() -> None:
    model = from_cedar("entity A {a: Bool}; type A = Long; entity B in A {x: A};")
    assert model.entity_types["B"] == EntityType("B", ("A",), {"x": Attribute(LONG)})


def test_an_action_without_one_side_of_applies_to_applies_to_nothing() -> None:
    applies = {"principalTypes": ["U"], "resourceTypes": []}
    model = from_json({"": {"entityTypes": {"U": {}}, "actions": {"a": {"appliesTo": applies}}}})
    assert model.actions == {'Action::"a"': Action('Action::"a"', "a")}


@pytest.mark.parametrize("text", ["", " // nothing\n", str(cedarpy.Schema.from_json_str("{}"))])
def test_an_empty_schema_is_an_empty_model(text: str) -> None:
    assert parse_schema(text) == SchemaModel({}, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entity A", "expected `;`, found the end"),
        ("\n\nentity A\n\n {a Long};", "expected `:`, found `Long`"),
        ("entitty A;", "expected a declaration, found `entitty`"),
        ("@a", "expected a declaration, found the end"),
        ("namespace N {", "expected a declaration, found the end"),
        ("entity A in [B C];", "expected `]`, found `C`"),
        ("entity 1;", "expected a name, found `1`"),
        ("entity A enum [b];", "expected a string, found `b`"),
        (
            "action a appliesTo { who: A };",
            "expected `principal`, `resource` or `context`, found `who`",
        ),
        ('action "a', 'expected a name, found `"a`'),
        ("entity A in B;", "The schema names the entity type `B` but does not declare it."),
        ("type B = Long; entity A in B;", "The schema names the entity type `B` but "),
        ("entity A {x: N::Long};", "The schema names the type `N::Long` but does not declare it."),
        ("action a in b;", 'The schema names the action `Action::"b"` but does not declare it.'),
        ("type T = { a: Set<T>, b: T };", None),
        ("type T = { a: Set<T>, b: T }; entity A tags T;", "The schema's types nest over 100 deep"),
        (
            "entity P; action a appliesTo { principal: P, resource: P, context: P };",
            'The schema gives Action::"a" a context that is no record.',
        ),
    ],
)
def test_what_is_not_understood_is_said(text: str, message: str | None) -> None:
    if message is None:  # an unused common type is not looked into
        assert parse_schema(text) == SchemaModel({}, {})
        return
    with pytest.raises(ValueError, match=r".") as raised:
        parse_schema(text)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    "namespace",
    [
        {"commonTypes": {"T": {"type": "Long"}}, "entityTypes": {"T": {}}, "actions": {}},
        {
            "commonTypes": {"T": {"type": "Record", "attributes": {}}},
            "entityTypes": {"E": {"shape": {"type": "T"}}},
            "actions": {},
        },
    ],
)
def test_a_schema_that_cedarpy_cannot_write_is_refused(namespace: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^The schema cannot be written .*: \[N::[ET]\]\.$"):
        from_json({"N": namespace})


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1, 5000])
@pytest.mark.parametrize(("start", "end"), [("Set<", ">"), ("{a:", "}")])
def test_nesting_is_bounded(levels: int, start: str, end: str) -> None:
    text = f"entity A tags {start * levels}Long{end * levels};"
    if levels == MAX_DEPTH:
        assert from_cedar(text).entity_types["A"].tags
    else:
        with pytest.raises(ValueError, match="types nested at most 100 deep"):
            parse_schema(text)


def test_common_types_that_double_each_other_take_no_time() -> None:
    doubling = "".join(f"type T{n} = {{a: T{n - 1}, b: T{n - 1}}};" for n in range(1, 40))
    model = parse_schema(f"type T0 = Long; {doubling} entity A tags T39;")
    assert isinstance(model.entity_types["A"].tags, Record)


# A random schema in JSON, made together with the model that it must give.

NAMESPACES = ["", "N", "N::M", "A::B"]
NAMES = ["A", "B", "Thing", "Group", "String", "Bool", "type", "ipaddr", "datetime", "_x1"]
PRIMITIVES = {"Long": LONG, "String": STRING, "Boolean": BOOL}
EXTENSIONS = ["ipaddr", "decimal", "datetime", "duration"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["in", "if", "view", "it's", '"', "\\", "\n\0", "a::b", "é\u0301", "//"]
)
Draw = Callable[[st.SearchStrategy[Any]], Any]
Made = tuple[dict[str, Any], Type]


def full(namespace: str, name: str) -> str:
    return f"{namespace}::{name}" if namespace else name


class Maker:
    """Draws a schema; a name in the empty namespace is declared in no other, as RFC 70 says."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.schema: dict[str, dict[str, dict[str, Any]]] = {
            name: {"commonTypes": {}, "entityTypes": {}, "actions": {}} for name in NAMESPACES
        }
        self.common: dict[tuple[str, str], Type] = {}
        self.standard: list[tuple[str, str]] = []
        self.entities: list[tuple[str, str]] = []
        self.actions: list[tuple[str, str]] = []

    def places(self, names: list[str]) -> list[tuple[str, str]]:
        others = st.sets(st.sampled_from(NAMESPACES[1:])).map(sorted)
        homes = [self.draw(st.just([""]) | others) for _ in names]
        return [(home, name) for name, found in zip(names, homes, strict=True) for home in found]

    def spelled(self, namespace: str, target: tuple[str, str]) -> str:
        home, name = target
        return name if home == namespace and self.draw(st.booleans()) else full(home, name)

    def type(self, namespace: str, depth: int = 2) -> Made:
        kinds = ["primitive", "extension"] + ["entity"] * bool(self.entities)
        kinds += ["common"] * bool(self.common) + ["set", "record"] * (depth > 0)
        kind = self.draw(st.sampled_from(kinds))
        if kind == "set":
            element, expected = self.type(namespace, depth - 1)
            return {"type": "Set", "element": element}, SetOf(expected)
        makers: dict[str, Callable[[str], Made]] = {
            "primitive": self.primitive,
            "extension": self.extension,
            "entity": self.entity,
            "common": self.common_type,
            "record": lambda namespace: self.record(namespace, depth - 1),
        }
        return makers[kind](namespace)

    def primitive(self, namespace: str) -> Made:
        name = self.draw(st.sampled_from(sorted(PRIMITIVES)))
        return {"type": name}, PRIMITIVES[name]

    def extension(self, namespace: str) -> Made:
        name = self.draw(st.sampled_from(EXTENSIONS))
        return {"type": "Extension", "name": name}, Extension(name)

    def entity(self, namespace: str) -> Made:
        target = self.draw(st.sampled_from(self.entities))
        kind = self.draw(st.sampled_from(["Entity", "EntityOrCommon"]))
        return {"type": kind, "name": self.spelled(namespace, target)}, EntityRef(full(*target))

    def common_type(self, namespace: str) -> Made:
        target = self.draw(st.sampled_from(sorted(self.common)))
        name = self.spelled(namespace, target)
        whole = self.draw(st.booleans())
        written = {"type": "EntityOrCommon", "name": name} if whole else {"type": name}
        return written, self.common[target]

    def record(self, namespace: str, depth: int = 2) -> tuple[dict[str, Any], Record]:
        written, expected = {}, {}
        for name in self.draw(st.lists(TEXTS, max_size=3, unique=True)):
            required = self.draw(st.booleans())
            one, resolved = self.type(namespace, depth)
            written[name] = one if required else {**one, "required": False}
            expected[name] = Attribute(resolved, required)
        return {"type": "Record", "attributes": written}, Record(expected)

    def targets(self, namespace: str, least: int) -> tuple[list[str], tuple[str, ...]]:
        lists = st.lists(st.sampled_from(self.standard), unique=True, min_size=least, max_size=3)
        found = self.draw(lists) if self.standard else []
        return [self.spelled(namespace, one) for one in found], tuple(full(*one) for one in found)

    def declare_common(self, namespace: str, name: str) -> None:
        written, self.common[namespace, name] = self.type(namespace)
        self.schema[namespace]["commonTypes"][name] = written

    def declare_entity(self, namespace: str, name: str) -> EntityType:
        declared = self.schema[namespace]["entityTypes"]
        if (namespace, name) not in self.standard:
            choices = self.draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
            declared[name] = {"enum": choices}
            return EntityType(full(namespace, name), choices=tuple(choices))
        shape, expected = self.record(namespace)
        parents, expected_parents = self.targets(namespace, 0)
        declared[name] = {"shape": shape, "memberOfTypes": parents}
        tags = None
        if self.draw(st.booleans()):
            declared[name]["tags"], tags = self.type(namespace)
        return EntityType(full(namespace, name), expected_parents, expected.attributes, tags)

    def declare_action(self, namespace: str, name: str) -> Action:
        groups = (
            self.draw(st.lists(st.sampled_from(self.actions), unique=True, max_size=3))
            if (self.actions)
            else []
        )
        written: dict[str, Any] = {"memberOf": [self.group(namespace, one) for one in groups]}
        expected = Action(full(namespace, "Action"), name, parents=tuple(map(str, groups)))
        principals, resources = self.targets(namespace, 1), self.targets(namespace, 1)
        if principals[0] and self.draw(st.booleans()):
            context, resolved = self.context(namespace)
            names = {"principalTypes": principals[0], "resourceTypes": resources[0]}
            written["appliesTo"] = {**names, "context": context}
            expected = Action(
                expected.uid, name, principals[1], resources[1], resolved, expected.parents
            )
        self.schema[namespace]["actions"][name] = written
        self.actions.append((namespace, name))
        return expected

    def group(self, namespace: str, target: tuple[str, str]) -> dict[str, str]:
        home, name = target
        short = home == namespace and self.draw(st.booleans())
        return {"id": name} if short else {"id": name, "type": full(home, "Action")}

    def context(self, namespace: str) -> tuple[dict[str, Any], Record]:
        records = {at: one for at, one in self.common.items() if isinstance(one, Record)}
        if not records or self.draw(st.booleans()):
            return self.record(namespace)
        target = self.draw(st.sampled_from(sorted(records)))
        return {"type": self.spelled(namespace, target)}, records[target]


@st.composite
def schemas(draw: Draw) -> tuple[dict[str, Any], dict[str, EntityType], list[Action]]:
    """Give a schema, its entity types, and its actions with the entity type as their uid."""
    maker = Maker(draw)
    places = maker.places(draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6)))
    commons: list[tuple[str, str]] = []
    for place in places:
        common = place[1] not in ("String", "Bool") and draw(st.booleans())
        (commons if common else maker.entities).append(place)
    maker.standard = [place for place in maker.entities if draw(st.integers(0, 3))]
    for place in commons:
        maker.declare_common(*place)
    entities = [maker.declare_entity(*place) for place in maker.entities]
    ids = draw(st.lists(TEXTS, unique=True, max_size=4))
    actions = [maker.declare_action(*place) for place in maker.places(ids)]
    return maker.schema, {one.name: one for one in entities}, actions


@settings(deadline=None)
@given(schemas())
def test_any_schema_comes_back_as_it_was_generated(
    generated: tuple[dict[str, Any], dict[str, EntityType], list[Action]],
) -> None:
    schema, entity_types, actions = generated
    model = from_json(schema)
    assert model.entity_types == entity_types
    assert {key(uid): plain(one) for uid, one in model.actions.items()} == {
        (one.uid, one.name): one for one in actions
    }


def key(uid: str) -> tuple[str, str]:
    """Take a uid apart into entity type and id."""
    path, literal = uid.split('::"', 1)
    return path, unescape(f'"{literal}')


def plain(action: Action) -> Action:
    """Say uids in a way that does not hang on how the engine escapes."""
    namespaces = [
        (path.removesuffix("Action").removesuffix("::"), name)
        for path, name in map(key, action.parents)
    ]
    return Action(
        key(action.uid)[0],
        action.name,
        action.principals,
        action.resources,
        action.context,
        tuple(map(str, namespaces)),
    )
