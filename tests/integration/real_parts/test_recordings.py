"""The recordings, by which other tests read notation's words, are still what notation says."""

from pathlib import Path

import pytest

from tests.real_parts.outcomes import NEEDS_A_RESOLVER, OUTCOMES
from tests.real_parts.record import record
from tests.real_parts.recordings import FOLDER, recording
from tests.real_parts.stage import Programs


def test_every_outcome_is_kept_and_nothing_else() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(OUTCOMES)


@pytest.mark.parametrize("name", sorted(set(OUTCOMES) - NEEDS_A_RESOLVER))
def test_notation_says_what_is_kept(name: str, programs: Programs, tmp_path: Path) -> None:
    assert record(name, tmp_path, programs).text == recording(name).text
