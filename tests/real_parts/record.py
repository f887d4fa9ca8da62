"""``python -m tests.real_parts.record [OUTCOME...]``: run real notation, and keep what it says."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.real_parts.notation import notation_program
from tests.real_parts.outcomes import OUTCOMES
from tests.real_parts.recordings import FOLDER, Recording, recorded
from tests.real_parts.registry import registry, registry_program
from tests.real_parts.signer_plugin import signer_plugin_program
from tests.real_parts.stage import Programs, stage


@contextmanager
def programs() -> Iterator[Programs]:
    """Build what is needed, and run a registry without the Referrers API, which lists in order."""
    with registry(registry_program(), referrers=False) as host:
        yield Programs(notation_program(), signer_plugin_program(), host)


def record(name: str, folder: Path, found: Programs) -> Recording:
    """Bring an outcome about below a folder, and give what notation said."""
    with stage(folder, found) as set_up:
        OUTCOMES[name](set_up)
        return recorded(set_up, set_up.run())


def main(names: Sequence[str]) -> None:
    """Write the recordings of these outcomes, or of all."""
    FOLDER.mkdir(exist_ok=True)
    with programs() as found, tempfile.TemporaryDirectory() as folder:
        for name in names or OUTCOMES:
            said = record(name, Path(folder) / name, found)
            (FOLDER / f"{name}.txt").write_text(said.text)
            print(f"{name}: exit {said.status}")


if __name__ == "__main__":
    main(sys.argv[1:])
