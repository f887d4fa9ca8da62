"""What deployed policies are called, and that the files give exactly those ids again."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.text.syntax import quoted
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed, DeployedPolicy
from buildsteps.steps.cedar.verified_permissions.folder import write_store
from buildsteps.steps.cedar.verified_permissions.naming import link_ids, named, title, with_id
from tests.world_double import fake_world

PERMIT = "permit (principal, action, resource);"
TEMPLATE = "permit (principal == ?principal, action, resource);"

letters = st.text(st.characters(codec="utf-8"), max_size=150)
hostile = st.one_of(
    letters,
    st.sampled_from(
        ["../../etc/passwd", "a/b", ".cedar", "CON", "x" * 150, "\x1b[31m", "nul\0", "A", "a", ". "]
    ),
)


def deployed(
    policies: tuple[DeployedPolicy, ...],
    templates: tuple[DeployedPolicy, ...] = (),
    links: tuple[DeployedPolicy, ...] = (),
) -> Deployed:
    return Deployed(
        id="PS",
        arn="",
        mode="OFF",
        cedar_version="CEDAR_4",
        schema="{}",
        policies=policies,
        templates=templates,
        links=links,
    )


def read_back(store: Deployed, folder: Path) -> StoreInputs:
    write_store(store, folder / "avp:PS")
    world = fake_world(folder)
    (found,) = find_stores(["avp:PS"], Layout(), {}, world).stores
    return read_store(found, world)


def test_the_id_annotation_comes_first_then_name_description_and_the_services_id() -> None:
    annotated = f'@id("mine") {PERMIT}'
    whole = DeployedPolicy(id="SP1", text=annotated, name="n", description="d")
    assert title(whole) == "mine"
    assert title(DeployedPolicy(id="SP1", text=PERMIT, name="n", description="d")) == "n"
    assert title(DeployedPolicy(id="SP1", text=PERMIT, description="d")) == "d"
    assert title(DeployedPolicy(id="SP1", text=PERMIT)) == "SP1"


def test_an_id_is_put_in_place_of_another_and_nothing_else_changes() -> None:
    assert with_id(PERMIT, "a") == f'@id("a")\n{PERMIT}'
    assert with_id(f'@x("1") @id ( "old" ) {PERMIT}', 'a"b') == f'@x("1") @id("a\\"b") {PERMIT}'
    assert with_id("// only a comment", "a") == "// only a comment"


@given(st.lists(st.tuples(hostile, hostile, st.booleans()), max_size=6))
def test_whatever_a_policy_is_called_it_has_one_file_in_the_folder_and_one_id(
    given_names: list[tuple[str, str, bool]],
) -> None:
    policies = tuple(
        DeployedPolicy(
            id=f"SP{number}",
            text=with_id(PERMIT, description) if annotated else PERMIT,
            name=name,
            description=description,
        )
        for number, (name, description, annotated) in enumerate(given_names)
    )
    found = named(policies)
    assert len({one.file.casefold() for one in found}) == len(found)
    with tempfile.TemporaryDirectory() as folder:
        inputs = read_back(deployed(policies), Path(folder))
        written = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert all(path.parent.name == "avp:PS" for path in written)
    assert sorted(one.id for one in inputs.policies) == sorted(one.id for one in found)


@given(hostile, letters)
def test_links_find_their_template_whatever_both_are_called(name: str, entity: str) -> None:
    template = DeployedPolicy(id="PT1", text=TEMPLATE, description=name)
    twin = DeployedPolicy(id="PT2", text=TEMPLATE, description=name)
    values = {"?principal": f"User::{quoted(entity)}"}
    link = DeployedPolicy(id="TP1", template="PT2", values=values)
    with tempfile.TemporaryDirectory() as folder:
        inputs = read_back(deployed((), (template, twin), (link,)), Path(folder))
    (found,) = inputs.links
    assert found.template_id == named((template, twin))[1].id
    assert found.values == values


def test_what_is_known_here_keeps_its_id_and_a_stranger_of_that_name_gets_another() -> None:
    stranger = DeployedPolicy(id="SP1", text=PERMIT, description="a")
    known = DeployedPolicy(id="SP2", text=PERMIT)
    link = DeployedPolicy(id="TP1", name="a", template="PT1")
    found = named([stranger, known], {"SP2": "a"})
    assert [one.id for one in found] == ["a (SP1)", "a"]
    assert link_ids(deployed((), (), (link,)), found) == {"TP1": "a (TP1)"}
