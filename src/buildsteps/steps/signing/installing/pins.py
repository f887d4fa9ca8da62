"""The release of notation that we know, by its SHA-256, and where it is published."""

import platform
import sys

from msgspec import Struct

VERSION = "1.3.2"
"""The version that is installed unless told otherwise."""

RELEASES = "https://github.com/notaryproject/notation/releases/download"

PINNED = {
    ("1.3.2", "linux_amd64"): "e1a0f060308086bf8020b2d31defb7c5348f133ca0dba6a1a7820ef3cbb6dfe5",
    ("1.3.2", "linux_arm64"): "34143c7b816a50104824278080a5cf12bbf855488e003f62e6acf27ed25c423c",
}
"""SHA-256 of the archives of a release, by version and platform."""

_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class Asset(Struct, frozen=True):
    """An archive of a release: ``platform`` is Go's, such as ``linux_amd64``."""

    version: str
    platform: str

    @property
    def file(self) -> str:
        """The file's name in the release."""
        suffix = "zip" if self.platform.startswith("windows") else "tar.gz"
        return f"notation_{self.version}_{self.platform}.{suffix}"

    @property
    def address(self) -> str:
        """Where notation publishes it."""
        return f"{RELEASES}/v{self.version}/{self.file}"

    @property
    def pinned(self) -> str:
        """Its SHA-256, if we know it, else nothing."""
        return PINNED.get((self.version, self.platform), "")


def this_platform() -> str:
    """Name this machine in Go's words, such as ``linux_arm64``."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}_{_MACHINES.get(machine, machine)}"
