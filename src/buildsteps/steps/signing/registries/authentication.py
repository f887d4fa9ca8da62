"""Logging in to a registry: Basic, or a token for each scope (distribution's ``spec/auth``)."""

import base64
import re
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from buildsteps.image_reference import DOCKER_HUB
from buildsteps.steps.signing.registries.answers import object_of
from buildsteps.steps.signing.registries.challenges import Challenge, challenges_of
from buildsteps.steps.signing.registries.errors import RegistryError, RegistryReason, malformed
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world.http import Http, HttpError, Response, same_server, without_query

CLIENT_ID = "buildsteps"
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")


class Authentication:
    """The ``Authorization`` of one registry, by repository and action, once it was asked for.

    ``credentials`` is asked at most once, and only if the registry wants some. May be used by
    several threads.
    """

    def __init__(
        self,
        http: Http,
        host: str,
        base: str,
        credentials: Callable[[], Credentials | None],
    ) -> None:
        self._http = http
        self._host = host
        self._base = base
        self._credentials = credentials
        self._known: dict[str, str] = {}
        self._asking = threading.Lock()

    def header(self, scope: str) -> str:
        """Give the header to send for ``scope``, as far as we know one; else empty."""
        return self._known.get(scope) or self._known.get("", "")

    def answer(self, refused: Response, scope: str, sent: str) -> str:
        """Give the header that answers a 401 to a request that was ``sent`` with another one.

        Empty where the answer is final: not from this registry, or our credentials are refused.

        Raises:
            RegistryError: credentials are needed and missing, or the token server refuses.
        """
        if not same_server(refused.url, self._base):
            return ""
        with self._asking:
            known = self.header(scope)
            if known != sent:
                return known  # another thread has just asked
            challenges = challenges_of(refused.headers.get("www-authenticate", ""))
            by_scheme = {challenge.scheme: challenge for challenge in challenges}
            if "bearer" in by_scheme:
                header = f"Bearer {self._token(by_scheme['bearer'], scope)}"
                self._known[scope] = header
                return header
            if "basic" in by_scheme:
                return self._basic(sent)
        return ""

    def _basic(self, sent: str) -> str:
        credentials = self._credentials()
        if credentials is None or not credentials.username:
            raise _needs_credentials(self._host)
        header = basic(credentials)
        if header == sent:
            return ""
        self._known[""] = header
        return header

    def _token(self, challenge: Challenge, scope: str) -> str:
        realm = self._realm(challenge)
        query = {
            "service": challenge.parameters.get("service", ""),
            "scope": _scope(challenge, scope),
        }
        credentials = self._credentials()
        try:
            answer = self._ask(realm, query, credentials)
        except HttpError as error:
            raise RegistryError(f"{self._host}: the token server failed: {error}") from None
        place = f"{self._host}: the token server {without_query(realm)}"
        if answer.status in (401, 403):
            if credentials is None:
                raise _needs_credentials(self._host)
            raise RegistryError(
                f"{self._host}: user and password are refused ({answer.status})",
                RegistryReason.REFUSED,
            )
        if answer.status != 200:
            busy = answer.status == 429 or answer.status >= 500
            reason = RegistryReason.BUSY if busy else RegistryReason.MALFORMED
            raise RegistryError(f"{place} answered with status {answer.status}", reason)
        said = object_of(answer.body, place)
        token = said.get("token") or said.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise malformed(f"{place} gave no token")
        return token

    def _ask(
        self, realm: str, query: Mapping[str, str], credentials: Credentials | None
    ) -> Response:
        if credentials is not None and not credentials.username:
            form = {
                **query,
                "grant_type": "refresh_token",
                "client_id": CLIENT_ID,
                "refresh_token": credentials.password,
            }
            kind = {"content-type": "application/x-www-form-urlencoded"}
            body = urlencode(form).encode()
            return self._http.request("POST", realm, headers=kind, body=body, retried=True)
        headers = {"authorization": basic(credentials)} if credentials else {}
        joint = "&" if urlsplit(realm).query else "?"
        url = f"{realm}{joint}{urlencode({k: v for k, v in query.items() if v})}"
        return self._http.request("GET", url, headers=headers)

    def _realm(self, challenge: Challenge) -> str:
        """Give the token server's address; a secure registry's must be secure, too."""
        realm = challenge.parameters.get("realm", "")
        try:
            parts = urlsplit(realm)
            scheme, there = parts.scheme, bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            scheme, there = "", False
        secure = scheme == "https" or (scheme == "http" and self._base.startswith("http:"))
        if not (there and secure):
            raise malformed(f"{self._host}: the token server's address is not https")
        return realm


def basic(credentials: Credentials) -> str:
    """Give the header of Basic authentication (RFC 7617)."""
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _scope(challenge: Challenge, wanted: str) -> str:
    """Give the scope to ask for: the challenge's where it is for our repository, else our own.

    A registry that asks for more must not get us a token for another repository.
    """
    asked = challenge.parameters.get("scope", "")
    kind, _, rest = wanted.partition(":")
    repository = rest.rpartition(":")[0]
    return asked if asked.startswith(f"{kind}:{repository}:") and " " not in asked else wanted


def _needs_credentials(host: str) -> RegistryError:
    login = "docker login" if host == DOCKER_HUB else f"docker login {host}"
    return RegistryError(
        f"{host} asks for user and password, and there are none: run `{login}`, or set "
        "NOTATION_USERNAME and NOTATION_PASSWORD",
        RegistryReason.REFUSED,
    )
