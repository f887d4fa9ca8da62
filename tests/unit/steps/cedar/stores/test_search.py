"""Which stores a path, a flag or the configuration stands for; each line of a tree is a file."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.world import World
from buildsteps.world.process import SystemProcesses
from tests.permissions import permissions_respected
from tests.world_double import fake_world

CONVENTIONAL = (
    "cedarschema.json a.cedar deep/b.cedar deep/c.cedar.json cedartemplatelinks.json "
    "tests/cedarentities.json tests/s/ALLOW/one.cedarauth.json tests/s.cedartests.yaml README.md"
)


def tree(folder: Path, names: str) -> Path:
    for name in names.split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def find(
    cwd: Path,
    *paths: str,
    layout: Layout | None = None,
    configured: Mapping[str, Layout] | None = None,
) -> Found:
    return find_stores(paths, layout or Layout(), configured or {}, fake_world(cwd))


def names_of(found: Found) -> list[str]:
    return [store.name for store in found.stores]


def below(cwd: Path, paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(cwd).as_posix() for path in paths]


def only(found: Found) -> Store:
    (store,) = found.stores
    return store


def test_the_parts_of_a_store_are_found_by_their_names(tmp_path: Path) -> None:
    store = only(find(tree(tmp_path, CONVENTIONAL)))
    parts = {
        part: below(tmp_path, getattr(store, part))
        for part in ("policies", "links", "entities", "tests", "suites", "case_files")
    }
    assert store.name == "."
    assert store.folder == tmp_path
    assert store.schema == tmp_path / "cedarschema.json"
    assert parts == {
        "policies": ["a.cedar", "deep/b.cedar", "deep/c.cedar.json"],
        "links": ["cedartemplatelinks.json"],
        "entities": ["tests/cedarentities.json"],
        "tests": ["tests/s/ALLOW/one.cedarauth.json"],
        "suites": ["tests/s.cedartests.yaml"],
        "case_files": [],
    }


@pytest.mark.parametrize(
    ("files", "schema"),
    [
        ("cedarschema", "cedarschema"),
        ("app.cedarschema", "app.cedarschema"),
        ("app.cedarschema.json", "app.cedarschema.json"),
        ("cedarschema cedarschema.json", "cedarschema"),
        ("app.cedarschema.json app.cedarschema", "app.cedarschema"),
    ],
)
def test_one_schema_in_either_format_or_in_both(tmp_path: Path, files: str, schema: str) -> None:
    assert only(find(tree(tmp_path, files))).schema == tmp_path / schema


def test_two_schemas_in_a_folder_need_a_choice(tmp_path: Path) -> None:
    tree(tmp_path, "s/a.cedarschema s/cedarschema.json")
    with pytest.raises(UsageError) as caught:
        find(tmp_path)
    assert str(caught.value) == (
        "s: two schemas, `a.cedarschema` and `cedarschema.json`; choose one with --schema"
    )
    chosen = find(tmp_path, "s", layout=Layout(schema="s/a.cedarschema"))
    assert only(chosen).schema == tmp_path / "s" / "a.cedarschema"


def test_a_folder_called_like_a_schema_is_none(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema/p.cedar")
    store = only(find(tmp_path, "cedarschema/p.cedar"))
    assert (store.name, store.schema) == ("cedarschema", None)


def test_each_folder_with_a_schema_is_a_store_of_its_own(tmp_path: Path) -> None:
    tree(tmp_path, "b/cedarschema b/x.cedar a/cedarschema a/in/cedarschema a/in/y.cedar a/z.cedar")
    found = find(tmp_path)
    assert names_of(found) == ["a", "a/in", "b"]
    assert [below(tmp_path, store.policies) for store in found.stores] == [
        ["a/z.cedar"],
        ["a/in/y.cedar"],
        ["b/x.cedar"],
    ]


def test_a_file_stands_for_its_store_without_those_further_down(tmp_path: Path) -> None:
    tree(tmp_path, "a/cedarschema a/z.cedar a/p/q.cedar a/in/cedarschema a/in/y.cedar")
    for path in ("a/z.cedar", "a/p/q.cedar", "a/p", "a/cedarschema"):
        store = only(find(tmp_path, path))
        assert (store.name, below(tmp_path, store.policies)) == (
            "a",
            ["a/p/q.cedar", "a/z.cedar"],
        ), path


def test_a_schema_among_the_tests_of_a_store_makes_no_store(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema a.cedar tests/data/cedarschema tests/data/b.cedar")
    assert below(tmp_path, only(find(tmp_path)).policies) == ["a.cedar"]


@pytest.mark.parametrize("path", ["tests", "tests/s", "tests/s/ALLOW/one.cedarauth.json"])
def test_a_path_below_a_store_stands_for_it(tmp_path: Path, path: str) -> None:
    tree(tmp_path, CONVENTIONAL)
    assert only(find(tmp_path, path)) == only(find(tmp_path))


def test_policies_below_no_schema_are_a_store_without_one(tmp_path: Path) -> None:
    tree(tmp_path, "docs/x.cedar s/cedarschema s/y.cedar")
    found = find(tmp_path)
    assert [(store.name, store.schema) for store in found.stores] == [
        ("s", tmp_path / "s" / "cedarschema"),
        (".", None),
    ]
    assert [below(tmp_path, store.policies) for store in found.stores] == [
        ["s/y.cedar"],
        ["docs/x.cedar"],
    ]


def test_policies_in_tests_below_no_schema_make_no_store(tmp_path: Path) -> None:
    assert names_of(find(tree(tmp_path, "tests/x.cedar s/cedarschema"))) == ["s"]


def test_tests_below_no_store_are_strays(tmp_path: Path) -> None:
    found = find(tree(tmp_path, "a/ALLOW/one.cedarauth.json b.cedartests.yaml s/cedarschema"))
    assert names_of(found) == ["s"]
    assert below(tmp_path, found.strays) == ["a/ALLOW/one.cedarauth.json", "b.cedartests.yaml"]


def test_an_empty_folder_has_no_store(tmp_path: Path) -> None:
    assert find(tree(tmp_path, "README.md x.txt")) == Found(())


def test_several_paths_give_each_store_once(tmp_path: Path) -> None:
    tree(tmp_path, "a/cedarschema a/x.cedar b/cedarschema b/y.cedar c/cedarschema")
    assert names_of(find(tmp_path, "b", "a/x.cedar", "b/y.cedar", "a")) == ["b", "a"]


def test_paths_outside_the_working_folder_are_shown_whole(tmp_path: Path) -> None:
    tree(tmp_path, "a/cedarschema b/x.txt")
    assert names_of(find(tmp_path / "b", "../a")) == [str(tmp_path / "a")]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "there is no file or folder `nowhere`"),
        ("x.txt", "`x.txt` has no name and no form that Cedar files have"),
        ("a" * 5000, f"{'a' * 5000}: cannot be reached: file name too long"),
        ("nul\0", "there is no file or folder `nul\0`"),
    ],
)
def test_a_path_that_stands_for_nothing_is_told(tmp_path: Path, path: str, message: str) -> None:
    tree(tmp_path, "x.txt")
    with pytest.raises(UsageError) as caught:
        find(tmp_path, path)
    assert str(caught.value) == message


def test_the_schema_is_looked_for_up_to_the_repository_and_no_further(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema repo/.git/HEAD repo/p/x.cedar")
    store = only(find(tmp_path / "repo" / "p"))
    assert (store.folder, store.schema) == (tmp_path / "repo" / "p", None)
    (tmp_path / "repo" / "cedarschema").touch()
    assert only(find(tmp_path / "repo" / "p")).folder == tmp_path / "repo"


def test_what_git_ignores_is_left_out_unless_it_is_tracked(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema kept.cedar gone.cedar tracked.cedar build/b.cedar")
    (tmp_path / ".gitignore").write_text("gone.cedar\ntracked.cedar\nbuild/\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "tracked.cedar")
    assert policies_with_git(tmp_path) == ["kept.cedar", "tracked.cedar"]
    link = tmp_path.with_name(f"{tmp_path.name}-link")
    link.symlink_to(tmp_path)
    assert policies_with_git(link) == ["kept.cedar", "tracked.cedar"]


def test_a_schema_that_git_ignores_makes_no_store(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema app/cedarschema app/a.cedar app/part/b.cedar")
    (tmp_path / ".gitignore").write_text("/app/cedarschema\n")
    git(tmp_path, "init", "-q")
    for path in ("app/part", "app/part/b.cedar"):
        (store,) = find_stores([path], Layout(), {}, world_with_git(tmp_path)).stores
        assert (store.folder, store.schema) == (tmp_path, tmp_path / "cedarschema")


def test_a_store_that_is_named_leaves_those_below_it_out(tmp_path: Path) -> None:
    tree(tmp_path, "shape.json cedarschema a.cedar inner/cedarschema inner/b.cedar")
    tree(tmp_path, "tests/inner/cedarschema tests/s.cedartests.yaml inner/tests/t.cedartests.yaml")
    flags = only(find(tmp_path, layout=Layout(schema="shape.json")))
    assert below(tmp_path, flags.policies) == ["a.cedar"]
    assert below(tmp_path, flags.suites) == ["tests/s.cedartests.yaml"]
    configured = only(find(tmp_path, configured={"app": Layout(schema="shape.json")}))
    assert below(tmp_path, configured.policies) == ["a.cedar"]


def test_the_folder_of_a_named_schema_is_no_other_store(tmp_path: Path) -> None:
    tree(tmp_path, "inner/cedarschema inner/b.cedar other/cedarschema other/c.cedar")
    store = only(find(tmp_path, layout=Layout(schema="inner/cedarschema")))
    assert below(tmp_path, store.policies) == ["inner/b.cedar"]


def policies_with_git(folder: Path) -> list[str]:
    found = find_stores((), Layout(), {}, world_with_git(folder))
    return below(folder, only(found).policies)


def world_with_git(folder: Path) -> World:
    return replace(fake_world(folder), processes=SystemProcesses())


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_version_control_and_packages_are_not_entered(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema a.cedar node_modules/p/x.cedar .venv/y.cedar .git/z.cedar")
    assert below(tmp_path, only(find(tmp_path)).policies) == ["a.cedar"]


def test_symbolic_links_are_followed_inside_only(tmp_path: Path) -> None:
    store = tree(tmp_path / "store", "cedarschema real.txt in/a.cedar")
    tree(tmp_path, "outside.cedar")
    (store / "inside.cedar").symlink_to("real.txt")
    (store / "outside.cedar").symlink_to("../outside.cedar")
    (store / "nowhere.cedar").symlink_to("missing")
    (store / "loop.cedar").symlink_to("loop.cedar")
    (store / "loop").symlink_to(".")
    (store / "folder").symlink_to("in")
    found = only(find(store))
    assert below(store, found.policies) == ["in/a.cedar", "inside.cedar"]
    assert below(store, found.outside_links) == ["loop.cedar", "nowhere.cedar", "outside.cedar"]


def test_a_schema_that_is_a_link_out_leaves_the_store_without_one(tmp_path: Path) -> None:
    tree(tmp_path, "shared.json store/a.cedar")
    (tmp_path / "store" / "cedarschema.json").symlink_to("../shared.json")
    store = only(find(tmp_path / "store"))
    assert store.schema is None
    assert below(store.folder, store.outside_links) == ["cedarschema.json"]


def test_a_store_may_be_reached_through_a_link(tmp_path: Path) -> None:
    tree(tmp_path, "real/cedarschema real/a.cedar")
    (tmp_path / "link").symlink_to("real")
    store = only(find(tmp_path, "link"))
    assert (store.name, below(tmp_path, store.policies)) == ("link", ["link/a.cedar"])


def test_a_pipe_is_no_policy_and_does_not_block(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema a.cedar")
    os.mkfifo(tmp_path / "b.cedar")
    os.mkfifo(tmp_path / "c.json")
    assert below(tmp_path, only(find(tmp_path)).policies) == ["a.cedar"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema locked/in/a.cedar")
    locked = tmp_path / "locked"
    locked.chmod(0)
    try:
        with permissions_respected():
            for paths, sentence in {
                (): "locked: this folder cannot be listed: permission denied",
                ("locked/in",): "locked/in: cannot be reached: permission denied",
            }.items():
                with pytest.raises(UsageError) as caught:
                    find(tmp_path, *paths)
                assert str(caught.value) == sentence
    finally:
        locked.chmod(0o755)


# --- Entities -----------------------------------------------------------------------------------


def test_a_test_sees_the_entities_nearest_to_it(tmp_path: Path) -> None:
    store = only(
        find(
            tree(
                tmp_path,
                "cedarschema cedarentities.json tests/cedarentities.json tests/own/a/x.txt "
                "tests/own/a.cedarentities.json tests/own/b.cedarentities.json tests/plain/x.txt",
            )
        )
    )
    seen = {
        folder: below(tmp_path, store.entities_of(tmp_path / folder))
        for folder in (".", "tests", "tests/plain/ALLOW", "tests/own/deep/DENY", "elsewhere/ALLOW")
    }
    own = ["tests/own/a.cedarentities.json", "tests/own/b.cedarentities.json"]
    assert seen == {
        ".": ["cedarentities.json"],
        "tests": ["tests/cedarentities.json"],
        "tests/plain/ALLOW": ["tests/cedarentities.json"],
        "tests/own/deep/DENY": own,
        "elsewhere/ALLOW": ["cedarentities.json"],
    }


def test_a_suite_outside_of_tests_sees_the_entities_in_tests(tmp_path: Path) -> None:
    store = only(find(tree(tmp_path, "cedarschema tests/cedarentities.json")))
    assert below(tmp_path, store.entities_of(tmp_path / "suite" / "ALLOW")) == [
        "tests/cedarentities.json"
    ]


def test_named_entities_count_for_all_tests(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema cedarentities.json all.json")
    store = only(find(tmp_path, layout=Layout(entities=("all.json",))))
    assert below(tmp_path, store.entities_of(tmp_path / "tests" / "ALLOW")) == ["all.json"]


# --- Flags and configuration --------------------------------------------------------------------


def test_flags_replace_the_parts_they_name_and_no_others(tmp_path: Path) -> None:
    tree(tmp_path, f"{CONVENTIONAL} more/x.cedar more/sub/y.cedar more/notes.txt")
    store = only(find(tmp_path, layout=Layout(policies=("more/*.cedar", "a.cedar"))))
    assert below(tmp_path, store.policies) == ["more/x.cedar", "a.cedar"]
    assert below(tmp_path, store.tests) == ["tests/s/ALLOW/one.cedarauth.json"]
    assert store.schema == tmp_path / "cedarschema.json"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("more", ["more/sub/y.cedar", "more/x.cedar"]),
        ("more/notes.txt", ["more/notes.txt"]),
        ("more/**/*.cedar", ["more/sub/y.cedar", "more/x.cedar"]),
        ("m[o]re/?.cedar", ["more/x.cedar"]),
        ("od[d]/*.cedar", ["od[d]/z.cedar"]),
    ],
)
def test_a_part_is_a_file_a_folder_or_a_glob(
    tmp_path: Path, pattern: str, found: list[str]
) -> None:
    tree(tmp_path, "cedarschema more/x.cedar more/sub/y.cedar more/notes.txt od[d]/z.cedar")
    assert below(tmp_path, only(find(tmp_path, layout=Layout(policies=(pattern,)))).policies) == (
        found
    )


def test_a_working_folder_with_the_letters_of_a_glob_is_taken_as_it_stands(tmp_path: Path) -> None:
    cwd = tree(tmp_path / "a[b]*", "cedarschema more/x.cedar")
    assert below(cwd, only(find(cwd, layout=Layout(policies=("more/*",)))).policies) == [
        "more/x.cedar"
    ]


@pytest.mark.parametrize(
    ("paths", "layout", "message"),
    [
        ((), Layout(policies=("no/*.cedar",)), "`no/*.cedar` matches no file"),
        ((), Layout(tests=("README.md", "x/")), "`x/` matches no file"),
        ((), Layout(entities=("empty",)), "`empty` matches no file"),
        ((), Layout(links=("nul\0*",)), "`nul\0*` matches no file"),
        ((), Layout(schema="no.json"), "there is no schema file `no.json`"),
        ((), Layout(schema="empty"), "there is no schema file `empty`"),
        (("a.cedar",), Layout(schema="README.md"), "`a.cedar` is no folder; name it with"),
        (
            ("empty", "."),
            Layout(schema="README.md"),
            "standard input, --schema, --policies, --links, --entities and --tests go with one",
        ),
        (("-",), Layout(policies=("a.cedar",)), "policies come from standard input or from --p"),
    ],
)
def test_a_part_that_is_not_there_is_told(
    tmp_path: Path, paths: tuple[str, ...], layout: Layout, message: str
) -> None:
    tree(tmp_path, "a.cedar README.md")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        find(tmp_path, *paths, layout=layout)
    assert str(caught.value).startswith(message)


def test_a_pattern_that_is_none_is_told(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema")
    with pytest.raises(UsageError, match=r"\*\*x"):
        find(tmp_path, layout=Layout(policies=("**x/*.cedar",)))


def test_tests_named_by_flag_are_sorted_by_their_format(tmp_path: Path) -> None:
    tree(tmp_path, "cedarschema t/a.cedarauth.json t/ALLOW/plain.json t/suite.yml")
    (tmp_path / "t" / "cases.json").write_text('[{"request": {}, "decision": "allow"}]')
    store = only(find(tmp_path, layout=Layout(tests=("t/*.json", "t/ALLOW/*", "t/suite.yml"))))
    assert below(tmp_path, store.tests) == ["t/a.cedarauth.json", "t/ALLOW/plain.json"]
    assert below(tmp_path, store.suites) == ["t/suite.yml"]
    assert below(tmp_path, store.case_files) == ["t/cases.json"]


CONFIGURED = {"one": Layout(path="p/one", schema="shared.json"), "two": Layout(path="p/two")}
CONFIGURED_TREE = "shared.json p/one/a.cedar p/two/cedarschema p/two/b.cedar s/cedarschema"


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ((), ["one", "two"]),
        ((".",), ["one", "two"]),
        (("p",), ["one", "two"]),
        (("p/two",), ["two"]),
        (("p/two/b.cedar",), ["two"]),
        (("s",), ["s"]),
        (("p/one", "s"), ["one", "s"]),
    ],
)
def test_configured_stores_answer_for_paths_at_below_and_around_them(
    tmp_path: Path, paths: tuple[str, ...], names: list[str]
) -> None:
    tree(tmp_path, CONFIGURED_TREE)
    assert names_of(find(tmp_path, *paths, configured=CONFIGURED)) == names


def test_a_configured_store_has_the_schema_it_names(tmp_path: Path) -> None:
    tree(tmp_path, CONFIGURED_TREE)
    one, two = find(tmp_path, configured=CONFIGURED).stores
    assert (one.schema, below(tmp_path, one.policies)) == (
        tmp_path / "shared.json",
        ["p/one/a.cedar"],
    )
    assert two.schema == tmp_path / "p" / "two" / "cedarschema"


def test_flags_beat_the_configuration(tmp_path: Path) -> None:
    tree(tmp_path, CONFIGURED_TREE)
    found = find(tmp_path, "p/one", layout=Layout(schema="shared.json"), configured=CONFIGURED)
    assert names_of(found) == ["p/one"]


def test_a_configured_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the folder `gone` of store `one` is not there"):
        find(tmp_path, configured={"one": Layout(path="gone")})


def test_standard_input_takes_the_parts_that_flags_name_and_nothing_else(tmp_path: Path) -> None:
    tree(tmp_path, f"{CONVENTIONAL} other.json")
    store = only(find(tmp_path, "-", layout=Layout(schema="other.json")))
    assert store == Store(name="stdin", folder=tmp_path, schema=tmp_path / "other.json", stdin=True)


@pytest.mark.parametrize("paths", [("a", "a"), ("a", "a/"), ("a", "b/../a", "a/cedarschema.json")])
def test_a_path_given_twice_is_one_store(tmp_path: Path, paths: tuple[str, ...]) -> None:
    tree(tmp_path, "a/cedarschema.json a/p.cedar b/other.txt")
    assert names_of(find(tmp_path, *paths)) == ["a"]


@pytest.mark.parametrize("paths", [("a", "a/."), ("-", "-")])
def test_a_path_given_twice_is_one_beside_a_flag_as_well(
    tmp_path: Path, paths: tuple[str, ...]
) -> None:
    tree(tmp_path, "a/cedarschema.json a/p.cedar")
    found = find(tmp_path, *paths, layout=Layout(schema="a/cedarschema.json"))
    assert len(found.stores) == 1


def test_two_configured_stores_in_one_folder_are_both_meant_by_it(tmp_path: Path) -> None:
    tree(tmp_path, "a/cedarschema.json a/p.cedar a/q.cedar")
    configured = {name: Layout(path="a", policies=(f"a/{name}.cedar",)) for name in ("p", "q")}
    assert names_of(find(tmp_path, "a", "a", configured=configured)) == ["p", "q"]
