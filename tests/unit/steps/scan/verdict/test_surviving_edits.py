"""Old findings stay old, and new ones are new, whatever is done to the files around them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.results import Finding
from tests.unit.steps.scan.verdict.running import FILE, finding, run, states

FILES = settings(max_examples=40, deadline=None)
"""Each example writes files and reads them: a busy machine takes its time."""

BAD = "eval("
CODE = st.lists(
    st.sampled_from(
        ["eval(a)", "    eval(a)", "    eval(b)", "x = 1", "    x = 2", "def f():", "def g():", ""]
    ),
    min_size=1,
    max_size=10,
)
HARMLESS = st.lists(
    st.sampled_from(["# note", "    y = 3", "def h():", "", "    if x:"]), max_size=4
)


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edits")


def emptied(folder: Path) -> Path:
    for path in folder.iterdir():
        path.unlink()
    return folder


def found(folder: Path) -> list[Finding]:
    """Whatever calls eval, in all files."""
    return [
        finding(f"{path.name}:{number}")
        for path in sorted(folder.glob("*.py"))
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if BAD in line
    ]


def record(folder: Path, code: list[str], name: str = "a.py") -> int:
    (folder / name).write_text("\n".join(code))
    every = found(folder)
    run(folder, every, write_baseline=True)
    return len(every)


def judged(folder: Path, code: list[str], name: str = "a.py") -> str:
    (folder / name).write_text("\n".join(code))
    return states(run(folder, found(folder)))


@FILES
@given(CODE, st.data())
def test_lines_put_anywhere_make_no_old_finding_new(
    parent: Path, code: list[str], data: st.DataObject
) -> None:
    folder = emptied(parent)
    number = record(folder, code)
    changed = list(code)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(changed)))
        changed[at:at] = data.draw(HARMLESS)
    assert judged(folder, changed) == "k" * number


@FILES
@given(CODE, st.randoms())
def test_lines_in_another_order_make_no_old_finding_new(
    parent: Path, code: list[str], chance: object
) -> None:
    folder = emptied(parent)
    number = record(folder, code)
    moved = list(code)
    chance.shuffle(moved)  # type: ignore[attr-defined]
    assert judged(folder, moved) == "k" * number


@FILES
@given(CODE, st.integers(0, 8))
def test_other_indentation_and_line_ends_make_no_old_finding_new(
    parent: Path, code: list[str], deeper: int
) -> None:
    folder = emptied(parent)
    number = record(folder, code)
    (folder / "a.py").write_bytes(
        b"".join(b" " * deeper + line.encode() + b"\r\n" for line in code)
    )
    assert states(run(folder, found(folder))) == "k" * number


@FILES
@given(CODE, CODE)
def test_a_renamed_file_makes_no_old_finding_new(
    parent: Path, code: list[str], other: list[str]
) -> None:
    folder = emptied(parent)
    (folder / "other.py").write_text("\n".join(other))
    number = record(folder, code)
    (folder / "a.py").unlink()
    assert judged(folder, ["# renamed", *code], "z.py") == "k" * number


@FILES
@given(CODE, st.data())
def test_one_more_of_an_old_finding_is_one_new_finding(
    parent: Path, code: list[str], data: st.DataObject
) -> None:
    folder = emptied(parent)
    number = record(folder, code)
    bad = [line for line in code if BAD in line] or ["eval(new)"]
    more = list(code)
    more.insert(data.draw(st.integers(0, len(more))), data.draw(st.sampled_from(bad)))
    result = judged(folder, more)
    assert (result.count("n"), result.count("k")) == (1, number)


@FILES
@given(CODE, st.data())
def test_an_edited_line_is_new_and_the_others_stay_old(
    parent: Path, code: list[str], data: st.DataObject
) -> None:
    folder = emptied(parent)
    record(folder, [*code, "eval(last)"])
    edited = [*code, "eval(last)"]
    places = [at for at, line in enumerate(edited) if BAD in line]
    at = data.draw(st.sampled_from(places))
    edited[at] = edited[at].replace("eval(", "eval(edited, ")
    assert judged(folder, edited) == "".join("n" if place == at else "k" for place in places)


@FILES
@given(CODE, CODE)
def test_a_baseline_that_is_both_of_two_branches_knows_the_findings_of_both(
    parent: Path, ours: list[str], theirs: list[str]
) -> None:
    folder = emptied(parent)
    texts = []
    for name, code in (("a.py", ours), ("b.py", theirs)):
        emptied(folder)
        record(folder, code, name)
        texts.append((folder / FILE).read_text().split("\n"))
    first, second = texts
    (folder / FILE).write_text("\n".join([*first[:-4], *second[3:]]))
    (folder / "a.py").write_text("\n".join(ours))
    (folder / "b.py").write_text("\n".join(theirs))
    assert "n" not in states(run(folder, found(folder)))


@FILES
@given(st.binary(max_size=60), st.binary(max_size=20))
def test_any_bytes_above_make_no_old_finding_new(parent: Path, before: bytes, above: bytes) -> None:
    folder = emptied(parent)
    before = b"\n" + before.replace(b"\0", b"")  # no mark of UTF-16 or UTF-32
    number = len(before.splitlines())
    where = [finding(f"a.py:{line}") for line in range(1, number + 1)]
    (folder / "a.py").write_bytes(before)
    run(folder, where, write_baseline=True)
    above = b"\n" + above.replace(b"\0", b"") + b"\n"
    shift = len(above.splitlines())
    (folder / "a.py").write_bytes(above + before)
    moved = [finding(f"a.py:{line + shift}") for line in range(1, number + 1)]
    assert states(run(folder, moved)) == "k" * number
