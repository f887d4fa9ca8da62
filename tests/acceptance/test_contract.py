import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import buildsteps, clean_environment, photo_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return photo_store(tmp_path)


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
        ("cedar_validate:\n  strict: maybe\n", "buildsteps.yaml:2:11: expected"),
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
    assert sentence in ran.err


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
    assert "require_tests       true  (file buildsteps.yaml:1)" in ran.out
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


def test_a_closed_pipe_is_no_verdict(store: Path) -> None:
    command = f"{sys.executable} -m buildsteps cedar-validate --format json"
    script = f"{command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=store,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in ("3", "0")  # 0: everything fitted into the pipe before it closed
    assert "Traceback" not in done.stderr


def test_output_to_a_pipe_that_is_closed_already_is_the_worlds_failure(store: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "buildsteps", "cedar-validate"],
        cwd=store,
        env=clean_environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 3
    assert "standard output was closed before the result was written" in done.stderr


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so_and_leaves_its_report(
    store: Path, sent: signal.Signals, code: int
) -> None:
    # Policies from a standard input that never ends hold the run where it can be interrupted.
    with subprocess.Popen(
        [sys.executable, "-m", "buildsteps", "cedar-validate", "-", "--junit", "out.xml"],
        cwd=store,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        (store / "out.xml").write_text("stale")
        deadline = time.monotonic() + 30
        while (store / "out.xml").exists() and time.monotonic() < deadline:
            time.sleep(0.02)  # the stale file goes just before the input is read
        time.sleep(0.2)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
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
