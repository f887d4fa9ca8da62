"""Where ``--export`` hands its values: a script to source, and GitHub Actions' environment."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.exit_codes import ExitCode
from buildsteps.exports import (
    Export,
    check_fields,
    exports_despite_mistakes,
    exports_of,
    github_lines,
    shell_script,
    values_of,
)
from buildsteps.options import CommonOptions
from buildsteps.results import RunResult, Verdict, VerdictOutcome
from buildsteps.world import World


class Handover(Struct, frozen=True):
    """The variables, the script of this run, and the file that GitHub Actions reads."""

    exports: tuple[Export, ...]
    script: Path | None
    github: Path | None

    @classmethod
    def of(cls, options: CommonOptions, world: World) -> "Handover":
        """What the options ask for.

        Raises:
            UsageError: see :func:`~buildsteps.exports.exports_of`.
        """
        return cls._to(exports_of(options, world), options, world)

    @classmethod
    def despite_mistakes(cls, options: CommonOptions, world: World) -> "Handover":
        """What the options ask for, as far as it can be understood."""
        return cls._to(exports_despite_mistakes(options), options, world)

    @classmethod
    def _to(cls, exports: tuple[Export, ...], options: CommonOptions, world: World) -> "Handover":
        script = world.path(options.export_file) if options.export_file else None
        github = world.environ.get("GITHUB_ENV")
        return cls(exports, script, world.path(github) if github else None)

    def checked(self, result: RunResult) -> RunResult:
        """The result; a wrong call where its report lacks a field, its cases kept."""
        try:
            check_fields(self.exports, result)
        except UsageError as error:
            verdict = Verdict(
                outcome=VerdictOutcome.WRONG_CALL,
                exit_code=ExitCode.WRONG_CALL,
                reasons=(str(error), *result.verdict.reasons),
            )
            return replace(result, verdict=verdict)
        return result

    def write(self, result: RunResult, world: World) -> None:
        """Hand the values on; the script is written whole, to the other file they are added.

        Raises:
            WorldError: a file cannot be written.
        """
        values = values_of(self.exports, result)
        if self.script is not None:
            world.files.write(self.script, [shell_script(values)])
        if self.github is not None and values:
            world.files.append(self.github, github_lines(values))
