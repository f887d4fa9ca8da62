"""``notation install``, as a user runs it: installed whole and checked, or not at all."""

import hashlib
import io
import json
import shlex
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.command_line import Ran, buildsteps, clean_environment

PLUGIN = "com.amazonaws.signer.notation.plugin"
WRONG = "0" * 64


def archive(path: Path, name: str, script: str) -> Path:
    """A tar.gz that holds a program of one line of shell."""
    content = f"#!/bin/sh\n{script}\n".encode()
    with tarfile.open(path, "w:gz") as made:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        made.addfile(member, io.BytesIO(content))
    return path


def notation(path: Path, version: str = "1.3.2", mark: str = "") -> Path:
    return archive(path, "notation", f"echo 'Version:     v{version}'  # {mark}")


def plugin(path: Path, name: str = PLUGIN, version: str = "1.0.350") -> Path:
    answer = shlex.quote(json.dumps({"name": name, "version": version}))
    return archive(path, f"notation-{PLUGIN}", f'test "$1" = get-plugin-metadata && echo {answer}')


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Machine:
    """A user's folder, with ``BUILDSTEPS_HOME`` in it, and a PATH without notation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.environ = {
            "BUILDSTEPS_HOME": str(self.home),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": "",
            "PATH": "/usr/bin:/bin",
        }

    def install(self, *arguments: str) -> Ran:
        return buildsteps("notation", "install", *arguments, cwd=self.folder, environ=self.environ)

    def report(self, *arguments: str) -> tuple[Ran, dict[str, tuple[str, str]]]:
        """The run, and outcome and message of each case."""
        ran = self.install("--format", "json", *arguments)
        return ran, {c["name"]: (c["outcome"], c["message"]) for c in ran.report["cases"]}

    @property
    def files(self) -> list[str]:
        """All that lies in the home, but for the lock."""
        found = sorted(path for path in self.home.rglob("*") if path.is_file())
        return [str(path.relative_to(self.home)) for path in found if path.name != ".lock"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


INSTALLED = [
    "notation/current",
    "notation/versions/1.3.2/notation",
    "notation/versions/1.3.2/receipt.json",
]


def test_an_archive_with_the_right_digest_is_installed_privately(machine: Machine) -> None:
    file = notation(machine.folder / "n.tgz")
    done, cases = machine.report("--from", "n.tgz", "--sha256", sha256(file))
    assert done.code == 0
    assert cases["notation 1.3.2"] == (
        "passed",
        "installed: home/notation/versions/1.3.2/notation",
    )
    assert machine.files == INSTALLED
    folders = [path for path in machine.home.rglob("*") if path.is_dir()]
    assert {path.stat().st_mode & 0o777 for path in [machine.home, *folders]} == {0o700}
    program = machine.home / "notation/versions/1.3.2/notation"
    assert program.stat().st_mode & 0o777 == 0o755
    again, cases = machine.report("--from", "n.tgz", "--sha256", sha256(file))
    assert again.code == 0
    assert cases["notation 1.3.2"][1].startswith("is already there")


def test_a_wrong_digest_stops_and_leaves_nothing_and_runs_nothing(machine: Machine) -> None:
    archive(machine.folder / "n.tgz", "notation", f"touch {machine.folder}/ran")
    done = machine.install("--from", "n.tgz", "--sha256", WRONG)
    assert done.code == 1
    assert f"n.tgz is not what was meant: its SHA-256 is {sha256(machine.folder / 'n.tgz')}" in (
        done.out
    )
    assert machine.files == []
    assert not (machine.folder / "ran").exists()


def test_the_release_is_pinned(machine: Machine) -> None:
    notation(machine.folder / "n.tgz")
    done = machine.install("--from", "n.tgz")
    assert done.code in (1, 2)  # 2 on a platform whose digest is not known here
    assert machine.files == []
    dry = machine.install("--dry-run", "--sha256", WRONG)
    address = "https://github.com/notaryproject/notation/releases/download/v1.3.2/notation_1.3.2_"
    assert f"notation 1.3.2 would be installed from {address}" in dry.out


def test_a_reinstallation_that_fails_keeps_what_is_there(machine: Machine) -> None:
    file = notation(machine.folder / "n.tgz")
    machine.install("--from", "n.tgz", "--sha256", sha256(file))
    program = machine.home / "notation/versions/1.3.2/notation"
    before = program.read_bytes()
    other = notation(machine.folder / "other.tgz", "1.4.0")
    assert machine.install("--from", "other.tgz", "--sha256", WRONG).code == 1
    wrong_version = machine.install("--from", "other.tgz", "--sha256", sha256(other))
    assert wrong_version.code == 1
    assert "it is version 1.4.0, not 1.3.2" in wrong_version.out
    assert program.read_bytes() == before
    assert machine.files == INSTALLED


def test_another_version_becomes_the_one_to_use(machine: Machine) -> None:
    for version in ("1.3.2", "1.4.0", "1.3.2"):
        file = notation(machine.folder / f"{version}.tgz", version)
        arguments = ("--version", version, "--from", file.name, "--sha256", sha256(file))
        assert machine.install(*arguments).code == 0
        checked = machine.install("--check")
        assert f"notation {version}, installed by buildsteps" in checked.out


def test_a_program_that_was_changed_is_told_and_installed_anew(machine: Machine) -> None:
    file = notation(machine.folder / "n.tgz")
    arguments = ("--from", "n.tgz", "--sha256", sha256(file))
    machine.install(*arguments)
    program = machine.home / "notation/versions/1.3.2/notation"
    program.write_bytes(program.read_bytes() + f"touch {machine.folder}/ran\n".encode())
    done, cases = machine.report("--check")
    assert done.code == 1
    assert not (machine.folder / "ran").exists()
    assert cases["notation"][0] == "failed"
    assert "it was changed since it was installed" in cases["notation"][1]
    assert "installed:" in machine.report(*arguments)[1]["notation 1.3.2"][1]
    assert machine.install("--check").code == 0


def test_a_check_without_notation_stops(machine: Machine) -> None:
    done, cases = machine.report("--check")
    assert done.code == 1
    assert "`buildsteps notation install` installs it" in cases["notation"][1]
    assert cases[PLUGIN] == ("skipped", "is not installed; only AWS Signer needs it")
    assert not machine.home.exists()


def test_a_check_knows_the_one_on_path_and_the_users_stores(machine: Machine) -> None:
    folder = machine.folder / "bin"
    folder.mkdir()
    (folder / "notation").write_text("#!/bin/sh\necho 'Version: v1.3.1'\n")
    (folder / "notation").chmod(0o755)
    machine.environ["PATH"] = f"{folder}:/usr/bin:/bin"
    machine.environ["NOTATION_CONFIG"] = str(machine.folder / "config")
    store = machine.folder / "config/truststore/x509/signingAuthority/aws-signer-ts"
    store.mkdir(parents=True)
    (store / "root.pem").touch()
    done = machine.install("--check")
    assert done.code == 0
    assert "notation 1.3.1, PATH: bin/notation" in done.out
    assert "notation configuration: aws-signer-ts (1)" in done.out


def test_the_signer_plugin_is_installed_beside_and_checked(machine: Machine) -> None:
    first, second = notation(machine.folder / "n.tgz"), plugin(machine.folder / "p.tgz")
    done, cases = machine.report(
        "--from", "n.tgz", "--sha256", sha256(first),
        "--plugin", "p.tgz", "--plugin-sha256", sha256(second),
    )  # fmt: skip
    assert done.code == 0
    program = f"notation/libexec/plugins/{PLUGIN}/notation-{PLUGIN}"
    assert cases[PLUGIN] == ("passed", f"installed: home/{program}")
    assert program in machine.files
    checked, cases = machine.report("--check")
    assert checked.code == 0
    assert cases[PLUGIN] == ("passed", f"1.0.350: home/{program}")
    (machine.home / program).write_text("#!/bin/sh\nexit 1\n")
    checked, cases = machine.report("--check")
    assert (checked.code, cases[PLUGIN][0]) == (1, "failed")


def test_a_plugin_of_another_name_or_digest_is_not_installed(machine: Machine) -> None:
    first = notation(machine.folder / "n.tgz")
    other = plugin(machine.folder / "p.tgz", "com.example.plugin")
    for digest, said in ((sha256(other), "does not answer as the plugin"), (WRONG, "SHA-256")):
        done, cases = machine.report(
            "--from", "n.tgz", "--sha256", sha256(first),
            "--plugin", "p.tgz", "--plugin-sha256", digest,
        )  # fmt: skip
        assert (done.code, cases[PLUGIN][0]) == (1, "failed")
        assert said in cases[PLUGIN][1]
        assert machine.files == INSTALLED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "http://example.com/n.tgz"], "only https is fetched from"),
        (["--from", "gone.tgz"], "there is no file `gone.tgz`"),
        (["--version", "1.3.2/../.."], "--version must be three numbers"),
        (["--version", "1.3.1"], "is not known here: give --sha256"),
        (["--sha256", "abc"], "--sha256 must be 64 hexadecimal digits"),
        (["--plugin", "p.zip"], "AWS publishes only the latest plugin, and no checksum"),
        (["--plugin-sha256", WRONG], "without --plugin"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    machine: Machine, arguments: list[str], said: str
) -> None:
    done = machine.install(*arguments)
    assert done.code == 2
    assert said in done.err
    assert machine.files == []


def test_a_folder_that_cannot_be_written_is_the_worlds_failure(machine: Machine) -> None:
    file = notation(machine.folder / "n.tgz")
    machine.home.touch()
    done = machine.install("--from", "n.tgz", "--sha256", sha256(file))
    assert done.code == 3
    assert "cannot be written" in done.out


def test_installations_at_once_do_not_harm_each_other(machine: Machine) -> None:
    files = [notation(machine.folder / f"{n}.tgz", mark="x" * n * 10_000) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        runs = pool.map(
            lambda file: machine.install("--from", file.name, "--sha256", sha256(file)), files
        )
        assert {ran.code for ran in runs} == {0}
    assert machine.files == INSTALLED
    assert machine.install("--check").code == 0


class Mirror(ThreadingHTTPServer):
    """A mirror that gives a file, or half of it and then waits."""

    content = b""
    whole = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what a test is about."""


class MirrorHandler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        content = self.server.content
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if self.server.whole else content[: len(content) // 2])
        self.wfile.flush()
        if not self.server.whole:
            time.sleep(60)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror(("127.0.0.1", 0), MirrorHandler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_it_is_fetched_from_a_mirror(machine: Machine, mirror: Mirror) -> None:
    file = notation(machine.folder / "n.tgz")
    mirror.content = file.read_bytes()
    base = f"http://127.0.0.1:{mirror.server_port}/notation/"
    assert machine.install("--from", base, "--sha256", sha256(file)).code == 0
    receipt = json.loads((machine.home / "notation/versions/1.3.2/receipt.json").read_text())
    assert receipt["origin"].startswith(f"{base}notation_1.3.2_")
    mirror.content = b"something else"
    arguments = ("--from", base, "--sha256", WRONG)
    assert machine.install(*arguments).code == 1
    assert machine.files == INSTALLED


def test_an_interrupted_download_leaves_nothing(machine: Machine, mirror: Mirror) -> None:
    mirror.content, mirror.whole = bytes(1_000_000), False
    address = f"http://127.0.0.1:{mirror.server_port}/n.tgz"
    command = ["notation", "install", "--from", address, "--sha256", WRONG]
    running = subprocess.Popen(
        [sys.executable, "-m", "buildsteps", *command],
        cwd=machine.folder,
        env=clean_environment(machine.environ),
        stderr=subprocess.DEVNULL,
    )
    while not any(name.endswith("/archive") for name in machine.files):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 143
    assert machine.files == []
    assert list((machine.home / "notation").glob(".install*")) == []


def test_a_configuration_can_name_the_mirror_and_a_file_beside_it(machine: Machine) -> None:
    file = notation(machine.folder / "n.tgz")
    (machine.folder / "below").mkdir()
    text = f"notation_install:\n  from: n.tgz\n  sha256: {sha256(file)}\n"
    (machine.folder / "buildsteps.yaml").write_text(text)
    command = ("notation", "install", "--config", "../buildsteps.yaml")
    done = buildsteps(*command, cwd=machine.folder / "below", environ=machine.environ)
    assert done.code == 0, done.out + done.err
    environ = machine.environ | {"BUILDSTEPS_NOTATION_INSTALL_FROM": "gone.tgz"}
    done = buildsteps("notation", "install", cwd=machine.folder, environ=environ)
    assert "there is no file `gone.tgz`" in done.err
