"""Answers of GetFindings from files, as ``aws codeguru-security get-findings`` prints them."""

import re
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec
from msgspec import inspect

from buildsteps.errors import UsageError
from buildsteps.json_document import parse_all
from buildsteps.reporting.text import counted
from buildsteps.results import Location
from buildsteps.steps.scan.codeguru.answers import Answer
from buildsteps.typed import expected
from buildsteps.world import World
from buildsteps.yaml_document import Node

LIMIT = 512 * 1024 * 1024
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HINT = "`aws codeguru-security get-findings --scan-name NAME` prints what is meant"


def saved_answers(paths: Sequence[str], world: World) -> list[Answer]:
    """Read all files; several may be the pages of one answer, in their order.

    Raises:
        UsageError: one is no such answer, with its place, or the last one is not the last page.
    """
    answers = [_saved_answer(path, world) for path in paths]
    if answers and answers[-1].has_more:
        raise UsageError(
            "there are more findings than this file holds, as its nextToken says: save them all, "
            "without --no-paginate and --max-items, or name the next page after it",
            Location(path=world.shown(world.path(paths[-1]))),
        )
    return answers


def _saved_answer(path: str, world: World) -> Answer:
    text = world.files.read_text(world.path(path), LIMIT)
    shown = world.shown(world.path(path))
    if not text.strip():
        raise UsageError(f"is empty; {_HINT}", Location(path=shown))
    try:
        answer = msgspec.json.decode(text.encode(), type=Answer)
    except (msgspec.DecodeError, RecursionError) as error:
        _refuse(text, shown, error)
    for number, finding in enumerate(answer.findings):
        if not finding.is_named:
            node = _walked(_document(text, shown), f"$.findings[{number}]")[0]
            raise UsageError(
                f"is no finding of CodeGuru Security: it names neither rule nor detector; {_HINT}",
                node.location,
            )
    if answer.failed_findings:
        raise UsageError(
            f"{counted(len(answer.failed_findings), 'finding')} could not be fetched when it was "
            "saved (`failedFindings`)",
            Location(path=shown),
        )
    return answer


def _refuse(text: str, shown: str, error: Exception) -> NoReturn:
    """Say where the file is not what it should be.

    Raises:
        UsageError: always.
    """
    document = _document(text, shown)
    found = re.search(r" - at `(\$[^`]*)`", str(error))
    node, info = _walked(document, found[1] if found else "$")
    if isinstance(node.value, dict) and "missing required field" in str(error):
        what = f"is no answer of GetFindings: it has no `findings`; {_HINT}"
    elif isinstance(error, msgspec.ValidationError):
        what = f"expected {expected(info)}, found {node.found()}; {_HINT}"
    else:
        what = f"cannot be read as JSON; {_HINT}"
    raise UsageError(what, node.location) from None


def _document(text: str, shown: str) -> Node:
    """The one document of a file.

    Raises:
        UsageError: there is not exactly one, or it is not valid.
    """
    documents = parse_all(text, shown)
    if len(documents) != 1:
        raise UsageError(
            f"holds {len(documents):,} JSON documents instead of one", documents[1].location
        )
    return documents[0]


def _walked(document: Node, path: str) -> tuple[Node, inspect.Type]:
    """The value and its type at a path of msgspec's, such as ``$.findings[3].ruleId``."""
    node: Node = document
    info: inspect.Type = inspect.type_info(Answer)
    for step in _STEP.finditer(path):
        name, number = step.groups()
        value: Any = node.value
        below = value.get(name) if name else value[int(number)]
        if below is None:
            break
        node, info = below, _below(info, name or "")
    return node, info


def _below(info: inspect.Type, name: str) -> inspect.Type:
    members = info.types if isinstance(info, inspect.UnionType) else (info,)
    for member in members:
        if isinstance(member, inspect.ListType):
            return member.item_type
        if isinstance(member, inspect.StructType):
            return next(field.type for field in member.fields if field.encode_name == name)
    return info
