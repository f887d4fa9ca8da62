"""The work of ``cedar-format``: find the files, format each, say what became of it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Case, Cause, Location, Outcome, Report
from buildsteps.source import SourceText
from buildsteps.step import Text
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.formatting.cases import FORMATTED, error_case, format_text, verdict
from buildsteps.steps.cedar.formatting.pieces import FormatOne
from buildsteps.steps.cedar.formatting.settings import FormatOptions
from buildsteps.steps.cedar.stores.scan import scan
from buildsteps.world import World
from buildsteps.world.heartbeat import watched
from buildsteps.world.rewriting import rewrite

STDIN = "-"
WIDEST_LINE, WIDEST_INDENT = 1000, 16


def collect(options: FormatOptions, world: World) -> Report | Text:
    """Format the files that the paths stand for, or standard input."""
    format_one = _formatter(options)
    if STDIN in options.paths:
        if len(options.paths) > 1:
            raise UsageError("standard input, `-`, is formatted alone")
        return _standard_input(format_one, options, world)
    paths = _files(options.paths or (".",), world)
    cases = [
        _timed(partial(_file, path, format_one, options, world), world)
        for path in watched(paths, len(paths), "files", world)
    ]
    where = ", ".join(f"`{path}`" for path in options.paths or (".",))
    return _report(cases, options, f"there is no Cedar policy file below {where}")


def _formatter(options: FormatOptions) -> FormatOne:
    if not 1 <= options.line_width <= WIDEST_LINE:
        raise UsageError(f"--line-width is 1 to {WIDEST_LINE}, not {options.line_width}")
    if not 0 <= options.indent_width <= WIDEST_INDENT:
        raise UsageError(f"--indent-width is 0 to {WIDEST_INDENT}, not {options.indent_width}")
    return partial(
        engine.format_text, line_width=options.line_width, indent_width=options.indent_width
    )


def _files(paths: Iterable[str], world: World) -> list[Path]:
    """The files that are meant, each once; links that a folder holds are left alone."""
    found: dict[Path, None] = {}
    for text in paths:
        path = world.path(text)
        if path.is_dir():
            named = (one for one in scan(path, world).files if one.name.endswith(".cedar"))
            found.update(dict.fromkeys(one for one in named if not one.is_symlink()))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"there is no file or folder `{text}`")
    return list(found)


def _timed(judge: Callable[[], Case], world: World) -> Case:
    started = world.clock.monotonic()
    case = judge()
    return replace(case, seconds=round(world.clock.monotonic() - started, 3))


def _file(path: Path, format_one: FormatOne, options: FormatOptions, world: World) -> Case:
    """Format one file; whatever is wrong with it does not keep the others from being done."""
    shown = world.shown(path)
    try:
        source = SourceText(shown, world.files.read_text(path))
        formatted = format_text(source, world.files.read_bytes(path), format_one)
        if isinstance(formatted, Case):
            return formatted
        if formatted.changed and not options.check:
            rewrite(path, formatted.text.encode(), world.cwd)
    except UsageError as error:
        return error_case(shown, error.message, [error.location or Location(shown)])
    except WorldError as error:
        return error_case(shown, error.message, [Location(shown)], cause=Cause.WORLD)
    return verdict(formatted, check=options.check)


def _standard_input(format_one: FormatOne, options: FormatOptions, world: World) -> Report | Text:
    """Standard input to standard output, or with ``--check`` only the verdict on it."""
    content = world.read_stdin()
    if not content:
        return Report(emptiness="standard input is empty")
    try:
        source = SourceText("stdin", content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        case = error_case("stdin", "is not UTF-8; save it as UTF-8", [Location("stdin")])
        return _report([case], options)
    formatted = format_text(source, content, format_one)
    if isinstance(formatted, Case):
        return _report([formatted], options)
    if options.check:
        return _report([verdict(formatted, check=options.check)], options)
    return Text(formatted.text, {"changed": formatted.changed, "text": formatted.text})


def _report(cases: list[Case], options: FormatOptions, emptiness: str = "") -> Report:
    """Gather the cases; what would change is counted beside what did."""
    rewritten = sum(case.message == FORMATTED for case in cases)
    would = sum(case.outcome is Outcome.FAILED for case in cases)
    files = "1 file" if len(cases) == 1 else f"{len(cases):,} files"
    done = f"{would:,} would be reformatted" if options.check else f"{rewritten:,} formatted"
    return Report(
        cases=cases,
        facts={
            "engine": engine.facts(),
            "check": options.check,
            "line_width": options.line_width,
            "indent_width": options.indent_width,
        },
        notes=(f"{files}, {done}",) if cases else (),
        emptiness=emptiness,
    )
