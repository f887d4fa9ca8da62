"""What a server-side dry run answered: what the cluster would admit, and what its webhooks deny.

The source is ``kubectl apply --dry-run=server``, with ``-o json`` or without; its standard error
may stand in the same file. A denial reads ``admission webhook "NAME" denied the request: ...``, or
``ValidatingAdmissionPolicy 'NAME' with binding 'NAME' denied request: ...``.
"""

import re
from typing import Any

from msgspec import Struct

from buildsteps.image_reference import ImageReference
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.cluster.objects import (
    named,
    opened,
    read_objects,
    shown_name,
    text,
)
from buildsteps.steps.signing.cluster.policy_report import images_in
from buildsteps.steps.signing.inputs.document import decode
from buildsteps.steps.signing.inputs.interface import Input

_LONGEST = 4000
_ERROR = re.compile(r"^(?:Error from server|error:|Unable to connect|The .* is invalid)")
_DENIED = re.compile(
    r"(?:admission webhook \"(?P<webhook>[^\"]*)\""
    r"|(?P<policy>ValidatingAdmissionPolicy '[^']*').*?)"
    r" denied (?:the )?request",
    re.DOTALL,
)
_BLOCKED = re.compile(r"resource (?P<kind>[A-Za-z]+)/(?P<name>\S+) was blocked")
_ASIDE = re.compile(r"^(?:Warning: |[WIE]\d{4} )")
"""A warning of the server, or a line of kubectl's own log."""

_CREATED = re.compile(
    r"^(?P<name>[a-z0-9.]+/\S+) (?:created|configured|unchanged|serverside-applied) "
    r"\(server dry run\)$"
)


class Answer(Struct, frozen=True, kw_only=True):
    """The answer for one object: ``admitted``, or ``denied`` by ``webhook``, or else no answer.

    ``message`` is the text of the server; ``images`` are those that it names.
    """

    resource: str
    admitted: bool = False
    denied: bool = False
    webhook: str = ""
    message: str = ""
    images: tuple[ImageReference, ...] = ()


def read_dry_run(file: Input) -> tuple[Answer, ...]:
    """Give the answers, in the order of the file: JSON, kubectl's lines, or both.

    Raises:
        UsageError: it is not UTF-8, or there is JSON in it that is cut off.
    """
    told = decode(file.data, shown_name(file))
    if not told.strip():
        return ()
    lines, structured = _parted(told.split("\n"))
    answers = [_of_error(block) if _ERROR.match(block) else _of_line(block) for block in lines]
    objects = []
    if structured.strip():
        objects = read_objects(Input(file.path, structured.encode(), file.shown))
    of_objects = [_of_object(one) for value in objects for one in opened(value)]
    return tuple(one for one in [*of_objects, *answers] if one is not None)


def _parted(lines: list[str]) -> tuple[list[str], str]:
    """Set kubectl's messages, of one line or more, apart from JSON or YAML."""
    blocks: list[str] = []
    structured: list[str] = []
    in_error = False
    for line in lines:
        if _ASIDE.match(line):
            continue
        is_message = bool(_ERROR.match(line) or _CREATED.match(line))
        if is_message:
            blocks.append(line)
            in_error = bool(_ERROR.match(line))
        elif in_error and not line.startswith(("{", "apiVersion:", "---")):
            blocks[-1] += f"\n{line}" if len(blocks[-1]) < _LONGEST else ""
        else:
            in_error = False
            structured.append(line)
    return blocks, "\n".join(structured)


def _of_line(line: str) -> Answer | None:
    found = _CREATED.match(line)
    return Answer(resource=printable(found["name"]), admitted=True) if found else None


def _of_error(block: str) -> Answer:
    block = block[:_LONGEST]
    message = clipped(printable(block, multiline=True).strip(), _LONGEST)
    denied = _DENIED.search(block)
    blocked = _BLOCKED.search(block)
    resource = f"{blocked['kind']} {printable(blocked['name'])}" if blocked else "the manifests"
    webhook = (denied["webhook"] or denied["policy"] or "") if denied else ""
    return Answer(
        resource=clipped(resource, 200),
        denied=denied is not None,
        webhook=clipped(printable(webhook), 200),
        message=message,
        images=images_in(message),
    )


def _of_object(value: dict[str, Any]) -> Answer | None:
    if text(value, "kind") == "Status":
        message = value.get("message")
        failed = text(value, "status") == "Failure" and isinstance(message, str)
        return _of_error(str(message)) if failed else None
    if not text(value, "kind") or not text(value, "apiVersion"):
        return None
    return Answer(resource=named(value), admitted=True)
