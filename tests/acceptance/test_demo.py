"""``make demo``: what it shows of signing and of load, and its small registry."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.command_line import ROOT, clean_environment

SCRIPTS = Path(sys.executable).parent


def demo(folder: Path, *programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo on a copy of the examples, with these folders on PATH and nothing installed."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    path = os.pathsep.join(map(str, (SCRIPTS, *programs, "/usr/bin", "/bin")))
    private = {
        "HOME": str(folder),
        "BUILDSTEPS_HOME": "",
        "XDG_CACHE_HOME": "",
        "PATH": path,
        # What a company's proxy would do to addresses of this machine: nothing comes back.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    return subprocess.run(
        ["sh", str(folder / "examples" / "demo.sh")],
        env=clean_environment(private),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_an_image_is_refused_signed_verified_and_refused_when_swapped(
    tmp_path: Path, notation_path: Path
) -> None:
    done = demo(tmp_path, notation_path.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = done.stdout.partition("== A deployment whose image nobody has signed")[2].split("\n== ")
    unsigned, signed, verified, again, swapped, held, stopped = parts
    assert "is not signed" in unsigned
    assert "-- exit code 1, as expected" in unsigned
    assert "signed by CN=demo" in signed
    assert "1 passed" in verified
    assert "already signed by CN=demo" in again
    assert "is not signed" in swapped
    assert "PASSED" in held
    page = tmp_path / "build" / "demo" / "loadtest.html"
    assert f"-- the page: {page}" in held
    assert page.read_text().count("<svg ") == 3
    assert "above the limit" in stopped
    assert "Demo: every command ended as expected." in stopped
    assert done.stderr == ""
    # Neither notation's configuration nor anything else is left in the user's own folders.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build", "examples"]


def test_without_notation_it_says_how_to_get_it(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not shown, notation 1.3 or newer is not here" in done.stdout
    assert "buildsteps notation install" in done.stdout


def test_a_notation_that_is_too_old_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "notation").write_text("#!/bin/sh\necho 'Version:     1.1.0'\n")
    (folder / "notation").chmod(0o755)
    assert "notation 1.3 or newer is not here" in demo(tmp_path, folder).stdout


def test_a_signing_command_that_ends_otherwise_fails_the_demo(
    tmp_path: Path, notation_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    # It does all but sign.
    script = f'[ "$1" = sign ] && exit 1\nexec {notation_path} "$@"\n'
    (folder / "notation").write_text(f"#!/bin/sh\n{script}")
    (folder / "notation").chmod(0o755)
    done = demo(tmp_path, folder)
    assert done.returncode == 1
    assert "commands that did not end as expected" in done.stdout


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of the demo's registry."""
    file = tmp_path / "address"
    program = [sys.executable, str(ROOT / "examples/signing/registry.py"), str(file)]
    with subprocess.Popen(program) as process:
        while not file.exists():
            assert process.poll() is None
        yield file.read_text()
        process.terminate()


def test_its_registry_keeps_what_it_is_given_under_the_right_digest_only(address: str) -> None:
    place = f"http://{address}/v2/team/web"
    upload = requests.post(f"{place}/blobs/uploads/", timeout=10).headers["Location"]
    wrong = {"digest": "sha256:" + "0" * 64}
    refused = requests.put(f"http://{address}{upload}", data=b"x", params=wrong, timeout=10)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "DIGEST_INVALID")
    digest = f"sha256:{hashlib.sha256(b'xyz').hexdigest()}"
    upload = requests.post(f"{place}/blobs/uploads/", timeout=10).headers["Location"]
    upload = requests.patch(f"http://{address}{upload}", data=b"x", timeout=10).headers["Location"]
    done = requests.put(
        f"http://{address}{upload}", data=b"yz", params={"digest": digest}, timeout=10
    )
    assert done.status_code == 201
    assert requests.get(f"{place}/blobs/{digest}", timeout=10).content == b"xyz"
    assert requests.get(f"{place}/manifests/v1", timeout=10).status_code == 404
    assert requests.get(f"{place}/referrers/{digest}", timeout=10).status_code == 404
