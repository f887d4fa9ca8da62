"""Which scenario is meant: a file's, one of ``buildsteps.yaml``, or AWS's sample payload."""

from pathlib import Path

from msgspec import Struct

from buildsteps import json_document, yaml_document
from buildsteps.effective import load_configuration
from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.world import World
from buildsteps.yaml_document import Node

SAMPLE_FILE = "startTestPayload.json"
"""What AWS's sample pipeline calls the body it posts."""

_SCRIPTS = (".py", ".jmx", ".js", ".ts", ".zip")
_LIMIT = 16 * 1024 * 1024
_SECTION = ("loadtest", "scenarios")


class Chosen(Struct, frozen=True):
    """A scenario's node, the name it has where it names none, and what its paths start from."""

    node: Node
    name: str
    folder: Path


def choose(options: LoadtestOptions, world: World) -> Chosen:
    """Find the scenario that is meant.

    Raises:
        UsageError: there is none, several could be meant, or its file cannot be read.
    """
    given = options.scenario
    if given in options.scenarios:
        return _configured(given, options, world)
    if given:
        path = world.path(given)
        if not path.exists() and not _looks_like_a_path(given):
            names = _listed(options)
            hint = suggestion(given, options.scenarios) or names
            raise UsageError(f"there is no file and no scenario `{given}`.{hint}")
        return _own_file(path, world)
    if len(options.scenarios) == 1:
        return _configured(next(iter(options.scenarios)), options, world)
    if options.scenarios:
        raise UsageError(f"which scenario is to run?{_listed(options)}")
    if world.path(SAMPLE_FILE).is_file():
        return _own_file(world.path(SAMPLE_FILE), world)
    raise UsageError(
        "no scenario is given: name its file, or write it into buildsteps.yaml under "
        "`loadtest: scenarios:`"
    )


def _listed(options: LoadtestOptions) -> str:
    names = ", ".join(f"`{name}`" for name in options.scenarios)
    return f" Known are {names}." if names else ""


def _looks_like_a_path(text: str) -> bool:
    return "/" in text or "." in text


def _configured(name: str, options: LoadtestOptions, world: World) -> Chosen:
    """The node in the configuration file: the options have the value without its places."""
    file = load_configuration(options.config, world)
    node = file.find((*_SECTION, name)) if file is not None else None
    if file is None or node is None:
        raise UsageError(f"the scenario `{name}` is not in the configuration file any more")
    return Chosen(node, name, file.path.parent)


def _own_file(path: Path, world: World) -> Chosen:
    shown = world.shown(path)
    if path.suffix.lower() in _SCRIPTS:
        raise UsageError(
            f"is a script, no scenario: write a scenario that names it, with `script: {path.name}`",
            Location(path=shown),
        )
    text = world.files.read_text(path, _LIMIT)
    if path.suffix.lower() == ".json":
        documents = json_document.parse_all(text, shown)
    else:
        found = yaml_document.parse(text, shown)
        documents = [] if found is None else [found]
    if not documents or documents[0].value is None:
        raise UsageError("holds no scenario: it is empty", Location(path=shown))
    if len(documents) > 1:
        raise UsageError("holds more than one document", documents[1].location)
    node = documents[0]
    if not isinstance(node.value, dict):
        raise UsageError(f"expected a scenario, found {node.found()}", node.location)
    return Chosen(node, path.stem, path.parent)
