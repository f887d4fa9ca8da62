"""A service as its model has it, and the functions that stand behind its operations."""

from collections.abc import Callable, Mapping
from typing import Any

import botocore.session
from msgspec import Struct

from tests.loopback_aws.errors import COMMON, ImpossibleAnswerError, ServiceError
from tests.loopback_aws.protocols.interface import Answer, Request, WireProtocol
from tests.loopback_aws.protocols.json_rpc import JsonRpc
from tests.loopback_aws.protocols.rest_json import RestJson
from tests.loopback_aws.protocols.rest_xml import RestXml
from tests.loopback_aws.sigv4 import Scope
from tests.loopback_aws.validation import violations

PROTOCOLS: Mapping[str, WireProtocol] = {
    "rest-json": RestJson(),
    "json": JsonRpc(),
    "rest-xml": RestXml(),
}
"""By botocore's names; further ones go here."""

_SESSION = botocore.session.get_session()


class Call(Struct, frozen=True):
    """One request that was understood: what was asked, by whom, where, under which host name."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    scope: Scope
    host: str


Handler = Callable[[Mapping[str, Any], Scope], Mapping[str, Any]]
"""Takes the parameters and who asked; gives the result, or raises :class:`ServiceError`."""


class Service:
    """One service of the loopback AWS; ``name`` is botocore's, such as ``ecr``."""

    def __init__(self, name: str, handlers: Mapping[str, Handler]) -> None:
        self.model = _SESSION.get_service_model(name)
        self.name = name
        self.protocol = PROTOCOLS[self.model.metadata["protocol"]]
        unknown = set(handlers) - set(self.model.operation_names)
        assert not unknown, f"{name} has no operation {', '.join(sorted(unknown))}"
        self.handlers = dict(handlers)

    @property
    def signing_name(self) -> str:
        """As requests to it are signed."""
        return str(self.model.signing_name)

    def read(self, request: Request, scope: Scope) -> Call:
        """Understand a request, without validating it.

        Raises:
            ServiceError: the operation is unknown, or the parameters cannot be read.
        """
        name, labels = self.protocol.operation(self.model, request)
        shape = self.model.operation_model(name).input_shape
        parameters = self.protocol.parameters(shape, request, labels)
        return Call(self.name, name, parameters, scope, request.host)

    def perform(self, call: Call) -> Answer:
        """Validate the parameters, let the handler work, and write a result that the model allows.

        Raises:
            ServiceError: the request is wrong, or the handler says so.
            ImpossibleAnswerError: there is no handler, or its answer breaks the model.
        """
        operation = self.model.operation_model(call.operation)
        self._validate(operation, call.parameters)
        handler = self.handlers.get(call.operation)
        if handler is None:
            raise ImpossibleAnswerError(f"nothing stands behind {self.name}:{call.operation}")
        result = handler(call.parameters, call.scope)
        wrong = (
            violations(result, operation.output_shape, strict=True)
            if (operation.output_shape)
            else list(result)
        )
        if wrong:
            raise ImpossibleAnswerError(f"{self.name}:{call.operation}: {'; '.join(wrong)}")
        return self.protocol.answer(operation, result)

    def _validate(self, operation: Any, parameters: Mapping[str, Any]) -> None:
        if operation.input_shape is None:
            return
        wrong = violations(parameters, operation.input_shape)
        if wrong:
            codes = [shape.name for shape in operation.error_shapes]
            own = ("ValidationException", "InvalidParameterException")
            code = next((code for code in own if code in codes), own[0])
            errors = "error" if len(wrong) == 1 else "errors"
            said = f"{len(wrong)} validation {errors} detected: {'; '.join(wrong)}"
            raise ServiceError(code, said)

    def error(self, error: ServiceError, operation: str, request_id: str) -> Answer:
        """Write an error that the model of the operation names, or any service may give.

        Raises:
            ImpossibleAnswerError: neither knows it.
        """
        status = error.status or self._status(error.code, operation)
        return self.protocol.error(error.code, error.message, status, request_id)

    def _status(self, code: str, operation: str) -> int:
        shapes = self.model.operation_model(operation).error_shapes if operation else []
        for shape in shapes:
            if shape.name == code:
                told = shape.metadata.get("error", {}).get("httpStatusCode")
                return int(told or (500 if shape.metadata.get("fault") else 400))
        if code not in COMMON:
            raise ImpossibleAnswerError(f"{self.name}:{operation} knows no error {code}")
        return COMMON[code]
