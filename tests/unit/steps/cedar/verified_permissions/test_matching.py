"""Which deployed policy is which of the repository."""

from pathlib import Path

from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.verified_permissions.deployed import DeployedPolicy
from buildsteps.steps.cedar.verified_permissions.matching import matched
from tests.unit.steps.cedar.verified_permissions.test_naming import deployed
from tests.world_double import fake_world

A = "permit (principal, action, resource);"
B = "forbid (principal, action, resource);"
LONG = 'permit (principal, action == Action::"view", resource) when {{ context.level > {} }};'


def here(folder: Path, **policies: str) -> StoreInputs:
    (folder / "cedarschema").write_text("namespace N { entity E; }")
    for name, text in policies.items():
        (folder / f"{name}.cedar").write_text(text)
    world = fake_world(folder)
    (found,) = find_stores([], Layout(), {}, world).stores
    return read_store(found, world)


def pairs(inputs: StoreInputs, *there: DeployedPolicy) -> list[tuple[str, str]]:
    found = matched(inputs, deployed(there)).policies
    return [(one.ours.id if one.ours else "", one.theirs.id if one.theirs else "") for one in found]


def test_the_id_annotation_counts_more_than_the_text(tmp_path: Path) -> None:
    inputs = here(tmp_path, a=f'@id("x") {A}', b=B)
    there = DeployedPolicy(id="1", text=f'@id("x") {B}')
    assert pairs(inputs, there, DeployedPolicy(id="2", text=B)) == [("x", "1"), ("b", "2")]


def test_the_text_counts_more_than_the_name(tmp_path: Path) -> None:
    inputs = here(tmp_path, a=A, b=B)
    swapped = (
        DeployedPolicy(id="1", text=A, description="b"),
        DeployedPolicy(id="2", text=B, description="a"),
    )
    assert pairs(inputs, *swapped) == [("a", "1"), ("b", "2")]


def test_name_or_description_tell_of_an_edited_policy(tmp_path: Path) -> None:
    inputs = here(tmp_path, a=A, b=A)
    there = (
        DeployedPolicy(id="1", text=B, name="b"),
        DeployedPolicy(id="2", text=f"{B} ", description="a.cedar"),
    )
    assert pairs(inputs, *there) == [("a", "2"), ("b", "1")]


def test_a_policy_without_any_name_is_known_by_likeness_and_another_is_not(tmp_path: Path) -> None:
    inputs = here(tmp_path, a=LONG.format(1))
    assert pairs(inputs, DeployedPolicy(id="1", text=LONG.format(2))) == [("a", "1")]
    assert pairs(inputs, DeployedPolicy(id="1", text=B)) == [("a", ""), ("", "1")]


def test_of_equal_policies_each_is_matched_once(tmp_path: Path) -> None:
    inputs = here(tmp_path, a=A, b=A)
    there = [DeployedPolicy(id=str(number), text=A) for number in range(3)]
    assert pairs(inputs, *there) == [("a", "0"), ("b", "1"), ("", "2")]
