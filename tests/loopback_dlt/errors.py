"""The two who refuse: the solution's own code, and API Gateway before it."""


class ApiError(Exception):
    """What the solution's code refuses: its body is one JSON string."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


class GatewayError(Exception):
    """What API Gateway refuses before the solution sees it: its body has a ``message``."""

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind


def unknown_route() -> GatewayError:
    """API Gateway's answer to a path that it does not have."""
    return GatewayError(403, "Missing Authentication Token", "MissingAuthenticationTokenException")
