"""Answers of AWS that were saved, as the AWS CLI prints them (``--saved``).

An answer does not say which operation it is of, so it is told by its members.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.scan.engines.json_file import object_in
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world import World
from buildsteps.world.aws import AwsError

_OPERATIONS = {
    "ecr": "ecr:DescribeImageScanFindings",
    "inspector": "inspector-scan:ScanSbom",
    "inspector-code": "inspector2:ListFindings",
    "codeguru": "codeguru-security:GetFindings",
}


class Saved(Struct, frozen=True):
    """One saved answer; ``path`` is its file, as we show paths."""

    path: str
    answer: Mapping[str, Any]


def saved_for(engine: str, options: ScanOptions, world: World) -> list[Saved]:
    """The saved answers that are for this engine; empty if none was given at all.

    Raises:
        UsageError: a file cannot be read, is no such answer, or is only a part of one.
    """
    asked = {engine, *options.engine}
    found = []
    for text in dict.fromkeys(options.saved):
        path = world.path(text)
        if not path.exists():
            raise UsageError(f"--saved {text} is not there")
        shown = world.shown(path)
        answer = object_in(world.files.read_text(path), shown)
        meant = engines_of(answer)
        _check(meant, asked, shown)
        if engine in meant:
            _check_whole(answer, shown)
            found.append(Saved(shown, answer))
    if options.saved and not found:
        raise UsageError(f"no --saved FILE is an answer of {_OPERATIONS[engine]}")
    return found


def engines_of(answer: Mapping[str, Any]) -> frozenset[str]:
    """The engines that an answer can be of; several where it is empty."""
    if "imageScanFindings" in answer or "imageScanStatus" in answer:
        return frozenset({"ecr"})
    if isinstance(answer.get("sbom"), dict) or answer.get("bomFormat") == "CycloneDX":
        return frozenset({"inspector"})
    findings = answer.get("findings")
    if not isinstance(findings, list):
        return frozenset()
    if not findings:
        return frozenset({"inspector-code", "codeguru"})
    first = findings[0]
    arn = isinstance(first, dict) and "findingArn" in first
    return frozenset({"inspector-code" if arn else "codeguru"})


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """Tell what is wrong with an answer as a mistake of the file that it was saved in."""
    try:
        yield
    except AwsError as error:
        raise UsageError(error.message, Location(path)) from None


def _check(meant: frozenset[str], asked: set[str], path: str) -> None:
    if meant & asked:
        return
    if not meant:
        known = ", ".join(_OPERATIONS[name] for name in _OPERATIONS if name in asked)
        raise UsageError(f"is no answer of {known}", Location(path))
    other = min(meant)
    raise UsageError(
        f"is an answer of {_OPERATIONS[other]}; --engine {other} judges it", Location(path)
    )


def _check_whole(answer: Mapping[str, Any], path: str) -> None:
    if answer.get("nextToken") or answer.get("NextToken"):
        raise UsageError(
            "holds only a part of the answer (nextToken): save it whole", Location(path)
        )
