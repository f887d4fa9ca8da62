"""What a service answers when it does not do what it was asked."""


class ServiceError(Exception):
    """An error that the client gets: its code (such as ``AccessDeniedException``) and message.

    ``status`` is that of the HTTP answer; None takes the one of the service's model. Codes that
    every service knows and no model names are in :data:`COMMON`.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


COMMON = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403,
    "InternalFailure": 500,
    "SerializationException": 400,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
    "ThrottlingException": 400,
    "UnknownOperationException": 404,
    "ValidationException": 400,
}
"""Errors of any operation (AWS's "Common Errors") with their usual status."""


class ImpossibleAnswerError(AssertionError):
    """A handler gave what the model forbids: real AWS could not answer so, so the test is wrong."""
