"""AWS by boto3, which is imported with the first call."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any

CONNECT_SECONDS = 10
ONCE_SECONDS = 5
READ_SECONDS = 60
TRIES = 5
CONNECTIONS = 16
PIECE = 256 * 1024


class SystemAws:
    """AWS as this machine reaches it; may be used by many threads at once."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._making = threading.Lock()

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """See :meth:`Aws.call`."""
        with _translated(service, operation):
            return _answer(self._client(service, region), operation, request)

    def call_once(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """See :meth:`Aws.call_once`."""
        with _translated(service, operation):
            return _answer(self._client(service, region, once=True), operation, request)

    def endpoint(self, service: str, *, region: str = "") -> str:
        """See :meth:`Aws.endpoint`."""
        with _translated(service, "*"):
            return str(self._client(service, region).meta.endpoint_url)

    def pages(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> Iterator[dict[str, Any]]:
        """See :meth:`Aws.pages`."""
        with _translated(service, operation):
            client = self._client(service, region)
            method = _method(client, operation)
            if client.can_paginate(method):
                yield from client.get_paginator(method).paginate(**request)
                return
            yield from _by_token(getattr(client, method), request)

    def sign(
        self,
        service: str,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        region: str = "",
        renew: bool = False,
    ) -> dict[str, str]:
        """See :meth:`Aws.sign`."""
        with _translated(service, "Invoke"):
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.exceptions import NoCredentialsError, NoRegionError

            credentials, own_region = self._credentials(renew=renew)
            if credentials is None:
                raise NoCredentialsError
            if not (region or own_region):
                raise NoRegionError
            asked = AWSRequest(method, url, headers=dict(headers or {}), data=body)
            SigV4Auth(credentials.get_frozen_credentials(), service, region or own_region).add_auth(
                asked
            )
            return dict(asked.headers.items())

    def pieces(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        member: str,
        *,
        region: str = "",
    ) -> Iterator[bytes]:
        """See :meth:`Aws.pieces`."""
        with _translated(service, operation):
            client = self._client(service, region)
            answer = getattr(client, _method(client, operation))(**request)
            with closing(answer[member]) as stream:
                yield from stream.iter_chunks(PIECE)

    def _credentials(self, *, renew: bool) -> tuple[Any, str]:
        """The session's credentials, which refresh themselves where they can, and its region."""
        with self._making:
            if renew:
                self.__dict__.pop("_session", None)
                self._clients.clear()
            return self._session.get_credentials(), self._session.region_name or ""

    def _client(self, service: str, region: str, *, once: bool = False) -> Any:
        with self._making:  # making clients is not thread-safe, using them is
            key = (service, region, once)
            if key not in self._clients:
                config = self._config.merge(self._once) if once else self._config
                self._clients[key] = self._session.client(
                    service, region_name=region or None, config=config
                )
            return self._clients[key]

    @cached_property
    def _session(self) -> Any:
        import boto3

        # Every SDK of AWS takes the region from here, except the one for Python.
        return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)

    @cached_property
    def _config(self) -> Any:
        from botocore.config import Config

        return Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=CONNECTIONS,
            user_agent_extra=self._user_agent,
        )

    @cached_property
    def _once(self) -> Any:
        from botocore.config import Config

        return Config(
            connect_timeout=ONCE_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
        )


def _method(client: Any, operation: str) -> str:
    """Give the client's method for an operation of the API."""
    names: dict[str, str] = client.meta.method_to_api_mapping
    return next(method for method, api in names.items() if api == operation)


def _answer(client: Any, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client, _method(client, operation))(**request)
    return answer


def _by_token(method: Any, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Page by ``nextToken``, for operations that botocore has no paginator for."""
    token, seen = "", set[str]()
    while True:
        answer = method(**request, **({"nextToken": token} if token else {}))
        yield answer
        token = answer.get("nextToken") or ""
        if not token or token in seen:
            return
        seen.add(token)


@contextmanager
def _translated(service: str, operation: str) -> Iterator[None]:
    """Turn what botocore raises into our errors; imported only when something went wrong."""
    try:
        yield
    except Exception as error:
        from buildsteps.world.aws_reasons import translated

        known = translated(error, service, operation)
        if known is None:
            raise
        raise known from None
