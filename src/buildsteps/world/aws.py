"""What a step may ask of AWS, and what can go wrong there."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from buildsteps.errors import WorldError


class AwsError(WorldError):
    """AWS refused, or did not answer.

    ``code`` is the service's word, such as ``RepositoryNotFoundException``, and empty where no
    service answered; ``said`` is its message.
    """

    def __init__(self, message: str, code: str = "", said: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.said = said


class NoAwsCredentialsError(AwsError):
    """There are no credentials, or they have run out."""


class AccessDeniedError(AwsError):
    """The credentials do not allow the action."""


class Aws(Protocol):
    """AWS, one operation at a time, in the API's own names and shapes (botocore's models).

    Throttling and outages are retried before they are told. Credentials, profile, region,
    ``AWS_ENDPOINT_URL``, proxies and ``AWS_CA_BUNDLE`` count as in every AWS SDK.
    """

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Call ``operation``, such as ``BatchGetImage``, and give its answer.

        Raises:
            NoAwsCredentialsError, AccessDeniedError: see there.
            AwsError: anything else that a service or the way to it said.
        """
        ...

    def call_once(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Call a service that may be gone: without retries, and a few seconds for a connection."""
        ...

    def endpoint(self, service: str, *, region: str = "") -> str:
        """Where calls of a service go, such as ``https://ecr.eu-central-1.amazonaws.com``.

        That is AWS itself, or what the environment or the profile names instead.

        Raises:
            AwsError: no region is known, or it is none.
        """
        ...

    def pages(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Call a paged operation until there are no more pages; errors as with :meth:`call`."""
        ...

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
        """Sign a request to a web service behind IAM (SigV4), and give the headers to send.

        Values of the query in ``url`` must be percent-encoded already. ``renew`` reads credentials
        anew, from wherever they come. Errors as with :meth:`call`.
        """
        ...

    def pieces(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        member: str,
        *,
        region: str = "",
    ) -> Iterator[bytes]:
        """Call an operation whose answer streams ``member``, and give it in pieces.

        A stream that breaks off is an error, not an end; errors as with :meth:`call`.
        """
        ...
