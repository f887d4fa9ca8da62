"""``rest-xml``, as S3 speaks it with the bucket in the path; a payload is a blob."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.json_values import written_moment
from tests.loopback_aws.protocols.interface import Answer, Request
from tests.loopback_aws.protocols.rest_json import RestJson, labels_of, located

XML = {"Content-Type": "application/xml"}


class RestXml(RestJson):
    """S3's protocol: what the query says (``?list-type=2``) belongs to the operation's name."""

    def operation(self, model: Any, request: Request) -> tuple[str, Mapping[str, str]]:
        """Match method, path and the query that the model writes out; the longest query wins."""
        found = []
        for name in model.operation_names:
            http = model.operation_model(name).http
            path, _, query = http["requestUri"].partition("?")
            asked = parse_qsl(query, keep_blank_values=True)
            labels = labels_of(path, request.path)
            if http["method"] != request.method or labels is None:
                continue
            needs = _told_outside_the_path(model.operation_model(name).input_shape)
            if all(value in request.query.get(key, ()) for key, value in asked) and all(
                wire in request.query or wire.lower() in request.headers for wire in needs
            ):
                found.append((len(asked), -path.count("{"), name, labels))
        if not found:
            raise ServiceError("MethodNotAllowed", f"{request.method} {request.path}", 405)
        _, _, name, labels = max(found, key=lambda one: one[:2])
        return name, {key: unquote(value) for key, value in labels.items()}

    def parameters(self, shape: Any, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
        """Collect the members; the payload is the body as it is."""
        read: dict[str, Any] = {}
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            value = located(member, wire, request, labels)
            if value is not None:
                read[name] = value
        payload = shape.serialization.get("payload")
        return read | ({payload: request.body} if payload and request.body else {})

    def answer(self, operation: Any, result: Mapping[str, Any]) -> Answer:
        """Write the payload, or the members as XML."""
        shape = operation.output_shape
        payload = shape.serialization.get("payload") if shape else None
        headers = {}
        for name, value in result.items():
            serialization = shape.members[name].serialization
            if serialization.get("location") == "header":
                headers[serialization.get("name", name)] = str(value)
        if payload:
            return Answer(200, headers, result[payload])
        root = ElementTree.Element(shape.name.removesuffix("Output") if shape else "Result")
        for name, value in result.items():
            if shape.members[name].serialization.get("location") is None:
                _append(root, name, value, shape.members[name])
        return Answer(200, XML | headers, ElementTree.tostring(root))

    def error(self, code: str, message: str, status: int, request_id: str) -> Answer:
        """Write code and message as S3 does."""
        root = ElementTree.Element("Error")
        for name, text in (("Code", code), ("Message", message), ("RequestId", request_id)):
            ElementTree.SubElement(root, name).text = text
        return Answer(status, XML, ElementTree.tostring(root))


def _told_outside_the_path(shape: Any) -> list[str]:
    """Required headers and query values, without which it is another operation (CopyObject)."""
    return [
        member.serialization.get("name", name)
        for name, member in (shape.members if shape else {}).items()
        if name in shape.required_members
        and member.serialization.get("location") in ("header", "querystring")
    ]


def _append(parent: ElementTree.Element, name: str, value: Any, shape: Any) -> None:
    if shape.type_name == "list":
        for one in value:
            _append(parent, name, one, shape.member)
        return
    element = ElementTree.SubElement(parent, name)
    if shape.type_name == "structure":
        for inner, one in value.items():
            _append(element, inner, one, shape.members[inner])
    elif shape.type_name == "timestamp":
        element.text = str(written_moment(value, "iso8601"))
    elif shape.type_name == "boolean":
        element.text = str(value).lower()
    else:
        element.text = str(value)
