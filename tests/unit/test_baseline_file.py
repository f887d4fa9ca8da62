import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps import baseline_file
from buildsteps.baseline import Entry, Trace, gathered
from buildsteps.errors import UsageError
from buildsteps.world.files import Files

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
ENTRIES = st.lists(
    st.builds(
        Entry,
        trace=st.builds(Trace, rule=TEXTS, path=TEXTS, line=TEXTS, around=TEXTS, within=TEXTS),
        engines=st.lists(st.sampled_from(["bandit", "ruff"]), unique=True).map(
            lambda names: tuple(sorted(names))
        ),
        count=st.integers(1, 5),
    ),
    max_size=6,
)


def entry(path: str, line: str = "1", count: int = 1, engine: str = "ruff") -> Entry:
    trace = Trace(rule="S101", path=path, line=line, around="a", within="w")
    return Entry(trace=trace, engines=(engine,), count=count)


def text_of(entries: list[Entry]) -> str:
    return "".join(baseline_file.written(entries))


def read(folder: Path, text: str | bytes) -> tuple[Entry, ...]:
    path = folder / "b.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return baseline_file.read(path, Files(folder))


def said(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    return str(caught.value)


def around(findings: str, version: str = "1") -> str:
    return f'{{\n"version": {version},\n"findings": [\n{findings}\nnull\n]\n}}\n'


def test_it_has_a_finding_a_line_sorted_and_a_count_only_above_one() -> None:
    text = text_of([entry("b.py"), entry("a.py", "2"), entry("a.py", "1"), entry("b.py")])
    assert text == around(
        '{"path":"a.py","rule":"S101","line":"1","around":"a","within":"w","engines":["ruff"]},\n'
        '{"path":"a.py","rule":"S101","line":"2","around":"a","within":"w","engines":["ruff"]},\n'
        '{"path":"b.py","rule":"S101","line":"1","around":"a","within":"w","engines":["ruff"],'
        '"count":2},'
    )
    json.loads(text)


@settings(max_examples=50, deadline=None)
@given(ENTRIES)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    folder = tmp_path_factory.mktemp("f")
    assert read(folder, text_of(entries)) == gathered(entries)


@settings(max_examples=50, deadline=None)
@given(ENTRIES, ENTRIES, st.randoms())
def test_lines_of_two_branches_in_any_order_are_those_of_both(
    tmp_path_factory: pytest.TempPathFactory, some: list[Entry], others: list[Entry], chance: object
) -> None:
    lines = [line for line in text_of(some).split("\n") if line.startswith('{"')]
    lines += [line for line in text_of(others).split("\n") if line.startswith('{"')]
    chance.shuffle(lines)  # type: ignore[attr-defined]
    folder = tmp_path_factory.mktemp("f")
    assert read(folder, around("\n".join(lines))) == gathered([*some, *others])


def test_other_layouts_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    whole = text_of([entry("a.py"), entry("b.py", count=2)])
    spread = json.dumps(json.loads(whole), indent=4).replace("\n", "\r\n")
    assert read(tmp_path, b"\xef\xbb\xbf" + spread.encode()) == read(tmp_path, whole)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b.json:1: the baseline is empty; remove it, and --write-baseline makes a new one"),
        ("[]", "b.json:1:1: expected a mapping, found a list"),
        (
            "{} {}",
            "b.json:1:4: a second value follows the baseline;"
            " remove it, and --write-baseline makes a new one",
        ),
        ('{"findings": []}', "b.json:1:1: the key `version` is missing"),
        ('{"version": 1}', "b.json:1:1: the key `findings` is missing"),
        (
            around('{"future": 1},', version="2"),
            "b.json:2:12: the baseline is of version 2, this buildsteps knows 1;"
            " use a newer buildsteps",
        ),
        (around("", version='"1"'), "b.json:2:12: expected a whole number, found text `1`"),
        (around("", version="true"), "b.json:2:12: expected a whole number, found true"),
        (around('{"rule": "x"},'), "b.json:4:1: the key `line` is missing"),
        (
            around('{"rule": "x", "line": "1", "lines": 3},'),
            "b.json:4:28: unknown key `lines`. Did you mean `line`?",
        ),
        (
            around('{"rule": "x", "line": "1"},\n{"rule": 3, "line": "1"},'),
            "b.json:5:10: expected text, found the number `3`; put quotes around it",
        ),
        (
            around('{"rule": "x", "line": "1", "count": 0},'),
            "b.json:4:37: expected a count from 1 to 1,000,000,000, found 0",
        ),
        (
            around('{"rule": "x", "line": "1", "count": 10000000000000000000000},'),
            "b.json:4:37: expected a count from 1 to 1,000,000,000,"
            " found 10,000,000,000,000,000,000,000",
        ),
        (
            around('{"rule": "x", "line": "\\ud800"},'),
            "b.json:4:23: the text holds half a pair of surrogates",
        ),
        (around('{"rule": "x",'), "b.json:5:1: not valid JSON: a key in quotes is expected"),
        (around("{},"), "b.json:4:1: the key `rule` is missing"),
        ("[" * 100_000, "b.json:1:102: is nested more than 100 levels deep"),
        (b"\xff\xfe{", "b.json: is UTF-16, not UTF-8; save it as UTF-8"),
        (b'{"version\xff', "b.json:1: is not UTF-8 (byte 0xff); save it as UTF-8"),
    ],
)
def test_a_wrong_file_is_told_in_a_sentence_with_its_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    assert said(tmp_path, text) == message


def test_a_merge_conflict_is_told_with_its_line(tmp_path: Path) -> None:
    first, second = (text_of([entry(path)]).split("\n")[3] for path in ("a.py", "b.py"))
    text = around(f"<<<<<<< ours\n{first}\n=======\n{second}\n>>>>>>> theirs")
    assert said(tmp_path, text) == (
        "b.json:4: a merge conflict is left in the baseline; keep the findings of both sides"
    )


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("f")
    with pytest.raises(UsageError):
        read(folder, data)


def test_git_merges_what_two_branches_added(tmp_path: Path) -> None:
    base = [entry(f"{name}.py") for name in "bdfh"]
    ours, theirs = [*base, entry("a.py"), entry("e.py")], [*base, entry("c.py"), entry("z.py")]
    for name, entries in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(text_of(entries))
    command = ["git", "merge-file", "-p", "ours", "base", "theirs"]
    merged = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert merged.decode() == text_of([*ours, entry("c.py"), entry("z.py")])


def test_a_union_of_two_branches_at_the_same_place_is_read(tmp_path: Path) -> None:
    base = [entry("b.py")]
    for name, entries in (
        ("base", base),
        ("ours", [*base, entry("x.py", "1")]),
        ("theirs", [*base, entry("x.py", "2"), entry("y.py")]),
    ):
        (tmp_path / name).write_text(text_of(entries))
    command = ["git", "merge-file", "-p", "--union", "ours", "base", "theirs"]
    merged = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    both = [entry("b.py"), entry("x.py", "1"), entry("x.py", "2"), entry("y.py")]
    assert read(tmp_path, merged) == gathered(both)
