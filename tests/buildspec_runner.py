"""Run a buildspec of version 0.2 as CodeBuild does, without CodeBuild and without a container.

The rules are those of the CodeBuild user guide, "Build specification reference" and "Build phase
transitions". What the runner cannot honour (``batch``, ``run-as``, ``proxy``, ``on-failure:
RETRY``, Windows shells) it rejects instead of passing over it. ``runtime-versions`` and ``cache``
are checked but have no effect: the machine's own runtimes are used, and nothing is kept.
"""

import glob
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated, Literal, Self

import msgspec
import yaml
from msgspec import Meta, Struct

PHASE_NAMES = ("install", "pre_build", "build", "post_build")
ENDS_THE_BUILD_WHEN_IT_FAILS = frozenset({"install", "pre_build"})
REGION = "us-east-1"
BUILD_ID = "local:00000000-0000-0000-0000-000000000001"


class BuildspecError(ValueError):
    """The buildspec cannot be run: it is malformed, or asks for what this runner lacks."""


class BuildTimedOutError(RuntimeError):
    """A command did not end within the build's time limit."""


# --- What a buildspec may say -------------------------------------------------------------------


class _Kebab(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Buildspec keys are written with hyphens, except the names of the phases."""


class Env(_Kebab, frozen=True):
    """``env``: the shell and the variables of the build."""

    shell: Literal["bash", "/bin/sh"] = "/bin/sh"
    variables: dict[str, str] = {}
    parameter_store: dict[str, str] = {}
    secrets_manager: dict[str, str] = {}
    exported_variables: tuple[str, ...] = ()
    git_credential_helper: bool = False


class Phase(_Kebab, frozen=True, kw_only=True):
    """One entry of ``phases``. Each command is run on its own, one of several lines as a whole."""

    commands: tuple[str, ...]
    finally_: tuple[str, ...] = msgspec.field(default=(), name="finally")
    on_failure: Literal["ABORT", "CONTINUE"] | None = None


class InstallPhase(Phase, frozen=True, kw_only=True):
    """The only phase that may choose runtimes, and do no more than that."""

    commands: tuple[str, ...] = ()
    runtime_versions: dict[str, str | int | float] = {}


class Phases(Struct, frozen=True, forbid_unknown_fields=True):
    """``phases``; each may be left out."""

    install: InstallPhase | None = None
    pre_build: Phase | None = None
    build: Phase | None = None
    post_build: Phase | None = None


Files = Annotated[tuple[str, ...], Meta(min_length=1)]


class ReportGroup(_Kebab, frozen=True):
    """One entry of ``reports``."""

    files: Files
    base_directory: str = "."
    discard_paths: bool = False
    file_format: Literal[
        "JUNITXML",
        "CUCUMBERJSON",
        "TESTNGXML",
        "VISUALSTUDIOTRX",
        "NUNITXML",
        "NUNIT3XML",
        "CLOVERXML",
        "COBERTURAXML",
        "JACOCOXML",
        "SIMPLECOV",
    ] = "JUNITXML"


class SecondaryArtifacts(_Kebab, frozen=True):
    """One entry of ``artifacts.secondary-artifacts``."""

    files: Files
    name: str = ""
    base_directory: str = "."
    discard_paths: bool = False
    exclude_paths: tuple[str, ...] = ()
    enable_symlinks: bool = False
    s3_prefix: str = ""


class Artifacts(SecondaryArtifacts, frozen=True):
    """``artifacts``: the primary ones, and perhaps further ones."""

    secondary_artifacts: dict[str, SecondaryArtifacts] = {}


class Cache(_Kebab, frozen=True):
    """``cache``."""

    paths: tuple[str, ...] = ()
    key: str = ""
    fallback_keys: tuple[str, ...] = ()
    action: Literal["restore", "save"] | None = None


class Buildspec(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole buildspec."""

    version: float | str
    phases: Phases
    env: Env = Env()
    reports: dict[str, ReportGroup] = {}
    artifacts: Artifacts | None = None
    cache: Cache | None = None


def read_buildspec(path: Path) -> Buildspec:
    """Read and check ``path``; raise :class:`BuildspecError` that names the file and the place."""
    try:
        spec = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Buildspec)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise BuildspecError(f"{path}: {error}") from error
    if str(spec.version) != "0.2":
        raise BuildspecError(f"{path}: version {spec.version} is not 0.2, the one this runner runs")
    if not any(_given(spec.phases)):
        raise BuildspecError(f"{path}: phases names no phase: there is nothing to run")
    return spec


# --- What became of it --------------------------------------------------------------------------


class Status(StrEnum):
    """How a phase ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class CommandResult(Struct, frozen=True):
    """One command that was run, and what it wrote to stdout and stderr."""

    command: str
    exit_code: int
    output: str


class PhaseResult(Struct, frozen=True):
    """One phase. ``commands`` holds only those that were run, ``finally`` included."""

    name: str
    status: Status
    commands: tuple[CommandResult, ...] = ()

    @property
    def output(self) -> str:
        """What all its commands wrote."""
        return "".join(result.output for result in self.commands)


class CollectedFile(Struct, frozen=True):
    """A file taken from the build: where it lay, and the name under which it is handed on."""

    path: Path
    name: str


class BuildResult(Struct, frozen=True):
    """What CodeBuild would have shown of the build.

    ``exported`` holds the exported variables that had a value. ``artifacts`` are the primary ones.
    """

    succeeded: bool
    phases: tuple[PhaseResult, ...]
    reports: dict[str, tuple[CollectedFile, ...]]
    exported: dict[str, str]
    artifacts: tuple[CollectedFile, ...] = ()
    secondary_artifacts: dict[str, tuple[CollectedFile, ...]] = {}

    def phase(self, name: str) -> PhaseResult:
        """Return the phase of that name; raise KeyError if the buildspec has none."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    @property
    def log(self) -> str:
        """The whole build as text, to be shown when a test fails."""
        return "\n".join(
            f"[{phase.name}] {phase.status}\n"
            + "".join(f"$ {one.command}\n{one.output}" for one in phase.commands)
            for phase in self.phases
        )


def run_buildspec(
    path: Path, source_dir: Path, environ: Mapping[str, str], *, timeout: float = 600
) -> BuildResult:
    """Run the buildspec ``path`` on the sources in ``source_dir``.

    ``environ`` is the build container's environment together with the project's variables, which
    beat the buildspec's; parameters and secrets that the buildspec names must be in it. Nothing is
    taken from this process's own environment. ``timeout`` is for the whole build, in seconds.
    """
    spec = read_buildspec(path)
    source = source_dir.resolve()
    variables = _variables(spec.env, source, environ)
    with (
        tempfile.TemporaryDirectory() as scratch,
        _Shell(spec.env.shell, source, variables, Path(scratch), timeout) as shell,
    ):
        phases = _run_phases(spec.phases, shell)
        exported = _exported(spec.env.exported_variables, shell)
    succeeded = all(phase.status is not Status.FAILED for phase in phases)
    if _aborted(spec.phases, phases):
        return BuildResult(succeeded, phases, {}, exported)
    return _collect(spec, source, BuildResult(succeeded, phases, {}, exported))


def _variables(env: Env, source: Path, environ: Mapping[str, str]) -> dict[str, str]:
    for name in (*env.parameter_store, *env.secrets_manager):
        if name not in environ:
            raise BuildspecError(f"{name} comes from a service: give its value in environ")
    return {
        **env.variables,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "CODEBUILD_BUILD_ARN": f"arn:aws:codebuild:{REGION}:123456789012:build/{BUILD_ID}",
        "CODEBUILD_BUILD_ID": BUILD_ID,
        "CODEBUILD_BUILD_NUMBER": "1",
        "CODEBUILD_INITIATOR": "local",
        **environ,
        "CI": "true",
        "CODEBUILD_SRC_DIR": str(source),
    }


# --- Phases -------------------------------------------------------------------------------------


def _run_phases(phases: Phases, shell: "_Shell") -> tuple[PhaseResult, ...]:
    results: list[PhaseResult] = []
    succeeding = going_on = True
    for name, phase in _given(phases):
        if not going_on:
            results.append(PhaseResult(name, Status.SKIPPED))
            continue
        shell.export("CODEBUILD_BUILD_SUCCEEDING", "1" if succeeding else "0")
        results.append(_run_phase(name, phase, shell))
        if results[-1].status is Status.FAILED:
            succeeding = False
            going_on = not _ends_the_build(name, phase)
    return tuple(results)


def _given(phases: Phases) -> Iterable[tuple[str, Phase]]:
    for name in PHASE_NAMES:
        if (phase := getattr(phases, name)) is not None:
            yield name, phase


def _run_phase(name: str, phase: Phase, shell: "_Shell") -> PhaseResult:
    results = (*_run_commands(phase.commands, shell), *_run_commands(phase.finally_, shell))
    failed = any(result.exit_code != 0 for result in results)
    return PhaseResult(name, Status.FAILED if failed else Status.SUCCEEDED, results)


def _run_commands(commands: Iterable[str], shell: "_Shell") -> tuple[CommandResult, ...]:
    """Run ``commands`` up to the first that fails."""
    results: list[CommandResult] = []
    for command in commands:
        results.append(shell.run(command))
        if results[-1].exit_code != 0:
            break
    return tuple(results)


def _ends_the_build(name: str, phase: Phase) -> bool:
    if phase.on_failure is None:
        return name in ENDS_THE_BUILD_WHEN_IT_FAILS
    return phase.on_failure == "ABORT"


def _aborted(phases: Phases, results: Iterable[PhaseResult]) -> bool:
    """Tell whether ``on-failure: ABORT`` ended the build, and so kept reports and artifacts."""
    given = dict(_given(phases))
    return any(
        result.status is Status.FAILED and given[result.name].on_failure == "ABORT"
        for result in results
    )


def _exported(names: Iterable[str], shell: "_Shell") -> dict[str, str]:
    found = {name: shell.run(f"printenv {name}") for name in names}
    return {
        name: result.output.removesuffix("\n")
        for name, result in found.items()
        if result.exit_code == 0
    }


# --- Reports and artifacts ----------------------------------------------------------------------


def _collect(spec: Buildspec, source: Path, build: BuildResult) -> BuildResult:
    reports = {group: _files(source, entry) for group, entry in spec.reports.items()}
    build = msgspec.structs.replace(build, reports=reports)
    if spec.artifacts is None:
        return build
    primary = _artifacts(source, spec.artifacts)
    secondary = {
        name: _artifacts(source, entry)
        for name, entry in spec.artifacts.secondary_artifacts.items()
    }
    found_all = bool(primary) and all(secondary.values())
    upload = PhaseResult("upload_artifacts", Status.SUCCEEDED if found_all else Status.FAILED)
    return msgspec.structs.replace(
        build,
        succeeded=build.succeeded and found_all,
        phases=(*build.phases, upload),
        artifacts=primary,
        secondary_artifacts=secondary,
    )


def _artifacts(source: Path, entry: SecondaryArtifacts) -> tuple[CollectedFile, ...]:
    excluded = {
        path
        for base in _directories(source, entry.base_directory)
        for path in _matches(base, entry.exclude_paths)
    }
    return tuple(one for one in _files(source, entry) if one.path not in excluded)


def _files(source: Path, entry: ReportGroup | SecondaryArtifacts) -> tuple[CollectedFile, ...]:
    return tuple(
        CollectedFile(path, path.name if entry.discard_paths else os.path.relpath(path, base))
        for base in _directories(source, entry.base_directory)
        for path in _matches(base, entry.files)
        if path.is_file()
    )


def _directories(source: Path, pattern: str) -> list[Path]:
    """Return the folders that a ``base-directory`` means; it may hold wildcards."""
    return [path for path in _matches(source, [pattern]) if path.is_dir()]


def _matches(base: Path, patterns: Iterable[str]) -> list[Path]:
    """Return what any of ``patterns`` names, each once, sorted; a pattern may be absolute."""
    found = {
        base / name
        for pattern in patterns
        for name in glob.glob(  # noqa: PTH207 - Path.glob takes no absolute pattern
            pattern, root_dir=base, recursive=True, include_hidden=True
        )
    }
    return sorted(found)


# --- The shell ----------------------------------------------------------------------------------


class _Shell:
    """One shell for all commands, so that the folder and variables last from one to the next.

    The shell reads our lines from its stdin and answers each with an exit code on its stdout. The
    commands themselves have /dev/null as stdin, a file of their own as output, and no terminal.
    One that ends the shell (``exit``, or ``set -e`` and a failure) fails or succeeds with that
    exit code; the next command gets a new shell with the folder and the exported variables.
    """

    def __init__(
        self,
        program: str,
        directory: Path,
        environ: Mapping[str, str],
        scratch: Path,
        timeout: float,
    ) -> None:
        self._program = program
        self._directory = directory
        self._environ = environ
        self._scratch = scratch
        self._deadline = time.monotonic() + timeout
        self._commands_run = 0
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            _pipe(process.stdin).close()
            _pipe(process.stdout).close()

    def run(self, command: str) -> CommandResult:
        """Run one command, of one line or several, to its end."""
        self._commands_run += 1
        script = self._scratch / f"{self._commands_run}.sh"
        output = self._scratch / f"{self._commands_run}.out"
        script.write_text(command + "\n", encoding="utf-8")
        self._tell(f". '{script}' >'{output}' 2>&1 </dev/null; echo $?")
        exit_code = self._answer(command, output)
        return CommandResult(command, exit_code, _text(output))

    def export(self, name: str, value: str) -> None:
        """Set a variable for all commands that follow."""
        self._tell(f"export {name}='{value}'")

    def _tell(self, line: str) -> None:
        if not self._processes or self._processes[-1].poll() is not None:
            self._start()
        pipe = _pipe(self._processes[-1].stdin)
        pipe.write(line.encode() + b"\n")

    def _answer(self, command: str, output: Path) -> int:
        """Wait for the running command's exit code."""
        process = self._processes[-1]
        answers = _pipe(process.stdout)
        remaining = max(0.0, self._deadline - time.monotonic())
        if not select.select([answers], [], [], remaining)[0]:
            raise BuildTimedOutError(f"not done in time: {command}\n{_text(output)}")
        answer = answers.readline()
        return int(answer) if answer else process.wait()

    def _start(self) -> None:
        process = subprocess.Popen(
            [self._program],
            cwd=self._directory,
            env=dict(self._environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        self._processes.append(process)
        variables, folder = self._scratch / "variables", self._scratch / "folder"
        if variables.exists():
            self._tell(f". '{variables}'; cd \"$(cat '{folder}')\"")
        self._tell(f'trap \'export -p >"{variables}"; pwd >"{folder}"\' EXIT')


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
