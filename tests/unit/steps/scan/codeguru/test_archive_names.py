import os
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.codeguru.archive_names import archive_names

PARTS = st.binary(min_size=1, max_size=12).map(
    lambda data: os.fsdecode(data.replace(b"\0", b"0").replace(b"/", b"_"))
)
NAMES = st.lists(PARTS.filter(lambda part: part not in (".", "..")), min_size=1, max_size=3).map(
    "/".join
)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("src/app.py", "src/app.py"),
        ("ä/ö ü.py", "ä/ö ü.py"),
        ("100%/a.py", "100%/a.py"),
        (os.fsdecode(b"caf\xe9.py"), "caf%E9.py"),
        ("a\\b.py", "a%5Cb.py"),
        ("line\nend.py", "line%0Aend.py"),
    ],
)
def test_a_name_is_kept_unless_no_reader_could_take_it(name: str, written: str) -> None:
    assert archive_names([name]) == {name: written}


def test_what_is_written_otherwise_takes_no_other_files_name() -> None:
    names = [os.fsdecode(b"caf\xe9.py"), "caf%E9.py", "caf%E9-2.py"]
    given_names = archive_names(names)
    assert given_names["caf%E9.py"] == "caf%E9.py"
    assert given_names["caf%E9-2.py"] == "caf%E9-2.py"
    assert given_names[os.fsdecode(b"caf\xe9.py")] == "caf%E9-3.py"


@given(st.lists(NAMES, max_size=8))
def test_names_are_sorted_unique_and_such_that_every_reader_takes_them(names: list[str]) -> None:
    given_names = archive_names(names)
    assert list(given_names) == sorted(set(names), key=os.fsencode)
    assert given_names == archive_names(reversed(names))
    written = list(given_names.values())
    assert len(set(written)) == len(written)
    for name in written:
        assert name.encode()
        assert "\\" not in name
        assert not any(ord(character) < 32 for character in name)
        assert not PurePosixPath(name).is_absolute()
        assert ".." not in name.split("/")
