from pathlib import Path

import pytest

from buildsteps.steps.scan.python.files import python_files
from buildsteps.steps.scan.subjects import Subjects
from tests.world_double import fake_world


def test_python_is_known_by_its_ending(tmp_path: Path) -> None:
    subjects = Subjects(files=("a.py", "b.pyw", "c.pyi", "d.txt", "e.ipynb", "f.py.bak"))
    world = fake_world(tmp_path)
    assert python_files(subjects, world, stubs=True) == ("a.py", "b.pyw", "c.pyi")
    assert python_files(subjects, world, stubs=False) == ("a.py", "b.pyw")


@pytest.mark.parametrize(
    ("start", "is_python"),
    [
        (b"#!/usr/bin/env python3\n", True),
        (b"#!/usr/bin/python\n", True),
        (b"#! /opt/venv/bin/python3.12 -u\n", True),
        (b"#!/usr/bin/env -S python3 -u\n", True),
        (b"#!/bin/sh\n# python\n", False),
        (b"#!/usr/bin/env pythonic\n", False),
        (b"import python\n", False),
        (b"", False),
    ],
)
def test_a_script_without_an_ending_is_known_by_its_first_line(
    start: bytes, is_python: bool, tmp_path: Path
) -> None:
    (tmp_path / "script").write_bytes(start)
    found = python_files(Subjects(files=("script",)), fake_world(tmp_path), stubs=False)
    assert bool(found) is is_python


def test_a_script_that_is_gone_is_none(tmp_path: Path) -> None:
    assert python_files(Subjects(files=("gone",)), fake_world(tmp_path), stubs=False) == ()
