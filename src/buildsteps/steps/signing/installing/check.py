"""What is installed: notation, its plugins, and the user's own trust stores of AWS Signer."""

from pathlib import Path

from buildsteps.errors import WorldError
from buildsteps.notation.errors import NotationMissingError
from buildsteps.notation.finding import (
    FoundNotation,
    find_notation,
    installed_version,
    plugins_folder,
)
from buildsteps.notation.keys import SIGNER_PLUGIN
from buildsteps.notation.places import Installed, installed, users_configuration
from buildsteps.results import Case, Cause, Outcome, Report, unjudged
from buildsteps.steps.signing.installing.obtaining import digest_of
from buildsteps.steps.signing.installing.pins import PINNED, this_platform
from buildsteps.steps.signing.installing.placing import read_receipt
from buildsteps.steps.signing.installing.programs import NotTheProgramError, plugin_version
from buildsteps.world import World

KIND = "installed"

AWS_STORES = ("aws-signer-ts", "aws-us-gov-signer-ts")
"""What AWS' guides call the trust stores that hold Signer's root certificates."""


def check(world: World) -> Report:
    """A case for notation, and one for each plugin that it would find."""
    case, facts = _notation(installed(world.environ), world)
    cases = [case]
    folder = plugins_folder(world.environ) / "plugins"
    cases += _plugins(folder, world)
    stores = _trust_stores(users_configuration(world.environ))
    return Report(
        cases=cases,
        notes=(
            *(f"{one.name} {one.message}" for one in cases if one.outcome is Outcome.PASSED),
            _said(stores),
        ),
        facts={**facts, "plugins": str(folder), "trust_stores": stores},
    )


def _notation(place: Installed, world: World) -> tuple[Case, dict[str, str]]:
    """The case of notation, and what is found; one that was changed is not even run."""
    name = group = "notation"
    try:
        version = installed_version(place)
        if version and (why := _changed(place.program(version))):
            return _wrong(name, group, f"{world.shown(place.program(version))}: {why}"), {}
        found = find_notation(world.environ, world.processes)
    except NotationMissingError as error:
        return _wrong(name, group, error.message), {}
    except WorldError as error:
        return unjudged(name, group, error.message, kind=KIND, cause=Cause.WORLD), {}
    shown = f"{found.version}, {found.origin}: {world.shown(found.path)}"
    return _right(name, group, shown + (_pin_told(found) if version else "")), found.facts


def _changed(program: Path) -> str:
    """Why the program is not what was installed; nothing where it is."""
    receipt = read_receipt(program)
    if receipt is None:
        return "there is no receipt of its installation; install it again"
    if digest_of(program) != receipt.sha256:
        return "it was changed since it was installed; install it again"
    return ""


def _pin_told(found: FoundNotation) -> str:
    """Whether it came out of the release that is pinned, or was chosen by --sha256."""
    receipt = read_receipt(found.path)
    pinned = PINNED.get((found.version.numbers, this_platform()))
    if receipt is None or receipt.archive_sha256 == pinned:
        return ""
    return f" (archive {receipt.archive_sha256[:12]}, chosen with --sha256)"


def _plugins(folder: Path, world: World) -> list[Case]:
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    except OSError:
        names = []
    cases = [_plugin(name, folder, world) for name in names]
    if SIGNER_PLUGIN not in names:
        why = "is not installed; only AWS Signer needs it"
        cases.append(
            Case(name=SIGNER_PLUGIN, group="plugins", outcome=Outcome.SKIPPED, message=why)
        )
    return cases


def _plugin(name: str, folder: Path, world: World) -> Case:
    program = folder / name / f"notation-{name}"
    try:
        receipt = read_receipt(program)
        if receipt is not None and digest_of(program) != receipt.sha256:
            why = "it was changed since it was installed; install it again"
            return _wrong(name, "plugins", why)
        version = plugin_version(program, name, world)
    except NotTheProgramError as error:
        return _wrong(name, "plugins", str(error))
    except WorldError as error:
        return unjudged(name, "plugins", error.message, kind=KIND, cause=Cause.WORLD)
    return _right(name, "plugins", f"{version}: {world.shown(program)}")


def _trust_stores(configuration: Path) -> dict[str, int]:
    """How many certificates each trust store of AWS Signer in the user's configuration holds."""
    found = {}
    for name in AWS_STORES:
        folder = configuration / "truststore" / "x509" / "signingAuthority" / name
        try:
            found[name] = sum(path.is_file() for path in folder.iterdir())
        except OSError:
            continue
    return found


def _said(stores: dict[str, int]) -> str:
    if not stores:
        return "the user's notation configuration has no trust store of AWS Signer"
    counted = ", ".join(f"{name} ({number})" for name, number in stores.items())
    return f"trust stores of AWS Signer in the user's notation configuration: {counted}"


def _right(name: str, group: str, message: str) -> Case:
    return Case(name=name, group=group, outcome=Outcome.PASSED, message=message)


def _wrong(name: str, group: str, message: str) -> Case:
    return Case(name=name, group=group, outcome=Outcome.FAILED, kind=KIND, message=message)
