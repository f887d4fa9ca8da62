"""Commands about signed images, which another process pushes, signs and serves.

Another, because a process's peak of memory starts at that of the one that started it.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.timing import BUILDSTEPS, PYTHON

ROOT = Path(__file__).parents[1]


class Signed(NamedTuple):
    """A folder with ``buildsteps.yaml`` and manifests, and what is needed to ask about them.

    ``notation`` is the program, ``environ`` says where its folders are.
    """

    folder: str
    host: str
    notation: str
    environ: Mapping[str, str]

    def ours(self, command: str, *arguments: str) -> list[str]:
        """A command of ours, with the notation and the registry of this folder."""
        known = ["--insecure-registry", self.host, "--notation", self.notation]
        return self._around([BUILDSTEPS, command, *known, *arguments])

    def bare(self, manifest: str) -> list[str]:
        """The bare calls for the images of a manifest."""
        return self._around(
            [PYTHON, "-m", "benchmarks.bare_notation", self.notation, f"{manifest}.txt"]
        )

    def _around(self, command: list[str]) -> list[str]:
        """Set notation's folders by ``env``, which the command replaces in the same process."""
        return ["env", *(f"{name}={value}" for name, value in self.environ.items()), *command]


@contextmanager
def signed_images(folder: Path, count: int) -> Iterator[Signed]:
    """So many signed images, until the end of the ``with``."""
    command = [PYTHON, "-m", "benchmarks.signed_server", str(folder), str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin and server.stdout
        line = server.stdout.readline()
        if not line:
            raise SystemExit("the registry with signed images did not start")
        try:
            yield Signed(**json.loads(line))
        finally:
            server.stdin.close()
