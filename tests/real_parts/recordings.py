"""What notation said, kept in ``tests/data/notation``: one file an outcome.

Digests, ports, moments, ids and folders, which are others in every run, are numbered through; all
else is notation's own, letter by letter. ``python -m tests.real_parts.record`` writes them anew.
"""

import re
import subprocess
from pathlib import Path

from msgspec import Struct

from tests.real_parts.stage import Stage

FOLDER = Path(__file__).parents[1] / "data" / "notation"

_STDOUT, _STDERR = "--- stdout\n", "--- stderr\n"

IMAGE = "sha256:" + "0" * 64
"""The digest of the image in every recording."""


class Recording(Struct, frozen=True):
    """One run: the exit code and what was printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """As it is kept."""
        return f"exit {self.status}\n{_STDOUT}{self.stdout}{_STDERR}{self.stderr}"


def recording(name: str) -> Recording:
    """Read what is kept of an outcome."""
    head, _, rest = (FOLDER / f"{name}.txt").read_text().partition(_STDOUT)
    stdout, _, stderr = rest.partition(_STDERR)
    return Recording(int(head.removeprefix("exit ")), stdout, stderr)


def recorded(stage: Stage, done: subprocess.CompletedProcess[str]) -> Recording:
    """Make a run comparable with that of another day."""
    parts = f"{done.stdout}\0{done.stderr}"
    parts = parts.replace(str(stage.home.config.parent), "/notation")
    parts = re.sub(r"(team(?:/|%2F)(?:web|none))-\d+", r"\1", parts)
    for pattern, numbering in _VOLATILE:
        parts = _numbered(parts, pattern, numbering)
    parts = _with_digests(parts, stage.image.digest)
    stdout, stderr = parts.split("\0")
    return Recording(done.returncode, stdout, stderr)


def _with_digests(text: str, image: str) -> str:
    """Let the image be 000..., and the others aaa..., bbb... as they come."""
    text = text.replace(image, IMAGE).replace(image.replace(":", "-"), IMAGE.replace(":", "-"))
    names = iter("abcdefghijklmnop")
    known: dict[str, str] = {IMAGE: IMAGE}
    kept = {"sha256:" + "f" * 64}

    def name(found: re.Match[str]) -> str:
        digest = found[0]
        if digest not in known:
            known[digest] = digest if digest in kept else f"sha256:{next(names) * 64}"
        return known[digest]

    return re.sub(r"sha256:[0-9a-f]{64}", name, text)


def _numbered(text: str, pattern: str, numbering: str) -> str:
    """Replace each different match by a number of its own, as they come."""
    known: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return known.setdefault(found[0], numbering.format(len(known)))

    return re.sub(pattern, number, text)


_VOLATILE = (
    (r"127\.0\.0\.1:(?!1\b)\d+", "127.0.0.1:500{}"),
    (
        r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}",
        "Thu, 01 Jan 2026 00:00:0{} +0000",
    ),
    (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-01-01T00:00:0{}Z"),
    (r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC", "2026-01-01 00:00:0{} +0000 UTC"),
    (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "00000000-0000-0000-0000-00000000000{}",
    ),
    (r"(?<=/signing-profiles/delivery/)[A-Za-z0-9]{10}", "version{:03}"),
    (r"(?<=Size:)\d+", "47{}"),
    (r"(?<=%2Fsigning-profiles%2Fdelivery%2F)[A-Za-z0-9]{10}", "version{:03}"),
    (r"(?<=certificateHashes=)[0-9a-f]{192}", "c{:0191}"),
    (r"(?<=signatureTimestamp=)[\dT%A-Z-]+Z", "2026-01-01T00%3A00%3A0{}Z"),
    (r"0x[0-9a-f]{6,}", "0xc00000000{}"),
    (r"(?<= on )[\w.:\[\]]+:53\b", "192.0.2.{}:53"),
    (r'(?<="SHA256Fingerprint": ")[0-9a-f]+', "f{:063}"),
)
"""What is another in every run, and what stands for it."""
