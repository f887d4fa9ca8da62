import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import break_label, buildsteps, clean_environment, photo_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return photo_store(tmp_path)


def with_closed(stream: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command with a stream whose reader is gone; its exit code and the other stream."""
    reading, writing = os.pipe()
    os.close(reading)
    other = {"stdout": "stderr", "stderr": "stdout"}[stream]
    with subprocess.Popen(
        [sys.executable, "-m", "buildsteps", *arguments],
        cwd=folder,
        env=clean_environment(),
        text=True,
        **{stream: writing, other: subprocess.PIPE},  # type: ignore[call-overload]
    ) as process:
        os.close(writing)
        told = process.communicate(timeout=60)
    return process.returncode, "".join(text for text in told if text)


def in_shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, for redirections that only a shell can make."""
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cedar-validate", "nowhere"], "there is no file or folder `nowhere`"),
        (["cedar-validat"], "there is no command `cedar-validat`. Did you mean `cedar-validate`?"),
        (["cedar-validate", "--deny-warning"], "No such option"),
        (["cedar-validate", "--format", "xml"], "'xml' is not one of"),
        (["cedar-validate", "--output", "xml=a"], "unknown format `xml`"),
        (["cedar-validate", "--output", "json"], "--output takes FORMAT=PATH, not 'json'"),
        (["cedar-validate", "-v", "-q"], "--verbose and --quiet exclude each other"),
        (["cedar-validate", "--config", "no.yaml"], "no.yaml: cannot be read: no such file"),
        (
            ["cedar-validate", "--output", "json=a", "--output", "sarif=a"],
            "two reports would be written to a",
        ),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence(
    store: Path, arguments: list[str], sentence: str
) -> None:
    ran = buildsteps(*arguments, cwd=store)
    assert ran.code == 2
    assert sentence in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "cedar_validate:\n  deny_warning: true\n",
            "buildsteps.yaml:2:3: unknown key `deny_warning`. Did you mean `deny_warnings`?",
        ),
        (
            "cedar_validate:\n  strict: true\n  strict: true\n",
            "buildsteps.yaml:3:3: duplicate key `strict`, first in line 2",
        ),
        (
            "cedar_validate:\n  strict: maybe\n",
            "buildsteps.yaml:2:11: expected true or false, found text `maybe`",
        ),
        (
            "cedar_validate:\n  jobs: many\n",
            "buildsteps.yaml:2:9: expected a whole number, found text `many`",
        ),
        ("cdar: {}\n", "buildsteps.yaml:1:1: unknown section `cdar`. Did you mean `cedar`?"),
        ("cedar:\n  store: {}\n", "buildsteps.yaml:2:3: unknown key `store`."),
        ("cedar: [\n", "buildsteps.yaml:2:1: not valid YAML"),
        ("- a\n", "buildsteps.yaml:1:1: expected a mapping of sections, found a list"),
        ("cedar_validate: 3\n", "buildsteps.yaml:1:17: expected a mapping"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_place(
    store: Path, text: str, sentence: str
) -> None:
    (store / "buildsteps.yaml").write_text(text)
    ran = buildsteps("cedar-validate", cwd=store)
    assert ran.code == 2
    assert ran.err.startswith(f"buildsteps cedar-validate: {sentence}")
    assert (ran.out, ran.err.count("\n")) == ("", 1)


def test_an_empty_folder_is_not_green(tmp_path: Path) -> None:
    ran = buildsteps("cedar-validate", cwd=tmp_path)
    assert ran.code == 2
    assert "there is no Cedar policy or schema below `.` (--allow-empty accepts it)" in ran.out
    assert buildsteps("cedar-validate", "--allow-empty", cwd=tmp_path).code == 0


def test_a_filter_that_matches_nothing_is_not_green(store: Path) -> None:
    ran = buildsteps("cedar-validate", "--filter", "zebra", cwd=store)
    assert ran.code == 2
    assert "no case matches --filter zebra" in ran.out


def test_an_environment_variable_that_nobody_reads_is_a_mistake(store: Path) -> None:
    environ = {"BUILDSTEPS_CEDAR_VALIDATE_STRIKT": "1"}
    ran = buildsteps("cedar-validate", cwd=store, environ=environ)
    assert ran.code == 2
    assert "Did you mean `BUILDSTEPS_CEDAR_VALIDATE_STRICT`?" in ran.err


def test_flags_beat_the_environment_which_beats_the_file(store: Path) -> None:
    (store / "buildsteps.yaml").write_text("cedar_validate: {require_tests: true, jobs: 3}\n")
    environ = {"BUILDSTEPS_CEDAR_VALIDATE_JOBS": "2"}
    ran = buildsteps("config", "show", "cedar-validate", cwd=store, environ=environ)
    shown = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert "require_tests true (file buildsteps.yaml:1)" in shown
    assert "2  (environment BUILDSTEPS_CEDAR_VALIDATE_JOBS)" in ran.out
    (store / "tests").rename(store.parent / "gone")
    assert buildsteps("cedar-validate", cwd=store).code == 1
    assert buildsteps("cedar-validate", "--no-require-tests", cwd=store).code == 0


def test_machine_formats_stay_valid_when_the_run_fails(store: Path) -> None:
    ran = buildsteps("cedar-validate", "nowhere", "--format", "json", cwd=store)
    assert ran.code == 2
    assert ran.report["verdict"]["exit_code"] == 2
    assert ran.cases("error") == [("cedar-validate", "cedar-validate")]


def test_a_file_that_cannot_be_written_is_the_worlds_failure(store: Path) -> None:
    ran = buildsteps("cedar-validate", "--junit", "DoePhotos.cedar/x.xml", cwd=store)
    assert ran.code == 3
    assert "x.xml" in ran.err
    ran = buildsteps(
        "cedar-validate", "--filter", "zebra", "--junit", "DoePhotos.cedar/x.xml", cwd=store
    )
    assert ran.code == 3


def test_a_stale_report_never_survives_a_run(store: Path) -> None:
    (store / "old.xml").write_text("stale")
    buildsteps("cedar-validate", "--junit", "old.xml", "nowhere", cwd=store)
    assert "there is no file or folder" in (store / "old.xml").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--help"], "buildsteps: standard output was closed"),
        (["cedar-validate", "--help"], "buildsteps: standard output was closed"),
        (["schema"], "buildsteps schema: standard output was closed before the result was written"),
        (
            ["cedar-validate", "--format", "json"],
            "buildsteps cedar-validate: standard output was closed before the result was written",
        ),
    ],
)
def test_a_result_that_nobody_reads_is_never_a_verdict(
    store: Path, arguments: list[str], sentence: str
) -> None:
    code, err = with_closed("stdout", store, *arguments)
    assert (code, err) == (3, f"{sentence}\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["cedar-validate"], 0),
        (["cedar-validate", "nowhere"], 2),
        (["no-such-command"], 2),
        (["config"], 2),
    ],
)
def test_messages_that_nobody_reads_change_no_exit_code(
    store: Path, arguments: list[str], code: int
) -> None:
    assert with_closed("stderr", store, *arguments)[0] == code


@pytest.mark.parametrize(
    ("redirection", "sentence"),
    [
        (">&-", "standard output is closed"),
        (">/dev/full", "standard output cannot be written: no space left on device"),
    ],
)
def test_standard_output_that_takes_nothing_is_the_worlds_failure(
    store: Path, redirection: str, sentence: str
) -> None:
    done = in_shell(store, f"exec {sys.executable} -m buildsteps cedar-validate {redirection}")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"buildsteps cedar-validate: {sentence}\n"


def test_closed_streams_do_not_make_a_stop_pass(store: Path) -> None:
    break_label(store)
    for redirection in (">&-", "2>&-", "<&-", ">/dev/full", "2>/dev/full", ">&- 2>&-"):
        command = f"exec {sys.executable} -m buildsteps cedar-validate {redirection}"
        assert in_shell(store, command).returncode == 1, redirection


def test_machine_formats_are_utf_8_whatever_the_terminal_speaks(store: Path) -> None:
    environ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for form in ("json", "sarif"):
        ran = buildsteps("cedar-validate", "näh", "--format", form, cwd=store, environ=environ)
        assert ran.code == 2
        assert "näh" in str(ran.report)


def test_machine_formats_stay_valid_when_the_configuration_is_wrong(store: Path) -> None:
    (store / "buildsteps.yaml").write_text("cedar_validate: {strit: true}\n")
    flags = ("--format", "json", "--output", "markdown=r.md", "--junit", "r.xml")
    ran = buildsteps("cedar-validate", *flags, cwd=store)
    assert ran.code == 2
    assert ran.report["verdict"] == {
        "outcome": "wrong-call",
        "exit_code": 2,
        "reasons": ["buildsteps.yaml:1:18: unknown key `strit`. Did you mean `strict`?"],
    }
    assert "strit" in (store / "r.md").read_text()
    assert "strit" in (store / "r.xml").read_text()
    assert ran.err.count("\n") == 1


def test_one_report_that_cannot_be_written_keeps_no_other_from_being_written(store: Path) -> None:
    locked = store / "locked"
    locked.mkdir(mode=0o500)
    outputs = ("--output", "json=locked/r.json", "--output", "markdown=r.md")
    ran = buildsteps("cedar-validate", *outputs, cwd=store, permissions=True)
    assert ran.code == 3
    assert ran.err == (
        "buildsteps cedar-validate: locked/r.json: cannot be written: permission denied\n"
    )
    assert "PASSED" not in ran.out
    assert "47 passed" in ran.out
    assert (store / "r.md").exists()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so_and_leaves_its_report(
    store: Path, sent: signal.Signals, code: int
) -> None:
    # More than a pipe holds can only be written once the run is reading; the end never comes.
    with subprocess.Popen(
        [sys.executable, "-m", "buildsteps", "cedar-validate", "-", "--junit", "out.xml"],
        cwd=store,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(sent)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    word = "interrupted" if sent is signal.SIGINT else "terminated"
    assert errors == f"buildsteps cedar-validate: {word}\n"
    assert "interrupted" in (store / "out.xml").read_text()


def test_help_imports_little() -> None:
    script = (
        "import sys; from buildsteps.cli import main; main(['--help']);"
        "print([m for m in ('msgspec','yaml','cedarpy','junit_xml','boto3') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    script = script.replace("['--help']", "['cedar-validate','--help']")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "['msgspec']"


def test_the_configuration_can_be_checked_as_a_whole(store: Path) -> None:
    assert buildsteps("config", "check", cwd=store).code == 2
    (store / "buildsteps.yaml").write_text("cedar_validate: {jobs: many}\n")
    ran = buildsteps("config", "check", "--format", "json", cwd=store)
    assert ran.code == 1
    assert ran.cases("error") == [("buildsteps.yaml", "cedar-validate")]


def test_the_schema_of_the_configuration_is_printed(store: Path) -> None:
    ran = buildsteps("schema", cwd=store)
    assert ran.code == 0
    assert "deny_warnings" in ran.report["properties"]["cedar_validate"]["properties"]
    assert "stores" in ran.report["properties"]["cedar"]["properties"]
