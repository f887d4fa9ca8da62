"""Where the real parts are that tests install for themselves: each made once, then kept.

``make clean`` removes the folder, and git ignores it.
"""

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


def cached(
    name: str, version: str, build: Callable[[Path], None], *, cache: Path | None = None
) -> Path:
    """The folder of a part; where it is not there yet, ``build`` fills it.

    ``build`` gets an empty folder beside, which becomes the part's only when it returns: a part
    is whole or not there. Of several test runs at once one builds, and the others wait for it.
    """
    cache = cache or CACHE
    folder = cache / f"{name}-{version}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{folder.name}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=cache) as beside:
                made = Path(beside) / folder.name
                made.mkdir()
                build(made)
                made.rename(folder)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
