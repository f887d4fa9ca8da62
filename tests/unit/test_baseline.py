from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.baseline import Entry, Trace, gathered, matched, without


def trace(line: str, around: str = "", within: str = "", path: str = "a.py") -> Trace:
    return Trace(rule="R1", path=path, line=line, around=around, within=within)


def known(entries: list[Entry], traces: list[Trace], gone: frozenset[str] = frozenset()) -> str:
    """One letter for each trace: ``k`` for known, ``n`` for new."""
    return "".join("n" if by is None else "k" for by in matched(entries, traces, gone).by)


TRACES = st.builds(
    Trace,
    rule=st.sampled_from(["R1", "R2"]),
    path=st.sampled_from(["a.py", "b.py", "c.py"]),
    line=st.sampled_from("xyz"),
    around=st.sampled_from("123"),
    within=st.sampled_from(["", "f", "g"]),
)
ENTRIES = st.lists(st.builds(Entry, trace=TRACES, count=st.integers(1, 3)), max_size=8)


def test_an_edit_beside_a_finding_leaves_it_known() -> None:
    assert known([Entry(trace=trace("x", "before"))], [trace("x", "after")]) == "k"


def test_another_line_is_new() -> None:
    assert known([Entry(trace=trace("x"))], [trace("y")]) == "n"


def test_a_second_finding_alike_is_new() -> None:
    assert known([Entry(trace=trace("x", "1"))], [trace("x", "1"), trace("x", "1")]) == "kn"


def test_of_two_lines_alike_the_one_with_the_old_neighbours_is_old() -> None:
    assert known([Entry(trace=trace("x", "1"))], [trace("x", "2"), trace("x", "1")]) == "nk"


def test_of_two_lines_alike_the_one_in_the_old_block_is_old() -> None:
    old = Entry(trace=trace("x", "1", "f"))
    assert known([old], [trace("x", "2", "g"), trace("x", "3", "f")]) == "nk"


def test_the_same_line_in_another_file_is_new_while_the_old_file_is_there() -> None:
    assert known([Entry(trace=trace("x"))], [trace("x", path="b.py")]) == "n"


def test_the_same_line_in_another_file_is_old_once_the_old_file_is_gone() -> None:
    entries = [Entry(trace=trace("x"))]
    assert known(entries, [trace("x", path="b.py")], frozenset({"a.py"})) == "k"


def test_an_entry_serves_as_often_as_it_counts() -> None:
    found = matched([Entry(trace=trace("x"), count=3)], [trace("x"), trace("x")])
    assert found.by == (0, 0)
    assert [one.count for one in found.left] == [1]


@given(ENTRIES, st.lists(TRACES, max_size=8), st.sets(st.sampled_from(["a.py", "b.py"])))
def test_no_entry_serves_more_often_than_it_counts_and_none_is_lost(
    entries: list[Entry], traces: list[Trace], gone: set[str]
) -> None:
    found = matched(entries, traces, gone)
    served = Counter(by for by in found.by if by is not None)
    assert all(number <= entries[by].count for by, number in served.items())
    assert sum(one.count for one in entries) == served.total() + sum(x.count for x in found.left)
    for by, one in zip(found.by, traces, strict=True):
        if by is not None:
            old = entries[by].trace
            assert (old.rule, old.line) == (one.rule, one.line)
            assert old.path == one.path or old.path in gone


@given(ENTRIES)
def test_what_was_recorded_is_known_and_nothing_is_left(entries: list[Entry]) -> None:
    again = [one.trace for one in entries for _ in range(one.count)]
    found = matched(gathered(entries), again)
    assert None not in found.by
    assert found.left == ()


@given(ENTRIES, TRACES)
def test_one_more_finding_than_recorded_is_one_new_finding(
    entries: list[Entry], more: Trace
) -> None:
    again = [one.trace for one in entries for _ in range(one.count)]
    assert matched(entries, [*again, more]).by.count(None) == 1


@given(ENTRIES, st.lists(TRACES, max_size=8))
def test_only_new_findings_are_added_by_findings(entries: list[Entry], more: list[Trace]) -> None:
    again = [one.trace for one in entries for _ in range(one.count)]
    assert matched(entries, [*again, *more]).by[: len(again)].count(None) <= len(more)


@given(ENTRIES, ENTRIES)
def test_gathering_adds_counts_whatever_the_order(some: list[Entry], others: list[Entry]) -> None:
    whole = gathered([*some, *others])
    assert whole == gathered([*others, *some])
    assert whole == gathered([*gathered(some), *gathered(others)])
    assert sum(one.count for one in whole) == sum(one.count for one in [*some, *others])
    assert len({one.trace for one in whole}) == len(whole)


@given(ENTRIES, ENTRIES)
def test_without_takes_away_no_more_than_is_there(some: list[Entry], others: list[Entry]) -> None:
    entries = gathered(some)
    assert without(entries, entries) == ()
    assert without(entries, ()) == entries
    left = Counter({one.trace: one.count for one in without(entries, others)})
    there = Counter({one.trace: one.count for one in entries})
    taken: Counter[Trace] = Counter()
    for one in others:
        taken[one.trace] += one.count
    assert left == there - taken
