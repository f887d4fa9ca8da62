"""What a registry's refusal means: no such image, or the registry is of no use, and why."""

import msgspec

from buildsteps.errors import BuildstepsError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
)
from buildsteps.world.http import HttpError, NotTlsError, Response


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Errors(msgspec.Struct, frozen=True):
    errors: list[_Error] = []


def refusal(response: Response, what: str) -> BuildstepsError:
    """Give the error for an answer that is not the expected one; ``what`` was asked for."""
    status, said = response.status, _said(response.body)
    if status == 404:
        return NoSuchImageError(f"{what}: there is no such image, or none that we may see{said}")
    if status in (401, 403):
        return RegistryError(f"{what}: access is denied ({status}){said}", RegistryReason.REFUSED)
    if status == 405 or (status == 400 and "UNSUPPORTED" in said):
        return RegistryError(
            f"{what}: the registry does not do that ({status}){said}", RegistryReason.UNSUPPORTED
        )
    if status == 429:
        return RegistryError(f"{what}: too many requests (429){said}", RegistryReason.BUSY)
    if status >= 500:
        return RegistryError(f"{what}: the registry failed ({status}){said}", RegistryReason.BUSY)
    message = f"{what}: the registry answered with status {status}{said}"
    return RegistryError(message, RegistryReason.MALFORMED)


def unreached(error: HttpError, host: str) -> RegistryError:
    """Give the error of a registry that gave no answer."""
    if isinstance(error, NotTlsError):
        return RegistryError(
            f"{host} does not speak TLS; if that is as it should be, name it with "
            f"--insecure-registry {host}"
        )
    return RegistryError(str(error))


def _said(body: bytes) -> str:
    """Give the registry's own words ("Error Codes" of the distribution specification)."""
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not errors:
        return ""
    text = ": ".join(part for part in (errors[0].code, errors[0].message) if part)
    return f": {clipped(printable(text), 200)}" if text else ""
