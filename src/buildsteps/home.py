"""The folder that is ours on this machine: what was installed for us lies there."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "BUILDSTEPS_HOME"


def buildsteps_home(environ: Mapping[str, str]) -> Path:
    """``$BUILDSTEPS_HOME``, or ``buildsteps`` in the platform's folder for caches.

    That is ``$XDG_CACHE_HOME`` or ``~/.cache`` (XDG base directory specification),
    ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on Windows.
    """
    if environ.get(VARIABLE):
        return Path(os.path.abspath(environ[VARIABLE]))  # noqa: PTH100 - links stay as they are
    home = Path(environ.get("HOME") or "~").expanduser()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "buildsteps"
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "buildsteps"
    cache = environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if cache.startswith("/") else home / ".cache") / "buildsteps"
