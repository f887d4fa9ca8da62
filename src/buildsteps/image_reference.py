"""The name of a container image, by the grammar that registries and clients share.

The source is the grammar in ``reference/reference.go`` of github.com/distribution/reference, with
the normalisation that Docker does (``normalize.go``): no registry means ``docker.io``, which
``index.docker.io`` is an old name of, and there one word means ``library/`` and the word. A host
is given in lower case, since its case means nothing: no spelling of it may lead to another trust.
"""

import re

from msgspec import Struct

from buildsteps.errors import UsageError

DOCKER_HUB = "docker.io"
_DOCKER_HUB_BEFORE = "index.docker.io"
MAX_REPOSITORY = 255
"""The longest repository name, in characters, with its registry (the grammar's own limit)."""

_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]{{1,5}})?"
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<registry>{_HOST})/)?(?P<repository>{_PATH_PART}(?:/{_PATH_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
    r":[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
_IMAGE_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


class ImageReference(Struct, frozen=True, order=True):
    """An image by registry, repository and tag or digest (or both, or neither)."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}{f'@{self.digest}' if self.digest else ''}"

    @property
    def name(self) -> str:
        """Registry and repository: what a trust policy's scope names."""
        return f"{self.registry}/{self.repository}"

    def at(self, digest: str) -> "ImageReference":
        """The same repository by ``digest`` alone."""
        return ImageReference(self.registry, self.repository, digest=digest)


def parse_reference(text: str) -> ImageReference:
    """Read a reference as a person or a manifest writes it.

    Raises:
        UsageError: it does not keep to the grammar; never echoed with control characters.
    """
    found = None if _IMAGE_ID.fullmatch(text) else _REFERENCE.fullmatch(text)
    if found is None:
        raise UsageError(f"{_quoted(text)} is no image reference{_why(text)}")
    registry, repository = found["registry"], found["repository"]
    if registry is None or not _looks_like_host(registry):
        repository = f"{registry}/{repository}" if registry else repository
        registry = DOCKER_HUB
        if not re.fullmatch(rf"{_PATH_PART}(?:/{_PATH_PART})*", repository, re.ASCII):
            raise UsageError(f"{_quoted(text)} is no image reference{_why(text)}")
    if _looks_like_host(registry.lower()):  # else its case is all that tells it from a repository
        registry = registry.lower()
    registry = DOCKER_HUB if registry == _DOCKER_HUB_BEFORE else registry
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    digest = found["digest"] or ""
    if digest and not _SHA256.fullmatch(digest):
        raise UsageError(f"{_quoted(text)}: the digest must be sha256: and 64 hexadecimal digits")
    if len(registry) + 1 + len(repository) > MAX_REPOSITORY:
        raise UsageError(f"{_quoted(text)}: the repository is longer than {MAX_REPOSITORY}")
    return ImageReference(registry, repository, found["tag"] or "", digest)


def is_digest(text: str) -> bool:
    """Whether this is ``sha256:`` and 64 lower-case hexadecimal digits."""
    return _SHA256.fullmatch(text) is not None


def _looks_like_host(part: str) -> bool:
    return "." in part or ":" in part or part == "localhost" or part != part.lower()


def _why(text: str) -> str:
    if not text:
        return ": it is empty"
    if text.strip() != text:
        return ": it has spaces around it"
    if _IMAGE_ID.fullmatch(text):
        return ": it is the id of an image, which no registry knows"
    if text.startswith("-"):
        return ": it begins with a dash"
    if re.search(r"\$\{|\$\(|\{\{|<[^>]*>", text):
        return ": it holds a placeholder that nobody filled in"
    head = text.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if head != head.lower():
        return ": a repository is written in lower case"
    return ""


def _quoted(text: str) -> str:
    from buildsteps.reporting.text import clipped, printable

    return f"`{clipped(printable(text), 120)}`"
