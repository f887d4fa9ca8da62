"""PolicyReports: what the policy engine of a cluster says of its objects.

The sources are the ``PolicyReport`` of wgpolicyk8s.io (v1alpha1, v1alpha2, v1beta1) and the
``Report`` of openreports.io, which call some fields differently: ``status`` or ``result``,
``message`` or ``description``, ``resources`` or ``subjects``; all are read.
"""

from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.cluster.objects import below, mappings, read_objects, text, words
from buildsteps.steps.signing.inputs.interface import Input

GROUPS = ("wgpolicyk8s.io/", "openreports.io/")
KINDS = ("PolicyReport", "ClusterPolicyReport", "Report", "ClusterReport")
RESULTS = ("pass", "fail", "warn", "error", "skip")

_LONGEST_MESSAGE = 2000
_AROUND = "\"'`()[]{}<>,;:.!"


class PolicyResult(Struct, frozen=True, kw_only=True):
    """One result for one resource.

    ``result`` is one of ``RESULTS``, or as it stands if it is none. ``images`` are those that the
    message names, ``scored`` is false where the policy asks not to be counted.
    """

    policy: str
    rule: str
    result: str
    resource: str
    message: str = ""
    images: tuple[ImageReference, ...] = ()
    scored: bool = True


class PolicyReports(Struct, frozen=True):
    """What a file holds: the number of reports, and their results in order."""

    reports: int
    results: tuple[PolicyResult, ...]


def read_policy_reports(file: Input) -> PolicyReports:
    """Read PolicyReports, JSON or YAML, one or many; other objects are left out.

    Raises:
        UsageError: the file is neither JSON nor YAML.
    """
    reports = [one for one in read_objects(file) if _is_report(one)]
    results = (
        result
        for report in reports
        for entry in mappings(report, "results")
        for result in _results(report, entry)
    )
    return PolicyReports(len(reports), tuple(results))


def _is_report(value: dict[str, Any]) -> bool:
    return text(value, "kind") in KINDS and text(value, "apiVersion").startswith(GROUPS)


def _results(report: dict[str, Any], entry: dict[str, Any]) -> list[PolicyResult]:
    """A result for each resource that the entry, or else the whole report, is about."""
    resources = mappings(entry, "resources") or mappings(entry, "subjects")
    scope = below(report, "scope")
    subjects = resources or ([scope] if isinstance(scope, dict) else [{}])
    told = below(entry, "message") or below(entry, "description")
    message = printable(told, multiline=True) if isinstance(told, str) else ""
    return [
        PolicyResult(
            policy=text(entry, "policy"),
            rule=text(entry, "rule"),
            result=(text(entry, "result") or text(entry, "status")).lower(),
            resource=_resource(subject, report),
            message=clipped(message.strip(), _LONGEST_MESSAGE),
            images=images_in(message),
            scored=below(entry, "scored") is not False,
        )
        for subject in subjects
    ]


def _resource(subject: dict[str, Any], report: dict[str, Any]) -> str:
    kind, name = text(subject, "kind"), text(subject, "name")
    if not kind and not name:
        return words(text(report, "kind"), "", text(report, "metadata", "name"))
    namespace = text(subject, "namespace") or text(report, "metadata", "namespace")
    return words(kind, namespace, name)


def images_in(message: str) -> tuple[ImageReference, ...]:
    """The images that a sentence names: with a registry that is a host, so that no path is one."""
    found: dict[ImageReference, None] = {}
    for word in message[:_LONGEST_MESSAGE].replace(",", " ").split():
        bare = word.strip(_AROUND)
        host, slash, _ = bare.partition("/")
        if not slash or not ("." in host or ":" in host or host == "localhost"):
            continue
        try:
            found[parse_reference(bare)] = None
        except UsageError:
            continue
    return tuple(found)
