"""The log of the ``kyverno-notation-aws`` controller: which images it let in, and why not.

The sources are the messages of github.com/nirmata/kyverno-notation-verifier
(``verifier/verify.go``, in its versions since 2023), logged by zap: as columns with tabs (time,
level, caller, message), which is what the controller does, or as JSON. A log is the last resort:
reasons in it are text of a registry, which may hold anything.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.cluster.objects import shown_name
from buildsteps.steps.signing.inputs.document import decode
from buildsteps.steps.signing.inputs.interface import Input

VERIFIED, FAILED, SKIPPED = "verified", "failed", "skipped"

_STRUCT = r"\{\{(?P<fields>[^{}]*)\} [^{}]*\}"
"""An ``ImageInfo`` as Go prints it: ``{{registry name path tag digest} /spec/...}``."""

_IMAGE = rf"(?:{_STRUCT}|(?P<image>[^\s{{}};]+))"
_DIGEST = r"(?P<digest>sha256:[0-9a-f]{64})"
_REFUSED = (
    r"failed to verify (?:init |ephemeral )?container:? .*?"
    rf"failed to verify image {_IMAGE}: (?P<reason>.*)"
)
_MESSAGES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (outcome, re.compile(pattern))
    for outcome, pattern in (
        (FAILED, rf"verification failed for image {_IMAGE}: (?P<reason>.*)"),
        (FAILED, rf"[Vv]erification failed with error {_REFUSED}"),
        (FAILED, _REFUSED),
        (VERIFIED, rf"successfully verified image {_IMAGE} digest {_DIGEST}"),
        (VERIFIED, rf"Entry for the image found in(?: the)? cache, skipping image={_IMAGE}"),
        (VERIFIED, rf"Reference present in the annotation, skipping {_IMAGE}"),
        (SKIPPED, rf"Image reference has been skipped in the trust policy, image={_IMAGE}"),
    )
)
_PREFIX = r"(?:\[[^\]\t]*\] )?(?:\S+ (?:std(?:out|err) [FP] )?)?"
"""What ``kubectl logs --prefix --timestamps`` and a node's own log files put before a line."""

_JSON_LINE = re.compile(rf"{_PREFIX}(?=\{{)")
_CONSOLE_LINE = re.compile(
    rf"{_PREFIX}\S+[ \t]+(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL)[ \t]+"
    r"(?:\S+\.go:\d+[ \t]+)?(?P<message>.*)"
)
_LONGEST_REASON = 2000
_LONGEST_LINE = 65_536


class Admission(Struct, frozen=True, kw_only=True):
    """The latest word of the controller on an image.

    ``outcome`` is ``verified``, ``failed`` or ``skipped`` (by its trust policy); ``line`` is where
    it stands in the log, from 1.
    """

    reference: ImageReference
    outcome: str
    line: int
    digest: str = ""
    reason: str = ""


def read_admission_log(file: Input) -> tuple[Admission, ...]:
    """Give the latest word on each image, in the order in which images were first named.

    Lines of other programs are passed over, and nothing recognised gives nothing.

    Raises:
        UsageError: the log is not UTF-8, or binary.
    """
    found: dict[ImageReference, Admission] = {}
    for number, line in enumerate(decode(file.data, shown_name(file)).split("\n"), start=1):
        admission = _admission(line[:_LONGEST_LINE], number)
        if admission is not None:
            found[admission.reference] = admission
    return tuple(found.values())


def _admission(line: str, number: int) -> Admission | None:
    message = _message(line)
    for outcome, pattern in _MESSAGES:
        matched = pattern.match(message)
        reference = _reference(matched) if matched else None
        if matched is None or reference is None:
            continue
        parts = matched.groupdict()
        return Admission(
            reference=reference,
            outcome=outcome,
            line=number,
            digest=parts.get("digest") or reference.digest,
            reason=clipped(printable(parts.get("reason") or "").strip(), _LONGEST_REASON),
        )
    return None


def _message(line: str) -> str:
    """The message of a line; empty where it is none of zap's.

    Messages are matched from their beginning, so that what a registry wrote into a reason is
    never taken for a message of its own.
    """
    before = _JSON_LINE.match(line)
    if before is not None:
        entry = _json(line[before.end() :]) or {}
        told = (entry.get(key) for key in ("msg", "message", "M"))
        return next((one.strip() for one in told if isinstance(one, str)), "")
    found = _CONSOLE_LINE.match(line)
    return found["message"].strip() if found else ""


def _json(text: str) -> dict[str, Any] | None:
    try:
        entry = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _reference(matched: re.Match[str]) -> ImageReference | None:
    fields = matched["fields"]
    written = matched["image"] if fields is None else _from_struct(fields)
    try:
        return parse_reference((written or "").rstrip(",;"))
    except UsageError:
        return None


def _from_struct(fields: str) -> str:
    """Registry, name, path, tag and digest, with single spaces between; the last may be empty."""
    registry, _, path, tag, digest = [*fields.split(" "), "", "", "", "", ""][:5]
    name = f"{registry}/{path}" if registry else path
    return f"{name}@{digest}" if digest.startswith("sha256:") else f"{name}:{tag}" if tag else name
