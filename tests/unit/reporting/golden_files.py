"""Golden files: the whole text of a report, compared whole.

``BUILDSTEPS_UPDATE_GOLDEN=1 pytest tests/unit/reporting`` writes them anew; read the diff then.
"""

import os
from pathlib import Path

import buildsteps

FOLDER = Path(__file__).parent / "golden"


def assert_golden(text: str, name: str) -> None:
    """Compare ``text`` with the golden file ``name``; the version of buildsteps does not count."""
    text = text.replace(buildsteps.__version__, "VERSION")
    path = FOLDER / name
    if os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()
