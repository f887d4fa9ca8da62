"""Places: every form of a path that scanners write, and none outside of the source root."""

from pathlib import Path
from typing import Any

import pytest

from tests.sarif_logs import log, result, scan, sighting


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with names that percent-encoding changes."""
    for name in ("app.py", "src/größe neu.py", "src/100%25.py", "lib/app.py"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    (tmp_path / "outside.py").write_text("x\n")
    return tmp_path / "tree"


def path_of(data: bytes, tree: Path) -> str:
    """The path of the first place, or nothing."""
    locations = sighting(data, tree).locations
    return locations[0].path if locations else ""


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("app.py", "app.py"),
        ("./app.py", "app.py"),
        ("src/../app.py", "app.py"),
        ("src/größe neu.py", "src/größe neu.py"),
        ("src/gr%C3%B6%C3%9Fe%20neu.py", "src/größe neu.py"),
        ("src/100%25.py", "src/100%25.py"),
        ("src\\größe neu.py", "src/größe neu.py"),
        ("gone%20away.py", "gone away.py"),
        ("library/alpine", "library/alpine"),
        ("file:///TREE/src/gr%C3%B6%C3%9Fe%20neu.py", "src/größe neu.py"),
        ("file://localhost/TREE/app.py", "app.py"),
        ("file:/TREE/app.py", "app.py"),
        ("/TREE/src/größe neu.py", "src/größe neu.py"),
        ("FILE:///TREE/app.py", "app.py"),
    ],
)
def test_a_path_is_found_in_every_form_that_scanners_write(uri: str, path: str, tree: Path) -> None:
    uri = uri.replace("/TREE", str(tree))
    assert path_of(log(result(uri)), tree) == path


@pytest.mark.parametrize(
    "uri",
    [
        "../outside.py",
        "src/../../outside.py",
        "%2e%2e/outside.py",
        "..\\outside.py",
        "/etc/passwd",
        "file:///etc/passwd",
        "file://host/share/app.py",
        "file:///C:/work/app.py",
        "C:\\work\\app.py",
        "https://example.test/app.py",
        "pkg:npm/left-pad@1.0.0",
        "nul\0byte",
        ".",
    ],
)
def test_what_is_outside_of_the_root_is_no_place_but_is_told(uri: str, tree: Path) -> None:
    found = scan(log(result(uri)), tree)
    (one,) = found.sightings
    assert one.locations == ()
    assert one.message.startswith("It is wrong. (at ")
    assert one.identity
    assert any("outside of the source root" in note for note in found.notes)


def test_a_symbolic_link_that_leads_out_is_no_place(tree: Path) -> None:
    (tree / "link.py").symlink_to(tree.parent / "outside.py")
    (tree / "inner.py").symlink_to(tree / "app.py")
    assert path_of(log(result("link.py")), tree) == ""
    assert path_of(log(result("inner.py")), tree) == "inner.py"


def test_the_root_counts_under_its_real_name_too(tree: Path) -> None:
    link = tree.parent / "link"
    link.symlink_to(tree)
    assert path_of(log(result(f"file://{tree}/app.py")), link) == "app.py"
    assert path_of(log(result(f"file://{link}/app.py")), link) == "app.py"


def based(uri: str, base: str, bases: dict[str, Any] | None) -> bytes:
    """A result whose place is relative to a base."""
    one = result()
    location = {"uri": uri, "uriBaseId": base}
    one["locations"][0]["physicalLocation"]["artifactLocation"] = location
    return log(one, **({} if bases is None else {"originalUriBaseIds": bases}))


def test_a_chain_of_bases_is_followed(tree: Path) -> None:
    bases = {"ROOT": {"uri": f"file://{tree}/"}, "LIB": {"uri": "lib/", "uriBaseId": "ROOT"}}
    assert path_of(based("app.py", "LIB", bases), tree) == "lib/app.py"


def test_a_base_that_is_its_own_base_ends(tree: Path) -> None:
    bases = {"A": {"uri": "lib/", "uriBaseId": "B"}, "B": {"uri": "", "uriBaseId": "A"}}
    assert path_of(based("app.py", "A", bases), tree) == "lib/app.py"


@pytest.mark.parametrize(
    ("base", "bases"),
    [
        ("%SRCROOT%", None),
        ("ROOTPATH", {"ROOTPATH": {"uri": "file:///"}}),
        ("SRC", {"SRC": {"uri": "file:///builds/another/machine/"}}),
        ("EXECUTIONROOT", {"EXECUTIONROOT": {"description": {"text": "where it was run"}}}),
    ],
    ids=["semgrep", "trivy", "another machine", "cfn-lint"],
)
def test_a_base_that_cannot_be_resolved_is_the_source_root(
    base: str, bases: dict[str, Any] | None, tree: Path
) -> None:
    assert path_of(based("app.py", base, bases), tree) == "app.py"


@pytest.mark.parametrize("bases", [None, {"ROOT": {"description": {"text": "somewhere"}}}])
def test_that_a_base_was_taken_for_the_source_root_is_told_where_files_are_missing(
    bases: dict[str, Any] | None, tree: Path
) -> None:
    assert scan(based("app.py", "ROOT", bases), tree).notes == ()
    assert scan(based("gone.py", "ROOT", bases), tree).notes == (
        "the base `ROOT` of its paths is not known here; taken as the source root",
        "of 1 file that it names, none there (such as gone.py);"
        " --source-root says where they begin",
    )


def test_the_root_of_another_machine_is_taken_off_where_the_run_names_it(tree: Path) -> None:
    bases = {"ROOT": {"uri": "file:///builds/7/"}}
    data = log(result("file:///builds/7/lib/app.py"), originalUriBaseIds=bases)
    assert path_of(data, tree) == "lib/app.py"
    started = [{"executionSuccessful": True, "workingDirectory": {"uri": "file:///builds/7"}}]
    data = log(result("file:///builds/7/lib/app.py"), invocations=started)
    assert path_of(data, tree) == "lib/app.py"


def test_a_place_may_be_the_number_of_an_artifact(tree: Path) -> None:
    one = result()
    one["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 1}
    files = [{"location": {"uri": "app.py"}}, {"location": {"uri": "lib/app.py"}}]
    assert path_of(log(one, artifacts=files), tree) == "lib/app.py"
    one["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 9}
    assert path_of(log(one, artifacts=files), tree) == ""


def test_files_that_are_not_there_are_told_with_what_to_do(tree: Path) -> None:
    found = scan(log(result("x/app.py"), result("app.py")), tree)
    assert found.notes == (
        "of 2 files that it names, 1 not there (such as x/app.py);"
        " --source-root says where they begin",
    )


def test_a_result_without_a_place_is_kept(tree: Path) -> None:
    one = sighting(log(result(locations=[])), tree)
    assert (one.locations, one.message) == ((), "It is wrong.")
