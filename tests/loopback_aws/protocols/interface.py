"""A protocol of AWS: how a request names its operation and carries its parameters."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct, field


class Request(Struct, frozen=True):
    """What came over HTTP; ``query`` has each value of each name, ``headers`` lower-case names.

    ``target`` is path and query as they were written.
    """

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = ""
    target: str = ""


class Answer(Struct, frozen=True):
    """What goes back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class WireProtocol(Protocol):
    """The protocol of one service; ``model`` is botocore's ``ServiceModel`` throughout."""

    def operation(self, model: Any, request: Request) -> tuple[str, Mapping[str, str]]:
        """Name the operation, and give what the path says of its parameters.

        Raises:
            ServiceError: UnknownOperationException.
        """

    def parameters(self, shape: Any, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
        """Read the parameters by the operation's input shape; not validated yet.

        Raises:
            ServiceError: SerializationException.
        """

    def answer(self, operation: Any, result: Mapping[str, Any]) -> Answer:
        """Write a result that was found valid."""

    def error(self, code: str, message: str, status: int, request_id: str) -> Answer:
        """Write an error."""
