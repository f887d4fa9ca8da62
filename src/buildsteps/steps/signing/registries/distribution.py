"""A registry by the OCI distribution specification 1.1."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode, urljoin

from buildsteps.image_reference import DOCKER_HUB, ImageReference, is_digest
from buildsteps.steps.signing.registries import referrers_tag
from buildsteps.steps.signing.registries.answers import (
    MANIFEST_LIMIT,
    MANIFEST_TYPES,
    descriptors_of,
    manifest_of,
    sha256_of,
)
from buildsteps.steps.signing.registries.authentication import Authentication
from buildsteps.steps.signing.registries.errors import NoSuchImageError, malformed
from buildsteps.steps.signing.registries.interface import (
    Credentials,
    Descriptor,
    Manifest,
    Referrers,
)
from buildsteps.steps.signing.registries.refusals import refusal, unreached
from buildsteps.world.http import Http, HttpError, Response, same_server

DOCKER_HUB_HOST = "registry-1.docker.io"
REFERRER_PAGES = 100
"""More pages of referrers than this are refused: some registries page by a handful."""

_ACCEPT = {"accept": ", ".join(MANIFEST_TYPES)}
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?', re.ASCII | re.IGNORECASE)


class DistributionRegistry:
    """A registry that speaks the protocol; see :class:`Registry` for the methods.

    ``credentials`` is asked once, and only where the registry wants some.
    """

    def __init__(
        self,
        http: Http,
        host: str,
        credentials: Callable[[], Credentials | None] = lambda: None,
        *,
        insecure: bool = False,
    ) -> None:
        self._http = http
        self._host = host
        where = DOCKER_HUB_HOST if host == DOCKER_HUB else host
        self._base = f"{'http' if insecure else 'https'}://{where}/v2/"
        self._credentials = credentials
        self._authentication = Authentication(http, host, self._base, credentials)

    def credentials(self) -> Credentials | None:
        """See :meth:`Registry.credentials`."""
        return self._credentials()

    def resolve(self, reference: ImageReference) -> Descriptor:
        """See :meth:`Registry.resolve`.

        Asked by HEAD, which registries do not count as a pull; where the answer leaves something
        open, the manifest is fetched.
        """
        answer = self._manifest_answer("HEAD", reference)
        digest = answer.headers.get("docker-content-digest", "")
        if digest and (not is_digest(digest) or (reference.digest or digest) != digest):
            raise malformed(f"{reference}: the registry gives another digest than was asked for")
        size = answer.headers.get("content-length", "")
        if digest and answer.media_type in MANIFEST_TYPES and size.isdecimal():
            return Descriptor(digest, answer.media_type, int(size))
        return self._fetched(reference).descriptor

    def manifest(self, reference: ImageReference) -> Manifest:
        """See :meth:`Registry.manifest`."""
        return self._fetched(reference)

    def blob(self, reference: ImageReference, digest: str, limit: int) -> bytes:
        """See :meth:`Registry.blob`."""
        what = f"{reference.at(digest)}"
        path = f"{reference.repository}/blobs/{digest}"
        answer = self._request("GET", path, reference, limit=limit)
        if answer.status != 200:
            raise refusal(answer, what)
        if sha256_of(answer.body) != digest:
            raise malformed(f"{what}: the registry gave other bytes than those of this digest")
        return answer.body

    def referrers(self, reference: ImageReference, artifact_type: str = "") -> Referrers:
        """See :meth:`Registry.referrers`."""
        listed = self._referrers_by_api(reference, artifact_type)
        by_tag = listed is None
        if listed is None:
            listed = self.tagged_referrers(reference)
        wanted = (d for d in listed if artifact_type in ("", d.artifact_type))
        return Referrers(tuple({d.digest: d for d in wanted}.values()), by_tag=by_tag)

    def tagged_referrers(self, reference: ImageReference) -> tuple[Descriptor, ...]:
        """See :meth:`Registry.tagged_referrers`."""
        tag = referrers_tag.tag_of(reference)
        try:
            answer = self._manifest_answer("GET", tag)
        except NoSuchImageError:
            return ()
        return descriptors_of(answer.body, str(tag))

    def detach(self, subject: ImageReference, digest: str) -> bool:
        """See :meth:`Registry.detach`."""
        tag = referrers_tag.tag_of(subject)
        try:
            index = self._fetched(tag).content
        except NoSuchImageError:
            return False
        changed = referrers_tag.without(index, digest)
        if changed is None:
            return False
        headers = {"content-type": referrers_tag.INDEX_TYPE}
        path = f"{tag.repository}/manifests/{tag.tag}"
        answer = self._request("PUT", path, tag, headers=headers, body=changed)
        if answer.status not in (200, 201):
            raise refusal(answer, str(tag))
        return True

    def delete(self, reference: ImageReference) -> None:
        """See :meth:`Registry.delete`."""
        path = f"{reference.repository}/manifests/{reference.digest}"
        answer = self._request("DELETE", path, reference)
        if answer.status not in (200, 202, 204):
            raise refusal(answer, str(reference))

    def _fetched(self, reference: ImageReference) -> Manifest:
        answer = self._manifest_answer("GET", reference)
        return manifest_of(answer.body, answer.media_type, reference.digest, str(reference))

    def _manifest_answer(self, method: str, reference: ImageReference) -> Response:
        path = f"{reference.repository}/manifests/{reference.digest or reference.tag or 'latest'}"
        answer = self._request(method, path, reference, headers=_ACCEPT)
        if answer.status != 200:
            raise refusal(answer, str(reference))
        return answer

    def _referrers_by_api(
        self, subject: ImageReference, artifact_type: str
    ) -> tuple[Descriptor, ...] | None:
        """List by the API; None where the registry has none, which a 404 says.

        The source is the specification's section "Listing Referrers".
        """
        query = f"?{urlencode({'artifactType': artifact_type})}" if artifact_type else ""
        path = f"{subject.repository}/referrers/{subject.digest}{query}"
        what = f"the referrers of {subject}"
        found: list[Descriptor] = []
        seen = {path}
        while True:
            answer = self._request("GET", path, subject)
            if answer.status == 404 and len(seen) == 1:
                return None
            if answer.status != 200:
                raise refusal(answer, what)
            found += descriptors_of(answer.body, what)
            path = self._next_page(answer, what)
            if not path:
                return tuple(found)
            if path in seen or len(seen) >= REFERRER_PAGES:
                raise malformed(f"{what}: the registry's pages have no end")
            seen.add(path)

    def _next_page(self, answer: Response, what: str) -> str:
        link = _NEXT.search(answer.headers.get("link", "")[:8192])
        if link is None:
            return ""
        try:
            url: str = urljoin(answer.url, link[1])
            stays = same_server(url, self._base) and url.startswith(self._base)
        except ValueError:
            stays = False
        if not stays:
            raise malformed(f"{what}: the next page is not at this registry")
        return url.removeprefix(self._base)

    def _request(
        self,
        method: str,
        path: str,
        reference: ImageReference,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit: int = MANIFEST_LIMIT,
    ) -> Response:
        """Ask the registry, logging in where it wants that; the answer has any status."""
        url = self._base + quote(path, safe="/:?=&%+,;@~-._")
        scope = f"repository:{reference.repository}:{_ACTIONS[method]}"

        def sent(authorization: str) -> Response:
            said = {"authorization": authorization} if authorization else {}
            return self._http.request(
                method, url, headers={**(headers or {}), **said}, body=body, limit=limit
            )

        try:
            authorization = self._authentication.header(scope)
            answer = sent(authorization)
            for _try in range(2):  # the first for a token that has run out meanwhile
                if answer.status != 401:
                    break
                authorization = self._authentication.answer(answer, scope, authorization)
                if not authorization:
                    break
                answer = sent(authorization)
        except HttpError as error:
            raise unreached(error, self._host) from None
        return answer


_ACTIONS = {"GET": "pull", "HEAD": "pull", "PUT": "pull,push", "DELETE": "delete"}
