"""``@cedar-policy/cedar-wasm``: the Cedar engine of cedarpy's version, through another binding."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.real_parts.cache import cached

PACKAGE = Path(__file__).parents[1] / "oracle"
VERSION = "4.12.0"

Question = tuple[Any, ...]
"""The name of a function of cedar-wasm, and its arguments."""


class UnavailableError(Exception):
    """Why cedar-wasm is not here and cannot be installed."""


class Oracle:
    """Asks cedar-wasm; one process answers all questions of a call."""

    def __init__(self, node: str, folder: Path) -> None:
        self._command = [node, str(PACKAGE / "answer.cjs"), str(folder)]

    def ask(self, questions: Iterable[Question]) -> list[Any]:
        """The answers, in the order of the questions; no question may crash the engine."""
        asked = list(questions)
        done = subprocess.run(
            self._command,
            input="".join(f"{json.dumps(one)}\n" for one in asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.split("\n") if line]
        assert len(answers) == len(asked), done.stderr
        for question, answer in zip(asked, answers, strict=True):
            crashed = isinstance(answer, dict) and "crashed" in answer
            assert not crashed, f"cedar-wasm crashed: {answer}\n{json.dumps(question)}"
        return answers


def install() -> Oracle:
    """Install cedar-wasm as the lock file says, once, and give it.

    Raises:
        UnavailableError: node or npm is missing, or npm cannot get the package.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise UnavailableError(f"{'npm' if node else 'node'} is not installed")

    def build(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PACKAGE / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            raise UnavailableError(f"npm cannot install cedar-wasm: {done.stderr.strip()}")

    locked = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    return Oracle(node, cached("cedar-wasm", f"{VERSION}-{locked[:12]}", build))
