"""``json``: every operation is POST / with its name in ``X-Amz-Target`` and JSON as the body."""

import json
from collections.abc import Mapping
from typing import Any

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.json_values import from_json, to_json
from tests.loopback_aws.protocols.interface import Answer, Request


class JsonRpc:
    """The protocol of ECR (JSON 1.1) and Verified Permissions (JSON 1.0)."""

    def operation(self, model: Any, request: Request) -> tuple[str, Mapping[str, str]]:
        """Take the name behind the model's target prefix."""
        prefix, _, name = request.headers.get("x-amz-target", "").partition(".")
        known = prefix == model.metadata["targetPrefix"] and name in model.operation_names
        if request.method != "POST" or request.path != "/" or not known:
            raise ServiceError("UnknownOperationException", "no such target", 400)
        return name, {}

    def parameters(self, shape: Any, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
        """Read the body."""
        try:
            document = json.loads(request.body)
        except ValueError as error:
            raise ServiceError("SerializationException", "the body is no JSON") from error
        if not isinstance(document, dict):
            raise ServiceError("SerializationException", "the body is no JSON object")
        read: dict[str, Any] = from_json(document, shape) if shape else {}
        return read

    def answer(self, operation: Any, result: Mapping[str, Any]) -> Answer:
        """Write the result as the body."""
        document = to_json(result, operation.output_shape) if operation.output_shape else {}
        version = operation.service_model.metadata.get("jsonVersion", "1.1")
        content_type = f"application/x-amz-json-{version}"
        return Answer(200, {"Content-Type": content_type}, json.dumps(document).encode())

    def error(self, code: str, message: str, status: int, request_id: str) -> Answer:
        """Write code and message into the body; what is the client's fault is 400, not 403."""
        body = json.dumps({"__type": code, "message": message}).encode()
        headers = {"Content-Type": _TYPE, "x-amzn-RequestId": request_id}
        return Answer(status if status >= 500 else 400, headers, body)


_TYPE = "application/x-amz-json-1.1"
