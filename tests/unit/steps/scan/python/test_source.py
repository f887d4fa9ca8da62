import ast
import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.python.source import Sources, decoded
from tests.world_double import fake_world


@given(before=st.text(st.characters(exclude_characters="\\'\r\n\0", exclude_categories=["Cs"])))
def test_a_column_is_where_python_itself_puts_it(
    before: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    line = f"x = '{before}'; call()"
    (folder / "a.py").write_bytes(line.encode())
    offset = ast.parse(line).body[1].col_offset
    assert Sources(fake_world(folder)).column("a.py", 1, offset) == line.rindex("call") + 1


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (codecs.BOM_UTF8 + b"x", "x"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe4'", "# -*- coding: latin-1 -*-\nx = 'ä'"),
        (
            b"#!/bin/python\n# vim: set fileencoding=cp1252 :\n\x80",
            "#!/bin/python\n# vim: set fileencoding=cp1252 :\n€",
        ),
    ],
)
def test_text_is_what_python_takes_it_for(data: bytes, text: str) -> None:
    assert decoded(data) == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("x = 1".encode("utf-16"), "is UTF-16, not UTF-8; save it as UTF-8"),
        (b"x = 1\ny = '\xe4'", "is not UTF-8 in line 2; save it as UTF-8"),
        (
            b"# coding: klingon\n",
            "is in no encoding that Python knows: unknown encoding: klingon; save it as UTF-8",
        ),
    ],
)
def test_what_is_no_text_is_told_in_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        decoded(data)
    assert str(caught.value) == why


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_sentence(data: bytes) -> None:
    try:
        decoded(data)
    except ValueError as error:
        assert str(error).startswith("is ")


def test_lines_end_as_for_python(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"a\r\nb\rc\n\x0cd\xe2\x80\xa8e")
    assert Sources(fake_world(tmp_path)).lines("a.py") == ("a", "b", "c", "\x0cd\u2028e")


def test_a_file_that_is_gone_or_no_text_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\xfe")
    sources = Sources(fake_world(tmp_path))
    assert sources.line("a.py", 1) == sources.line("gone.py", 1) == ""
