"""Values as AWS's JSON protocols write them: blobs in base64, moments in seconds since 1970.

Source: Smithy's specification of ``aws.protocols#restJson1`` and ``awsJson1_1``.
"""

import base64
import binascii
import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from tests.loopback_aws.errors import ServiceError


def from_json(value: Any, shape: Any) -> Any:
    """Read a value; what does not fit the shape stays as it is, for validation to tell.

    Raises:
        ServiceError: SerializationException, where a blob or a moment cannot be read.
    """
    if value is None:
        return None
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind == "structure" and isinstance(value, dict):
        known = {_wire_name(member, name): name for name, member in shape.members.items()}
        return {
            known[wire]: from_json(member, shape.members[known[wire]])
            for wire, member in value.items()
            if wire in known and member is not None
        }
    if kind == "list" and isinstance(value, list):
        return [from_json(member, shape.member) for member in value]
    if kind == "map" and isinstance(value, dict):
        return {key: from_json(member, shape.value) for key, member in value.items()}
    if kind == "blob":
        return _blob(value)
    if kind == "timestamp":
        return moment(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
    return value


def to_json(value: Any, shape: Any) -> Any:
    """Write a value that was found valid."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return {
            _wire_name(shape.members[name], name): to_json(member, shape.members[name])
            for name, member in value.items()
            if member is not None
        }
    if kind == "list":
        return [to_json(member, shape.member) for member in value]
    if kind == "map":
        return {key: to_json(member, shape.value) for key, member in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return written_moment(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
    return value


def moment(value: Any, form: str) -> datetime.datetime:
    """Read a moment: ``unixTimestamp``, ``iso8601`` or ``rfc822``.

    Raises:
        ServiceError: SerializationException, where it is none.
    """
    try:
        if form == "unixTimestamp":
            return datetime.datetime.fromtimestamp(float(value), datetime.UTC)
        if form == "rfc822":
            return parsedate_to_datetime(value)
        read = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ServiceError("SerializationException", f"{value!r} is no timestamp") from error
    return read if read.tzinfo else read.replace(tzinfo=datetime.UTC)


def written_moment(value: datetime.datetime, form: str) -> float | str:
    """Write a moment in one of these forms."""
    if form == "unixTimestamp":
        return round(value.timestamp(), 3)
    if form == "rfc822":
        return format_datetime(value.astimezone(datetime.UTC), usegmt=True)
    return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise ServiceError("SerializationException", "a blob is no base64") from error


def _wire_name(member: Any, name: str) -> str:
    written: str = member.serialization.get("name", name)
    return written
