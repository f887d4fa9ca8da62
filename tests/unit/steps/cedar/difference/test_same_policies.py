from pathlib import Path

from buildsteps.steps.cedar.difference.same_policies import renamed
from buildsteps.steps.cedar.difference.side import Built, built
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.versions.version import loaded
from tests.world_double import fake_world


def policy(user: str) -> str:
    return f'permit(principal == User::"{user}", action, resource);\n'


def side(folder: Path, text: str) -> Built:
    folder.mkdir()
    (folder / "all.cedar").write_text(text)
    world = fake_world(folder)
    (store,) = find_stores(["."], Layout(), {}, world).stores
    return built(loaded(store, "", world))


def names(tmp_path: Path, before: str, after: str) -> list[str]:
    """What the old policies are called beside the new ones, in their order."""
    found = renamed(side(tmp_path / "old", before), side(tmp_path / "new", after))
    return list(found.side.names.values())


def test_policies_that_moved_up_have_their_new_names(tmp_path: Path) -> None:
    found = names(tmp_path, policy("a") + policy("b") + policy("c"), policy("b") + policy("c"))
    assert found == ["all (the old one)", "all", "all#2"]


def test_a_policy_that_was_edited_where_it_stands_is_the_same(tmp_path: Path) -> None:
    found = names(tmp_path, policy("a") + policy("b"), policy("x") + policy("a") + policy("c"))
    assert found == ["all#2", "all#3"]


def test_layout_and_comments_make_no_other_policy(tmp_path: Path) -> None:
    old = policy("a") + policy("b")
    new = policy("z") + "// why\n" + policy("a").replace(",", " ,\n") + policy("b")
    assert names(tmp_path, old, new) == ["all#2", "all#3"]


def test_a_policy_with_an_id_keeps_it(tmp_path: Path) -> None:
    found = names(tmp_path, '@id("x")\n' + policy("a") + policy("b"), policy("b") + policy("c"))
    assert found == ["x", "all"]


def test_what_is_called_alike_and_is_another_one_is_told_apart(tmp_path: Path) -> None:
    found = names(tmp_path, policy("a") + policy("b"), policy("b") + policy("c") + policy("d"))
    assert found == ["all (the old one)", "all"]


def test_an_only_policy_that_is_the_second_now_is_the_same(tmp_path: Path) -> None:
    assert names(tmp_path, policy("a"), policy("b") + policy("a")) == ["all#2"]
