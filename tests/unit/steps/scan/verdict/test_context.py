from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.verdict.context import Around, SourceLines, decoded

CODE = b"""import os

def outer():
    if os:

        call()   # 1
    return  2

call()
"""


def source(data: bytes) -> SourceLines:
    return SourceLines(data, lambda lines: {})


def around(data: bytes, line: int) -> Around:
    found = source(data).around(line)
    assert found is not None
    return found


def test_a_line_is_known_by_its_text_neighbours_and_the_blocks_around_it() -> None:
    assert around(CODE, 6) == Around(
        line=b"call() # 1", above=b"if os:", below=b"return 2", within=b"if os:\ndef outer():"
    )


def test_a_line_at_the_margin_is_in_no_block() -> None:
    assert around(CODE, 9) == Around(line=b"call()", above=b"return 2", below=b"", within=b"")


def test_a_line_that_is_not_there_has_nothing_around_it() -> None:
    assert source(CODE).around(0) is None
    assert source(CODE).around(10) is None
    assert source(b"").around(1) is None


def test_indentation_line_ends_and_blank_lines_do_not_count() -> None:
    other = (
        CODE.replace(b"    ", b"\t").replace(b"\n", b"\r\n").replace(b"    return", b"\n return")
    )
    numbers = {line: at for at, line in enumerate(other.splitlines(), 1)}
    assert around(other, numbers[b"\t\tcall()   # 1"]) == around(CODE, 6)


def test_utf_16_is_read_as_the_same_text() -> None:
    text = CODE.decode()
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert decoded(text.encode(encoding)) == CODE


def test_blocks_are_the_same_in_whatever_order_lines_are_asked_for() -> None:
    lines = [b" " * (at * 7 % 13) + b"%d" % at for at in range(300)]
    forwards, backwards = source(b"\n".join(lines)), source(b"\n".join(lines))
    there = [forwards.around(at) for at in range(1, 301)]
    back = [backwards.around(at) for at in range(300, 0, -1)]
    assert there == back[::-1]


@given(st.binary(max_size=120), st.integers(-3, 30))
def test_any_bytes_can_be_looked_at(data: bytes, line: int) -> None:
    found = source(decoded(data)).around(line)
    assert found is None or found.line == b" ".join(found.line.split())


@given(st.lists(st.sampled_from([b"a", b"  b", b"    c", b"", b" d"]), max_size=20))
def test_a_block_is_headed_by_the_nearest_line_with_less_indentation(lines: list[bytes]) -> None:
    found = source(b"\n".join([*lines, b"   x"])).around(len(lines) + 1)
    assert found is not None
    indents = [(len(one) - len(one.lstrip()), one.strip()) for one in lines if one]
    heads, own = [], 3
    for indent, text in reversed(indents):
        if indent < own:
            heads.append(text)
            own = indent
    assert found.within == b"\n".join(heads)
