"""The services of the loopback AWS without a network: by the same models, at once.

For tests of what is asked and what comes of the answer; retries and the wire are those of botocore
and have tests of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import field

from buildsteps.world.aws import AccessDeniedError, AwsError
from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope
from tests.loopback_aws.validation import violations
from tests.world_double import ScriptedAws


class InProcessAws(ScriptedAws):
    """AWS as a step calls it, answered by handlers; ``failing`` operations give an error."""

    services: dict[str, Service] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)

    @classmethod
    def of(cls, *services: Service, **failing: Exception) -> "InProcessAws":
        """AWS with these services."""
        return cls(services={one.name: one for one in services}, failing=failing)

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Validate the request, let the handler answer, and hold the answer to the model."""
        self.calls.append((f"{service}:{operation}", request, region))
        if operation in self.failing:
            raise self.failing[operation]
        model = self.services[service].model.operation_model(operation)
        _check(violations(request, model.input_shape, strict=True))
        scope = Scope("key", region, service, "")
        try:
            answer = dict(self.services[service].handlers[operation](request, scope))
        except ServiceError as error:
            kind = AccessDeniedError if "AccessDenied" in error.code else AwsError
            raise kind(f"{service}:{operation}: {error}", error.code, error.message) from None
        _check(violations(answer, model.output_shape, strict=True))
        return answer

    def pages(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Follow ``nextToken``."""
        token: dict[str, str] = {}
        while True:
            answer = self.call(service, operation, {**request, **token}, region=region)
            yield answer
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}

    def asked(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(name.endswith(f":{operation}") for name, _, _ in self.calls)


def _check(wrong: list[str]) -> None:
    if wrong:
        raise AssertionError("; ".join(wrong))
