"""Installing: a case a program, whole and checked before it is in its place."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.notation.finding import is_version
from buildsteps.notation.keys import SIGNER_PLUGIN
from buildsteps.notation.places import PROGRAM, Installed, installed
from buildsteps.results import Case, Cause, Outcome, Report, unjudged
from buildsteps.steps.signing.installing.archive import WrongArchiveError, unpack
from buildsteps.steps.signing.installing.command import InstallOptions
from buildsteps.steps.signing.installing.obtaining import (
    DigestError,
    Origin,
    check_digest,
    checked_digest,
    digest_of,
    obtain,
    origin_of,
)
from buildsteps.steps.signing.installing.pins import Asset, this_platform
from buildsteps.steps.signing.installing.placing import Receipt, choose, is_there, put, workshop
from buildsteps.steps.signing.installing.programs import (
    NotTheProgramError,
    notation_version,
    plugin_version,
)
from buildsteps.world import World

KIND = "install"


class Wanted(Struct, frozen=True, kw_only=True):
    """A program to install: where from, where to, and what it must be.

    ``version`` is empty where any will do; ``asks`` gives that of a program, and raises
    :class:`NotTheProgramError` for another one.
    """

    name: str
    group: str
    origin: Origin
    digest: str
    program: Path
    version: str
    asks: Callable[[Path], str]


def install(options: InstallOptions, world: World) -> Report:
    """Install notation and, if asked to, the Signer plugin.

    Raises:
        UsageError: a digest is missing or none, or a file is not there.
    """
    place = installed(world.environ)
    asset = Asset(options.version, this_platform())
    wanted = [_notation(options, asset, place, world)]
    if options.plugin or options.plugin_sha256:
        wanted.append(_plugin(options, place, world))
    cases = [_case(one, place, world, options.dry_run) for one in wanted]
    notes = tuple(f"{one.name} {one.message}" for one in cases if one.outcome is Outcome.PASSED)
    if options.dry_run:
        notes = ("dry run: nothing is changed or fetched", *notes)
    facts = {"folder": str(place.folder), "platform": asset.platform, "version": asset.version}
    return Report(cases=cases, notes=notes, facts=facts)


def _notation(options: InstallOptions, asset: Asset, place: Installed, world: World) -> Wanted:
    if not is_version(options.version):
        raise UsageError("--version must be three numbers, such as 1.3.2")
    digest = checked_digest(options.sha256, "--sha256") if options.sha256 else asset.pinned
    if not digest:
        raise UsageError(
            f"the checksum of notation {asset.version} for {asset.platform} is not known here: "
            f"give --sha256, from the release's notation_{asset.version}_checksums.txt"
        )
    origin = Origin(asset.address)
    if options.from_:
        origin = origin_of(options.from_, world.cwd, asset.file)
    return Wanted(
        name=f"notation {asset.version}",
        group="notation",
        origin=origin,
        digest=digest,
        program=place.program(asset.version),
        version=asset.version,
        asks=lambda program: notation_version(program, world),
    )


def _plugin(options: InstallOptions, place: Installed, world: World) -> Wanted:
    if not options.plugin:
        raise UsageError("--plugin-sha256 is given without --plugin")
    if not options.plugin_sha256:
        raise UsageError(
            "--plugin needs --plugin-sha256: AWS publishes only the latest plugin, and no checksum,"
            " so take that of a file you trust, and keep the file"
        )
    program = place.plugin(SIGNER_PLUGIN)
    return Wanted(
        name=SIGNER_PLUGIN,
        group="plugins",
        origin=origin_of(options.plugin, world.cwd, program.name),
        digest=checked_digest(options.plugin_sha256, "--plugin-sha256"),
        program=program,
        version="",
        asks=lambda file: plugin_version(file, SIGNER_PLUGIN, world),
    )


def _case(wanted: Wanted, place: Installed, world: World, dry_run: bool) -> Case:
    try:
        done = _dry(wanted, world) if dry_run else _install(wanted, place, world)
    except WorldError as error:
        return unjudged(
            wanted.name, wanted.group, str(error), kind=KIND, detail=error.detail, cause=Cause.WORLD
        )
    except DigestError as error:
        message = f"{_shown(wanted, world)} is not what was meant: {error}; nothing of it was used"
        return _failed(wanted, "checksum", message)
    except (WrongArchiveError, NotTheProgramError) as error:
        return _failed(
            wanted, "wrong-program", f"{_shown(wanted, world)} is not installed: {error}"
        )
    return Case(name=wanted.name, group=wanted.group, outcome=Outcome.PASSED, message=done)


def _failed(wanted: Wanted, kind: str, message: str) -> Case:
    return Case(
        name=wanted.name, group=wanted.group, outcome=Outcome.FAILED, kind=kind, message=message
    )


def _dry(wanted: Wanted, world: World) -> str:
    if is_there(wanted.program, wanted.digest):
        return f"is already there: {world.shown(wanted.program)}"
    if wanted.origin.path is not None:
        check_digest(wanted.origin.path, wanted.digest)
    return f"would be installed from {_shown(wanted, world)}"


def _shown(wanted: Wanted, world: World) -> str:
    path = wanted.origin.path
    return str(wanted.origin) if path is None else world.shown(path)


def _install(wanted: Wanted, place: Installed, world: World) -> str:
    shown = world.shown(wanted.program)
    if is_there(wanted.program, wanted.digest):
        done = f"is already there: {shown}"
    else:
        with workshop(place) as shop:
            _make(wanted, place, shop)
        done = f"installed: {shown}"
    if wanted.program.name == PROGRAM:
        with workshop(place) as shop:
            choose(wanted.version, place, shop)
    return done


def _make(wanted: Wanted, place: Installed, shop: Path) -> None:
    """Obtain, check, unpack and try the program in the workshop; then put it in its place."""
    archive, made = shop / "archive", shop / wanted.program.name
    obtain(wanted.origin, archive, wanted.digest)
    try:
        unpack(archive, made.name, made)
        made.chmod(0o700)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorldError(f"{made} cannot be written: {reason}") from None
    version = wanted.asks(made)
    if wanted.version and version != wanted.version:
        raise NotTheProgramError(f"it is version {version}, not {wanted.version}")
    receipt = Receipt(version, wanted.digest, digest_of(made), str(wanted.origin))
    put(made, wanted.program, receipt, place)
