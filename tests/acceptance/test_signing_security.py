"""What ``sign`` and ``verify`` promise of secrets, processes and files, told by a notation that
writes down how it was called.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.command_line import Ran, buildsteps, clean_environment
from tests.real_parts.certificates import chain
from tests.real_parts.images import Repository
from tests.recording_notation import RecordingNotation

PASSWORD = 'p@ss"word/1'
OTHER = "another-pass-2"
FORMS = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    json.dumps(PASSWORD)[1:-1],
    base64.b64encode(f"team:{PASSWORD}".encode()).decode(),
    base64.b64encode(PASSWORD.encode()).decode(),
)
FORMATS = ("json", "junit", "markdown", "sarif", "github", "terminal")


class Bench:
    """A project in a folder, two registries with users of their own, a notation that records."""

    def __init__(self, folder: Path, here: Repository, there: Repository) -> None:
        self.here, self.there = here, there
        self.folder = folder / "project"
        self.temporary = folder / "temporary"
        self.config = folder / "config"
        docker = folder / "docker"
        for each in (self.folder, self.temporary, self.config, docker):
            each.mkdir()
        self.notation = RecordingNotation(folder)
        logins = {here.host: f"team:{PASSWORD}", there.host: f"other:{OTHER}"}
        auths = {h: {"auth": base64.b64encode(one.encode()).decode()} for h, one in logins.items()}
        (docker / "config.json").write_text(json.dumps({"auths": auths}))
        ours = chain("ours")
        (self.folder / "root.pem").write_bytes(ours.root.pem)
        (self.config / "k.key").write_bytes(ours.leaf.key_pem)
        (self.config / "k.crt").write_bytes(ours.pem)
        paths = {"keyPath": str(self.config / "k.key"), "certPath": str(self.config / "k.crt")}
        (self.config / "signingkeys.json").write_text(
            json.dumps({"keys": [{"name": "mine", **paths}]})
        )
        trust = {"build": {"identities": ["*"], "stores": ["ours"]}}
        section = {"trust": trust, "stores": {"ours": {"certificates": ["root.pem"]}}}
        (self.folder / "buildsteps.yaml").write_text(json.dumps({"signing": section}))
        self.environ = {
            **self.notation.environ,
            "TMPDIR": str(self.temporary),
            "DOCKER_CONFIG": str(docker),
            "NOTATION_CONFIG": str(self.config),
            "BUILDSTEPS_HOME": str(folder / "home"),
        }

    def arguments(self, command: str, *more: str) -> list[str]:
        insecure = [f"--insecure-registry={one.host}" for one in (self.here, self.there)]
        return [command, *insecure, "--notation", str(self.notation.path), *more]

    def run(self, command: str, *more: str, environ: Mapping[str, str] | None = None) -> Ran:
        given = {**self.environ, **(environ or {})}
        return buildsteps(*self.arguments(command, *more), cwd=self.folder, environ=given)

    def begin(self, command: str, *more: str) -> subprocess.Popen[bytes]:
        """Start a command that hangs in notation, with no umask, and wait until it does."""
        running = subprocess.Popen(
            [sys.executable, "-m", "buildsteps", *self.arguments(command, *more)],
            cwd=self.folder,
            env=clean_environment({**self.environ, "HANG": "1"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            umask=0,
        )
        while not self.notation.calls:
            time.sleep(0.02)
            assert running.poll() is None
        return running


@pytest.fixture
def bench(tmp_path: Path, repository: Repository, tag_schema_host: str) -> Bench:
    return Bench(tmp_path, repository, Repository(tag_schema_host, repository.name))


COMMANDS = {"verify": (), "sign": ("--key", "mine"), "sign-only": ("--key", "mine", "--no-verify")}


def called(name: str) -> tuple[str, ...]:
    return (name.partition("-")[0], *COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_registry_is_shown_its_own_credentials_and_no_process_list_any(
    bench: Bench, name: str
) -> None:
    images = [one.push_image(tag="1").tagged for one in (bench.here, bench.there)]
    around = {"NOTATION_USERNAME": "around", "NOTATION_PASSWORD": "password-around"}
    bench.run(*called(name), *images, environ=around)
    calls = bench.notation.calls
    assert {call.reference.partition("/")[0] for call in calls} == {
        bench.here.host,
        bench.there.host,
    }
    for call in calls:
        ours = call.reference.startswith(bench.here.host)
        user, password = ("team", PASSWORD) if ours else ("other", OTHER)
        assert call.environ["NOTATION_USERNAME"] == user
        assert call.environ["NOTATION_PASSWORD"] == password
        foreign = OTHER if ours else PASSWORD
        assert foreign not in repr(call.environ)
        assert "password-around" not in repr(call.environ)
        assert not any(secret in repr(call.arguments) for secret in (*FORMS, OTHER))


@pytest.mark.parametrize("name", ["verify", "sign-only"])
def test_a_password_that_notation_repeats_is_in_no_output(bench: Bench, name: str) -> None:
    image = bench.here.push_image(tag="1").tagged
    says = "Error: the token server does not take " + " or ".join(FORMS) + " of <USERNAME>"
    reports = [bench.folder / f"report.{one}" for one in FORMATS]
    outputs = [f"--output={path.suffix[1:]}={path}" for path in reports]
    ran = bench.run(*called(name), "-v", "--debug", *outputs, image, environ={"SAYS": says})
    assert ran.code == 3
    for told in (ran.out, *(path.read_text() for path in reports)):
        assert "the token server does not take" in told
        assert [one for one in FORMS if one in told] == []
    assert [one for one in FORMS if one in ran.err] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_only_the_digest_reaches_notation_whatever_stands_beside_it(
    bench: Bench, name: str
) -> None:
    image, other = bench.here.push_image(tag="1"), bench.here.push_image(tag="2")
    both = f"{image.tagged}@{other.digest}"
    ran = bench.run(*called(name), "--format=json", both, image.tagged)
    asked = {call.reference for call in bench.notation.calls}
    assert asked == {other.reference, image.reference}
    assert f"manifest  {other.digest}" in ran.report["cases"][0]["detail"]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_notation_reads_is_for_us_alone_and_gone_afterwards(bench: Bench, name: str) -> None:
    running = bench.begin(*called(name), bench.here.push_image(tag="1").tagged)
    (call,) = bench.notation.calls
    assert call.tree[0][0].startswith(str(bench.temporary))
    assert len(call.tree) > 2
    assert call.open_to_others == []
    private = [path for path in bench.temporary.rglob("*") if path.lstat().st_mode & 0o077]
    assert private == []
    assert call.environ["NOTATION_CONFIG"] != str(bench.config)

    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 143
    assert list(bench.temporary.iterdir()) == []
    assert ended(call.processes)


def test_what_a_killed_run_leaves_is_private_and_holds_no_secret(bench: Bench) -> None:
    running = bench.begin(*called("verify"), bench.here.push_image(tag="1").tagged)
    (call,) = bench.notation.calls
    running.kill()
    running.wait(60)
    os.killpg(call.processes[0], signal.SIGKILL)
    left = list(bench.temporary.rglob("*"))
    assert left
    assert [path for path in left if path.lstat().st_mode & 0o077] == []
    texts = [path.read_bytes() for path in left if path.is_file()]
    assert not any(one.encode() in text for text in texts for one in (*FORMS, OTHER))
    image = bench.here.push_image(tag="2").tagged
    after = bench.run("verify", "--format=json", image, environ={"SAYS": "Error: x"})
    assert after.code == 3
    assert list(bench.temporary.rglob("*")) == left


def test_a_notation_that_hangs_is_ended_with_its_children_in_the_time_that_it_was_given(
    bench: Bench,
) -> None:
    image = bench.here.push_image(tag="1").tagged
    ran = bench.run("verify", "--timeout=1", "--format=json", image, environ={"HANG": "1"})
    assert ran.code == 3
    assert "did not end within 1 seconds" in ran.report["cases"][0]["detail"]
    assert ended(bench.notation.calls[0].processes)
    assert list(bench.temporary.iterdir()) == []


def ended(processes: list[int]) -> bool:
    """Whether they are gone within some seconds, or only wait to be collected by their parent."""
    for _ in range(200):
        if not any(_lives(one) for one in processes):
            return True
        time.sleep(0.05)
    return False


def _lives(process: int) -> bool:
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")


SIGN = ("sign", "--no-verify")
PLUGIN = (*SIGN, "--plugin=p", "--id=x")
STAMP = (*PLUGIN, "--timestamp-root=root.pem")
HOSTILE = {
    "key": (*SIGN, "--key=<>"),
    "plugin": (*SIGN, "--id=x", "--plugin=<>"),
    "id": (*SIGN, "--plugin=p", "--id=<>"),
    "profile": (*SIGN, "--profile=<>"),
    "metadata": (*PLUGIN, "--metadata=<>=v"),
    "metadata's value": (*PLUGIN, "--metadata=k=v<control>"),
    "plugin-config": (*PLUGIN, "--plugin-config=<>=v"),
    "plugin-config's value": (*PLUGIN, "--plugin-config=k=v<control>"),
    "expiry": (*PLUGIN, "--expiry=<>"),
    "timestamp-url": (*STAMP, "--timestamp-url=<>"),
    "timestamp-url, a file": (*STAMP, "--timestamp-url=file:///etc/passwd<>"),
    "timestamp-root": (*PLUGIN, "--timestamp-url=http://t.test", "--timestamp-root=<>"),
    "require-metadata": ("verify", "--require-metadata=<>=v"),
    "require-metadata's value": ("verify", "--require-metadata=k=v<control>"),
    "plugin-config of verify": ("verify", "--plugin-config=<>=v"),
    "require-all": ("verify", "--require-all=<>"),
    "identity": ("verify", "--trust-store=ca=root.pem", "--identity=<>"),
    "insecure-registry": ("verify", "--insecure-registry=<>"),
    "max-age": ("verify", "--max-age=<>"),
    "trust-store": ("verify", "--identity=*", "--trust-store=ca=<>"),
    "jobs": ("verify", "--jobs=-1"),
    "timeout": ("verify", "--timeout=0"),
    "timeout of sign": (*PLUGIN, "--timeout=-1"),
    "wait": (*PLUGIN, "--managed=wait", "--wait=-1"),
}


@pytest.mark.parametrize("value", ["-x", "a\x1b[2J\nb"])
@pytest.mark.parametrize("option", HOSTILE)
def test_a_value_that_is_no_value_is_refused_before_anybody_is_asked(
    bench: Bench, option: str, value: str
) -> None:
    control = value if not value.isprintable() else "\x7f"
    arguments = [one.replace("<>", value).replace("<control>", control) for one in HOSTILE[option]]
    ran = bench.run(*arguments, f"{bench.here.host}/nothing:1")
    assert ran.code == 2, (ran, arguments)
    assert bench.notation.calls == []
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize(
    "reference", ["-x", "--insecure-registry", "a b", "r.test/a;id", "r.test/$(id)"]
)
def test_a_reference_of_a_manifest_is_read_by_its_grammar(bench: Bench, reference: str) -> None:
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}}
    manifest = {**pod, "spec": {"containers": [{"name": "c", "image": reference}]}}
    (bench.folder / "pod.json").write_text(json.dumps(manifest))
    for command in (("verify",), (*SIGN, "--key=mine")):
        ran = bench.run(*command, "--from", "pod.json")
        assert ran.code == 2, ran
    assert bench.notation.calls == []


def test_a_notation_in_the_working_folder_is_never_run(bench: Bench) -> None:
    evil = RecordingNotation(bench.folder)
    evil.path.rename(bench.folder / "notation")
    image = bench.here.push_image(tag="1").tagged
    where = os.pathsep.join([".", "", "bin", "./", str(bench.notation.path.parent)])
    arguments = ["verify", f"--insecure-registry={bench.here.host}", "--format=json", image]
    environ = {**bench.environ, "PATH": where}
    ran = buildsteps(*arguments, cwd=bench.folder, environ=environ)
    assert ran.report["facts"]["notation_path"] == str(bench.notation.path)
    assert len(bench.notation.calls) == 1
    assert evil.calls == []


@pytest.mark.parametrize("name", COMMANDS)
def test_which_notation_is_used_is_said_once_to_people(bench: Bench, name: str) -> None:
    ran = bench.run(*called(name), bench.here.push_image(tag="1").tagged)
    line = f"notation 1.3.2 ({bench.notation.path}, named)"
    assert ran.out.splitlines().count(line) == 1, ran.out
