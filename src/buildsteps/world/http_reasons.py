"""Why there was no answer: the many exceptions of requests and urllib3 as one sentence."""

import ssl
from collections.abc import Iterator

from buildsteps.world.http import HttpError, NotTlsError, without_query

_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")


def told(error: BaseException, url: str) -> HttpError:
    """Give the error that says what happened at ``url``."""
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    place = without_query(url)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls_error(cause, place)
    if "ProxyError" in names:
        return HttpError(f"{place}: the proxy does not let us through: {_reason(causes)}", url)
    if names & {"ReadTimeout", "ReadTimeoutError", "ConnectTimeout", "ConnectTimeoutError"}:
        return HttpError(f"{place} did not answer in time", url)
    if "NameResolutionError" in names:
        return HttpError(f"{place} cannot be reached: there is no such host", url)
    return HttpError(f"{place} cannot be reached: {_reason(causes)}", url)


def is_lasting(error: BaseException) -> bool:
    """Whether another try cannot help: the certificate, no TLS, or an address that is none."""
    return isinstance(error, ValueError) or any(
        isinstance(cause, ssl.SSLError) for cause in _causes(error)
    )


def _tls_error(error: ssl.SSLError, place: str) -> HttpError:
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return NotTlsError(f"{place}: the server does not speak TLS", place)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = (error.verify_message or "it cannot be verified").lower()
        hint = "REQUESTS_CA_BUNDLE names a file with your own certificate authorities"
        return HttpError(f"{place}: the server's certificate is refused: {why}; {hint}", place)
    why = reason.replace("_", " ").lower() or "the connection broke"
    return HttpError(f"{place}: TLS failed: {why}", place)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error and all that it wraps, each once: arguments, ``reason``, cause, context."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [found for found in inner if isinstance(found, BaseException)]


def _reason(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    name = type(causes[-1]).__name__
    if name in ("RemoteDisconnected", "ProtocolError", "IncompleteRead"):
        return "the server closed the connection before its answer was whole"
    return str(causes[-1]).splitlines()[0] if str(causes[-1]) else name
