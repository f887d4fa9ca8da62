"""``rest-json``: the operation stands in method and path, parameters in path, query and body."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.json_values import from_json, moment, to_json
from tests.loopback_aws.protocols.interface import Answer, Request


class RestJson:
    """Signer's protocol."""

    def operation(self, model: Any, request: Request) -> tuple[str, Mapping[str, str]]:
        """Match method and path against the model's, those with the fewest placeholders first."""
        names = sorted(model.operation_names, key=lambda name: _uri(model, name).count("{"))
        for name in names:
            if model.operation_model(name).http["method"] != request.method:
                continue
            found = labels_of(_uri(model, name), request.path)
            if found is not None:
                return name, {key: unquote(value) for key, value in found.items()}
        raise ServiceError("UnknownOperationException", f"{request.method} {request.path}")

    def parameters(self, shape: Any, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
        """Collect the members from where the model puts each."""
        if shape is None:
            return {}
        read = _body(shape, request.body)
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            found = located(member, wire, request, labels)
            if found is not None:
                read[name] = found
        return read

    def answer(self, operation: Any, result: Mapping[str, Any]) -> Answer:
        """Write the members of the body, with the operation's status."""
        status = operation.http.get("responseCode", 200)
        headers = {"Content-Type": "application/json"}
        shape = operation.output_shape
        document = to_json(result, shape) if shape else {}
        for name, member in (shape.members if shape else {}).items():
            assert member.serialization.get("location") is None, f"{name} stands outside the body"
        return Answer(status, headers, json.dumps(document).encode())

    def error(self, code: str, message: str, status: int, request_id: str) -> Answer:
        """Write the code as a header, the message as the body."""
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        body = json.dumps({"code": code, "message": message}).encode()
        return Answer(status, headers | {"x-amzn-RequestId": request_id}, body)


def _uri(model: Any, name: str) -> str:
    uri: str = model.operation_model(name).http["requestUri"]
    return uri.partition("?")[0]


def labels_of(uri: str, path: str) -> dict[str, str] | None:
    """What stands in a path where the model has placeholders; None where it is another path."""
    found = re.fullmatch(_pattern(uri), path)
    return found.groupdict() if found else None


def _pattern(uri: str) -> str:
    """Turn ``/a/{b}/{c+}`` into a pattern with named groups."""
    pattern = ""
    for part in re.split(r"(\{\w+\+?\})", uri):
        if part.startswith("{"):
            greedy = part.endswith("+}")
            pattern += f"(?P<{part.strip('{+}')}>{'.+' if greedy else '[^/]+'})"
        else:
            pattern += re.escape(part)
    return pattern


def _body(shape: Any, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ServiceError("SerializationException", "the body is no JSON") from error
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "the body is no JSON object")
    read: dict[str, Any] = from_json(document, shape)
    inside = {
        name for name, member in shape.members.items() if "location" not in member.serialization
    }
    return {name: value for name, value in read.items() if name in inside}


def located(member: Any, wire: str, request: Request, labels: Mapping[str, str]) -> Any:
    """A member that stands in path, headers or query; None where it stands in none of them."""
    location = member.serialization.get("location")
    if location == "uri":
        return _scalar(labels[wire], member, "iso8601")
    if location == "header" and wire.lower() in request.headers:
        return _scalar(request.headers[wire.lower()], member, "rfc822")
    if location == "querystring" and wire in request.query:
        values = request.query[wire]
        if member.type_name == "list":
            return [_scalar(value, member.member, "iso8601") for value in values]
        return _scalar(values[-1], member, "iso8601")
    return None


def _scalar(text: str, shape: Any, moments: str) -> Any:
    """Read what stands outside the body: text, whatever the type."""
    if shape.type_name in {"integer", "long"} and re.fullmatch(r"-?\d+", text):
        return int(text)
    if shape.type_name == "boolean" and text in {"true", "false"}:
        return text == "true"
    if shape.type_name == "timestamp":
        return moment(text, shape.serialization.get("timestampFormat", moments))
    return text
