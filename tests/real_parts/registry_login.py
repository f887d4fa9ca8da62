"""How a registry asks for credentials: Basic, or a Bearer token of a token server.

Source: the distribution specification's token authentication (distribution/distribution,
``docs/content/spec/auth/token.md``).
"""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct, field

Answer = tuple[int, Mapping[str, str], bytes]

SERVICE = "registry.test"


class Login(Struct, frozen=True, kw_only=True):
    """What is asked for; ``realm`` is the token server's address, empty for Basic.

    ``tokens`` are those given out: for each its scopes, such as ``repository:team/web:pull``.
    """

    user: str = ""
    password: str = ""
    realm: str = ""
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def basic(cls, user: str, password: str) -> "Login":
        """Ask for user and password in every request."""
        return cls(user=user, password=password)

    @classmethod
    def token(cls, realm: str, user: str, password: str) -> "Login":
        """Ask for a token, which user and password buy; nobody's are asked where user is empty."""
        return cls(realm=realm, user=user, password=password)

    def answer(self, method: str, path: str, authorization: str) -> Answer | None:
        """The answer of the token server, or the refusal; None where the request may pass."""
        if self.realm and urlsplit(path).path == "/token":
            return self._give_token(path, authorization)
        allowed = (
            self._allows(method, path, authorization) if self.realm else self._knows(authorization)
        )
        return None if allowed else self._challenge(method, path)

    def _knows(self, authorization: str) -> bool:
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return secrets.compare_digest(authorization.encode(), f"Basic {pair}".encode())

    def _give_token(self, path: str, authorization: str) -> Answer:
        if (self.user or authorization) and not self._knows(authorization):
            return _refusal(401, "UNAUTHORIZED", {})
        query = parse_qs(urlsplit(path).query)
        if query.get("service") != [SERVICE]:
            return _refusal(400, "UNSUPPORTED", {})
        token = secrets.token_urlsafe(24)
        scopes = {one for value in query.get("scope", []) for one in value.split(" ")}
        self.tokens[token] = frozenset(single for scope in scopes for single in _single(scope))
        body = json.dumps({"token": token, "expires_in": 300}).encode()
        return 200, {"Content-Type": "application/json"}, body

    def _allows(self, method: str, path: str, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        granted = self.tokens.get(token) if kind == "Bearer" else None
        wanted = set(_single(_scope(method, path)))
        return granted is not None and wanted <= granted

    def _challenge(self, method: str, path: str) -> Answer:
        if not self.realm:
            return _refusal(401, "UNAUTHORIZED", {"WWW-Authenticate": f'Basic realm="{SERVICE}"'})
        scope = _scope(method, path)
        asked = f'Bearer realm="{self.realm}",service="{SERVICE}"'
        asked += f',scope="{scope}"' if scope else ""
        return _refusal(401, "UNAUTHORIZED", {"WWW-Authenticate": asked})


def _scope(method: str, path: str) -> str:
    """Name what a request needs; nothing for ``/v2/`` itself."""
    found = re.match(r"/v2/(.+?)/(manifests|blobs|referrers|tags)/", path)
    if not found:
        return ""
    actions = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}.get(method, "pull,push")
    return f"repository:{found[1]}:{actions}"


def _single(scope: str) -> list[str]:
    """Split a scope of several actions into one scope an action."""
    name, _, actions = scope.rpartition(":")
    return [f"{name}:{action}" for action in actions.split(",")] if name else []


def _refusal(status: int, code: str, headers: Mapping[str, str]) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": "authentication required"}]}).encode()
    return status, {"Content-Type": "application/json", **headers}, body
