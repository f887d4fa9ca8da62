"""The recordings of scanners are what the scanners write: each is run again and compared.

Those that install in seconds are run always, the large ones with ``BUILDSTEPS_TEST_SCANNERS=all``.
"""

import os
from pathlib import Path

import pytest

from tests.real_parts.record_sarif import ARGUMENTS, record, restored
from tests.real_parts.toolchain import UnavailableError
from tests.sarif_logs import scan

SMALL = ("bandit", "ruff", "zizmor", "hadolint", "eslint")

NAMES = ARGUMENTS if os.environ.get("BUILDSTEPS_TEST_SCANNERS") == "all" else SMALL


@pytest.mark.parametrize("name", NAMES)
def test_the_recording_is_what_the_scanner_writes(name: str, tmp_path: Path) -> None:
    try:
        written = record(name, tmp_path)
    except UnavailableError as reason:
        pytest.skip(str(reason))
    now, then = scan(written, tmp_path), scan(restored(name, tmp_path), tmp_path)
    assert now.sightings == then.sightings
    assert now.cases == then.cases
    assert (now.engine, now.version) == (then.engine, then.version)
    assert sorted(now.rules) == sorted(then.rules)  # cfn-lint has no order
