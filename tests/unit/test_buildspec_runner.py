"""The buildspec runner behaves as CodeBuild does. These tests run real shells."""

import os
import subprocess
import time
from pathlib import Path
from textwrap import dedent

import pytest

from tests.buildspec_runner import (
    BuildResult,
    BuildspecError,
    BuildTimedOutError,
    Status,
    run_buildspec,
)

SHELLS = ("bash", "/bin/sh")


def run(folder: Path, spec: str, timeout: float = 60, **environ: str) -> BuildResult:
    """Run ``spec``, a buildspec without its first line, on the sources in ``folder``."""
    path = folder / "buildspec.yml"
    path.write_text("version: 0.2\n" + dedent(spec), encoding="utf-8")
    base = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return run_buildspec(path, folder, base | environ, timeout=timeout)


def statuses(result: BuildResult) -> dict[str, str]:
    return {phase.name: phase.status.value for phase in result.phases}


def names(result: BuildResult, group: str) -> list[str]:
    return [file.name for file in result.reports[group]]


def ends_soon(pid: str) -> bool:
    """Tell whether a process that was killed is gone, or only waits for its parent, in time."""
    for _ in range(100):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
        ).stdout
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell that a buildspec may ask for on Linux."""
    return str(request.param)


# --- Commands -----------------------------------------------------------------------------------


def test_phases_run_in_codebuilds_order_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        phases:
          post_build: {commands: [echo post_build]}
          build: {commands: [echo build]}
          install: {commands: [echo install]}
          pre_build: {commands: [echo pre_build]}
        """,
    )
    assert result.succeeded
    assert [phase.output for phase in result.phases] == [
        "install\n",
        "pre_build\n",
        "build\n",
        "post_build\n",
    ]


def test_the_folder_and_variables_last_from_command_to_command_and_phase_to_phase(
    tmp_path: Path, shell: str
) -> None:
    result = run(
        tmp_path,
        f"""
        env: {{shell: {shell}}}
        phases:
          install: {{commands: [mkdir inner, cd inner, not_exported=kept]}}
          build: {{commands: ['basename "$PWD"; echo "$not_exported"']}}
        """,
    )
    assert result.phase("build").output == "inner\nkept\n"


def test_the_shell_is_the_one_the_buildspec_names(tmp_path: Path) -> None:
    is_bash = "phases: {build: {commands: ['echo \"${BASH_VERSION:+bash}\"; [[ a = a ]]']}}"
    assert run(tmp_path, "env: {shell: bash}\n" + is_bash).phase("build").output == "bash\n"


@pytest.mark.skipif("bash" in os.path.realpath("/bin/sh"), reason="platform: /bin/sh is bash here")
def test_without_a_shell_named_a_bashism_fails_as_it_does_in_codebuild(tmp_path: Path) -> None:
    assert not run(tmp_path, "phases: {build: {commands: ['[[ a = a ]]']}}").succeeded


def test_each_command_is_judged_on_its_own_and_the_first_failing_one_ends_its_phase(
    tmp_path: Path,
) -> None:
    build = run(
        tmp_path, "phases: {build: {commands: [echo one, 'echo two; false', echo three]}}"
    ).phase("build")
    assert build.status is Status.FAILED
    assert [(one.command, one.exit_code) for one in build.commands] == [
        ("echo one", 0),
        ("echo two; false", 1),
    ]


def test_a_command_of_several_lines_is_one_command_judged_by_its_last_line(tmp_path: Path) -> None:
    build = run(
        tmp_path,
        """
        phases:
          build:
            commands:
              - |
                false
                if true; then
                  echo went on
                fi
        """,
    ).phase("build")
    assert (build.status, len(build.commands), build.output) == (
        Status.SUCCEEDED,
        1,
        "went on\n",
    )


@pytest.mark.parametrize("ending", ["exit 7", "set -e; (exit 7)"])
def test_a_command_that_ends_the_shell_fails_its_phase_and_the_next_phase_has_a_shell_again(
    tmp_path: Path, shell: str, ending: str
) -> None:
    result = run(
        tmp_path,
        f"""
        env: {{shell: {shell}}}
        phases:
          build: {{commands: [mkdir inner, cd inner, export KEPT="it's kept", '{ending}']}}
          post_build: {{commands: ['basename "$PWD"; echo "$KEPT"']}}
        """,
    )
    assert result.phase("build").commands[-1].exit_code == 7
    assert result.phase("post_build").output == "inner\nit's kept\n"


def test_a_command_that_exits_with_zero_succeeds(tmp_path: Path, shell: str) -> None:
    result = run(
        tmp_path,
        f"env: {{shell: {shell}}}\nphases: {{build: {{commands: [exit 0, echo went on]}}}}",
    )
    assert result.succeeded
    assert result.phase("build").output == "went on\n"


def test_a_syntax_error_fails_the_phase(tmp_path: Path, shell: str) -> None:
    result = run(
        tmp_path, f"env: {{shell: {shell}}}\nphases: {{build: {{commands: ['if then fi']}}}}"
    )
    assert not result.succeeded
    assert "yntax error" in result.phase("build").output


def test_stdout_and_stderr_are_kept_in_the_order_written(tmp_path: Path) -> None:
    result = run(tmp_path, "phases: {build: {commands: ['echo a; echo b >&2; echo c']}}")
    assert result.phase("build").output == "a\nb\nc\n"


def test_commands_have_no_terminal_and_nothing_to_read(tmp_path: Path, shell: str) -> None:
    result = run(
        tmp_path,
        f"""
        env: {{shell: {shell}}}
        phases:
          build:
            commands:
              - cat
              - '[ ! -t 0 ] && [ ! -t 1 ] && [ ! -t 2 ]'
              - '! (: </dev/tty) 2>/dev/null'
        """,
    )
    assert result.succeeded, result.log


def test_a_process_left_in_the_background_neither_blocks_the_build_nor_outlives_it(
    tmp_path: Path,
) -> None:
    result = run(
        tmp_path, "phases: {build: {commands: ['sleep 300 & echo $! >pid', 'kill -0 $(cat pid)']}}"
    )
    assert result.succeeded
    assert ends_soon((tmp_path / "pid").read_text().strip())


def test_a_build_that_does_not_end_is_stopped_and_shows_what_it_wrote(tmp_path: Path) -> None:
    with pytest.raises(BuildTimedOutError, match="echo started; sleep 300\nstarted"):
        run(tmp_path, "phases: {build: {commands: [echo started; sleep 300]}}", timeout=0.5)


# --- Failure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (
            "install",
            {
                "install": "FAILED",
                "pre_build": "SKIPPED",
                "build": "SKIPPED",
                "post_build": "SKIPPED",
            },
        ),
        (
            "pre_build",
            {
                "install": "SUCCEEDED",
                "pre_build": "FAILED",
                "build": "SKIPPED",
                "post_build": "SKIPPED",
            },
        ),
        (
            "build",
            {
                "install": "SUCCEEDED",
                "pre_build": "SUCCEEDED",
                "build": "FAILED",
                "post_build": "SUCCEEDED",
            },
        ),
        (
            "post_build",
            {
                "install": "SUCCEEDED",
                "pre_build": "SUCCEEDED",
                "build": "SUCCEEDED",
                "post_build": "FAILED",
            },
        ),
    ],
)
def test_only_a_failed_build_phase_lets_a_later_one_run(
    tmp_path: Path, failing: str, expected: dict[str, str]
) -> None:
    result = run(
        tmp_path,
        f"""
        phases:
          install: {{commands: ['test install != {failing}']}}
          pre_build: {{commands: ['test pre_build != {failing}']}}
          build: {{commands: ['test build != {failing}']}}
          post_build: {{commands: ['test post_build != {failing}']}}
        """,
    )
    assert not result.succeeded
    assert statuses(result) == expected


@pytest.mark.parametrize(("command", "succeeding"), [("true", "1"), ("false", "0")])
def test_post_build_is_told_whether_the_build_phase_succeeded(
    tmp_path: Path, shell: str, command: str, succeeding: str
) -> None:
    result = run(
        tmp_path,
        f"""
        env: {{shell: {shell}}}
        phases:
          build: {{commands: ['{command}']}}
          post_build: {{commands: [printenv CODEBUILD_BUILD_SUCCEEDING]}}
        """,
    )
    assert result.phase("post_build").output == f"{succeeding}\n"


def test_finally_runs_after_a_failing_command_and_the_phase_stays_failed(tmp_path: Path) -> None:
    install = run(
        tmp_path,
        "phases: {install: {commands: ['false', echo no], finally: [echo tidied, echo up]}}",
    ).phase("install")
    assert (install.status, install.output) == (Status.FAILED, "tidied\nup\n")


def test_finally_runs_after_success_and_its_own_failure_fails_the_phase(tmp_path: Path) -> None:
    build = run(
        tmp_path, "phases: {build: {commands: [echo done], finally: ['false', echo no]}}"
    ).phase("build")
    assert (build.status, build.output) == (Status.FAILED, "done\n")


def test_on_failure_continue_goes_on_and_the_build_has_failed_all_the_same(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        phases:
          install: {on-failure: CONTINUE, commands: ['false']}
          build: {commands: [printenv CODEBUILD_BUILD_SUCCEEDING]}
        """,
    )
    assert not result.succeeded
    assert result.phase("build").output == "0\n"


def test_on_failure_abort_ends_the_build_before_post_build_reports_and_artifacts(
    tmp_path: Path,
) -> None:
    result = run(
        tmp_path,
        """
        phases:
          build: {on-failure: ABORT, commands: [touch a.xml, 'false']}
          post_build: {commands: [echo no]}
        reports: {unit: {files: [a.xml]}}
        artifacts: {files: [a.xml]}
        """,
    )
    assert statuses(result) == {"build": "FAILED", "post_build": "SKIPPED"}
    assert (result.reports, result.artifacts) == ({}, ())


# --- Variables ----------------------------------------------------------------------------------


def test_the_projects_variables_beat_the_buildspecs(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        env: {variables: {STAGE: from buildspec, OTHER: "a 'quoted' $value"}}
        phases: {build: {commands: ['echo "$STAGE, $OTHER"']}}
        """,
        STAGE="from project",
    )
    assert result.phase("build").output == "from project, a 'quoted' $value\n"


def test_codebuilds_own_variables_are_set(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        phases:
          build:
            commands:
              - echo "$CI $CODEBUILD_BUILD_SUCCEEDING $CODEBUILD_INITIATOR"
              - cd /
              - cd "$CODEBUILD_SRC_DIR" && test -f buildspec.yml
              - test -n "$CODEBUILD_BUILD_ID" -a -n "$CODEBUILD_BUILD_ARN" -a -n "$AWS_REGION"
        """,
        CODEBUILD_INITIATOR="codepipeline/photos",
    )
    assert result.succeeded, result.log
    assert result.phase("build").commands[0].output == "true 1 codepipeline/photos\n"


def test_nothing_of_the_test_processes_own_environment_leaks_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_HERE", "x")
    assert not run(tmp_path, "phases: {build: {commands: [printenv ONLY_HERE]}}").succeeded


def test_exported_variables_are_handed_on_also_after_a_failed_build(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        env: {exported-variables: [TAG, LINES_, ONLY_SHELL, NEVER]}
        phases:
          build: {commands: [export TAG=v1, ONLY_SHELL=x, 'false']}
          post_build: {commands: ['export LINES_="$(printf "a\\nb")"', exit 1]}
        """,
    )
    assert result.exported == {"TAG": "v1", "LINES_": "a\nb"}


def test_parameters_and_secrets_come_from_the_environment_given(tmp_path: Path) -> None:
    spec = """
        env: {parameter-store: {TOKEN: /photos/token}}
        phases: {build: {commands: [echo $TOKEN]}}
        """
    assert run(tmp_path, spec, TOKEN="t").phase("build").output == "t\n"
    with pytest.raises(BuildspecError, match="TOKEN"):
        run(tmp_path, spec)


# --- Reports and artifacts ----------------------------------------------------------------------


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A source folder with some files that a build might have written."""
    for name in ("out/a.xml", "out/deep/b.xml", "out/deep/c.txt", "out/.hidden.xml", "d.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("files: [d.xml]", ["d.xml"]),
        ("files: ['*.xml'], base-directory: out", [".hidden.xml", "a.xml"]),
        ("files: ['**/[a-z]*.xml'], base-directory: out", ["a.xml", "deep/b.xml"]),
        (
            "files: ['**/[a-z]*.xml'], base-directory: out, discard-paths: yes",
            ["a.xml", "b.xml"],
        ),
        ("files: ['**/*'], base-directory: 'o*/deep'", ["b.xml", "c.txt"]),
        ("files: [out/a.xml, out/a.xml, '**/a.xml']", ["out/a.xml"]),
        ("files: [out, none.xml]", []),
    ],
)
def test_a_report_group_collects_the_files_its_patterns_name(
    sources: Path, entry: str, expected: list[str]
) -> None:
    result = run(
        sources, f"phases: {{build: {{commands: ['true']}}}}\nreports: {{unit: {{{entry}}}}}"
    )
    assert names(result, "unit") == expected
    assert result.succeeded


def test_reports_may_lie_outside_the_sources(sources: Path) -> None:
    spec = f"""
        phases: {{build: {{commands: ['true']}}}}
        reports:
          by-folder: {{files: ['*.xml'], base-directory: {sources}/out/deep}}
          by-file: {{files: ['{sources}/d.xml'], discard-paths: yes}}
        """
    result = run(sources, spec)
    assert (names(result, "by-folder"), names(result, "by-file")) == (["b.xml"], ["d.xml"])


@pytest.mark.parametrize("phase", ["install", "build"])
def test_reports_are_collected_from_a_failed_build_too(sources: Path, phase: str) -> None:
    result = run(
        sources,
        f"phases: {{{phase}: {{commands: ['false']}}}}\nreports: {{unit: {{files: [d.xml]}}}}",
    )
    assert not result.succeeded
    assert [file.path for file in result.reports["unit"]] == [sources / "d.xml"]


def test_artifacts_are_collected_without_the_excluded_ones(sources: Path) -> None:
    result = run(
        sources,
        """
        phases: {build: {commands: ['true']}}
        artifacts:
          files: ['**/*']
          base-directory: out
          exclude-paths: [deep/c.txt, '.*']
          secondary-artifacts:
            flat: {files: ['**/b.xml'], discard-paths: yes}
        """,
    )
    assert result.succeeded
    assert [file.name for file in result.artifacts] == ["a.xml", "deep/b.xml"]
    assert [file.name for file in result.secondary_artifacts["flat"]] == ["b.xml"]


def test_artifacts_that_are_not_there_fail_the_build(tmp_path: Path) -> None:
    result = run(tmp_path, "phases: {build: {commands: ['true']}}\nartifacts: {files: [none.json]}")
    assert not result.succeeded
    assert statuses(result) == {"build": "SUCCEEDED", "upload_artifacts": "FAILED"}


# --- Buildspecs that cannot be run --------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("phasen: {}", "phasen"),
        ("phases: {build: {command: [ls]}}", r"command.*\$\.phases\.build"),
        ("phases: {test: {commands: [ls]}}", r"test.*\$\.phases"),
        ("phases: {build: {commands: [ls], run-as: me}}", "run-as"),
        ("phases: {build: {commands: [ls], on-failure: RETRY}}", "RETRY"),
        ("phases: {build: {runtime-versions: {python: 3.11}}}", "runtime-versions"),
        ("phases: {build: {commands: [echo colon: here]}}", r"str.*commands\[0\]"),
        ("phases: {build: {commands: [ls]}}\nbatch: {}", "batch"),
        ("phases: {}\nenv: {shell: powershell.exe}", "powershell"),
        ("phases: {}\nreports: {unit: {file-format: JUNITXML}}", "files"),
        ("phases: {}\nreports: {unit: {files: [a], file-format: JUNIT}}", "JUNIT"),
        ("phases: {}", "nothing to run"),
        ("phases: {build: {}}", "commands"),
        ("phases: null", r"object.*\$\.phases"),
        ("phases: {", "line 2"),
    ],
)
def test_what_the_runner_does_not_know_is_rejected_with_its_place(
    tmp_path: Path, spec: str, message: str
) -> None:
    with pytest.raises(BuildspecError, match=rf"(?s)buildspec\.yml: .*{message}"):
        run(tmp_path, spec)


def test_another_version_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "old.yml"
    path.write_text("version: 0.1\nphases: {}\n")
    with pytest.raises(BuildspecError, match=r"0\.1"):
        run_buildspec(path, tmp_path, {})


def test_a_machine_without_the_shell_is_told_apart_from_a_failing_build(tmp_path: Path) -> None:
    path = tmp_path / "buildspec.yml"
    path.write_text("version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: [ls]}}\n")
    with pytest.raises(FileNotFoundError):
        run_buildspec(path, tmp_path, {"PATH": str(tmp_path)})
