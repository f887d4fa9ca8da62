"""``--write-digests`` for a whole run: only where the gate lets it pass, and then every digest.

A digest in a file reads as "this was looked at". So none is written beside an image that failed,
and none of an image that is exempt.
"""

from collections.abc import Sequence
from os.path import realpath

from msgspec.structs import replace

from buildsteps import gate
from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.exit_codes import ExitCode
from buildsteps.reporting.text import counted
from buildsteps.results import Cause, Report, unjudged
from buildsteps.steps.signing.inputs.collecting import Collected, CollectedImage
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.settings import IN_PLACE, ImagesOptions
from buildsteps.steps.signing.write_digests import STDOUT, Written, check_target, write_digests
from buildsteps.world import World

GROUP = "write digests"


def prepare_pinning(options: ImagesOptions, files: Sequence[Input], world: World) -> None:
    """Check what ``--write-digests`` asks for, and remove the file of an earlier run.

    Call it when the files have been read and before anything is judged.

    Raises:
        UsageError: there is no file, or no place to write to.
        WorldError: the earlier file cannot be removed.
    """
    if not options.write_digests:
        return
    if not files:
        raise UsageError("--write-digests writes into a file of --from, and none was given")
    target = _target(options)
    check_target(files, target)
    if target == STDOUT and options.format != "terminal":
        raise UsageError(
            f"--write-digests=- and --format {options.format} both take standard output: "
            f"write the report with --output {options.format}=FILE"
        )
    if target and target != STDOUT:
        path = world.path(target)
        if path in {world.path(report) for report in _reports(options)}:
            raise UsageError(f"a report and the digests would both be written to {target}")
        if realpath(path) not in {realpath(world.path(file.path)) for file in files}:
            world.files.remove_stale(path)


def pinned(
    report: Report,
    options: ImagesOptions,
    collected: Collected,
    digests: Sequence[tuple[CollectedImage, str]],
    world: World,
) -> Report:
    """The report, with what became of ``--write-digests``.

    ``report`` is all that the run judged; ``digests`` are those of the images that passed. Nothing
    is written where the gate stops, also under ``--report-only``. What cannot be written is a case,
    so that the others are not lost.
    """
    if not options.write_digests:
        return report
    held_back = b"" if _target(options) == STDOUT else None
    verdict = gate.judge(report, allow_empty=options.allow_empty)
    if verdict.exit_code != ExitCode.PASSED:
        note = "no digest was written, because the gate does not let this pass"
        return replace(report, notes=(*report.notes, note), stdout=held_back)
    try:
        written = write_digests(collected.files, digests, world, _target(options))
    except BuildstepsError as error:
        case = unjudged("--write-digests", GROUP, str(error), kind="not-written", cause=Cause.WORLD)
        return replace(report, cases=(*report.cases, case), stdout=held_back)
    return replace(
        report,
        findings=(*report.findings, *written.findings),
        facts={
            **report.facts,
            "digests_written": written.count,
            "digests_written_to": list(written.paths),
        },
        notes=(*report.notes, *_told(written, collected, digests)),
        stdout=written.stdout,
    )


def _target(options: ImagesOptions) -> str:
    return "" if options.write_digests == IN_PLACE else options.write_digests


def _reports(options: ImagesOptions) -> list[str]:
    files = [text.partition("=")[2] for text in options.output]
    return [file for file in (*files, options.junit, options.export_file) if file]


def _told(
    written: Written, collected: Collected, digests: Sequence[tuple[CollectedImage, str]]
) -> list[str]:
    places = ", ".join(written.paths) or ("standard output" if written.stdout is not None else "")
    lines = [f"{counted(written.count, 'digest')} written{f' to {places}' if places else ''}"]
    if digests and not (written.count or places or written.findings):
        lines = ["no digest was written: the files have them already"]
    known = {image.reference for image, _ in digests}
    for image in collected.images:
        tagged = any(use.file and not use.reference.digest for use in image.uses)
        if tagged and image.reference not in known:
            lines.append(f"{image.reference} keeps its tag: it is exempt, nothing vouches for it")
    return lines
