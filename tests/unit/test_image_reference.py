import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, is_digest, parse_reference

DIGEST = "sha256:" + "0123456789abcdef" * 4
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

HOST_PART = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
HOSTS = st.builds(
    lambda parts, port: ".".join(parts) + port,
    st.lists(HOST_PART, min_size=2, max_size=4),
    st.sampled_from(["", ":5000", ":443"]),
)
PATHS = st.from_regex(r"[a-z0-9]+((\.|_|__|-{1,3})[a-z0-9]+){0,2}", fullmatch=True)
TAGS = st.just("") | st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}\Z")
DIGESTS = st.just("") | st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
REFERENCES = st.builds(
    lambda host, paths, tag, digest: ImageReference(host, "/".join(paths), tag, digest),
    HOSTS,
    st.lists(PATHS, min_size=1, max_size=3),
    TAGS,
    DIGESTS,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", ("docker.io", "library/nginx", "", "")),
        ("nginx:1.27", ("docker.io", "library/nginx", "1.27", "")),
        ("grafana/loki", ("docker.io", "grafana/loki", "", "")),
        ("docker.io/nginx", ("docker.io", "library/nginx", "", "")),
        ("localhost/web", ("localhost", "web", "", "")),
        ("localhost:5000/web:v1", ("localhost:5000", "web", "v1", "")),
        ("[::1]:5000/web", ("[::1]:5000", "web", "", "")),
        (f"{ECR}/team/web:v1@{DIGEST}", (ECR, "team/web", "v1", DIGEST)),
        (f"{ECR}/web@{DIGEST}", (ECR, "web", "", DIGEST)),
        ("Registry/web", ("Registry", "web", "", "")),
        ("REGISTRY.Test:5000/web", ("registry.test:5000", "web", "", "")),
        ("LOCALHOST/web", ("localhost", "web", "", "")),
        ("index.docker.io/nginx", ("docker.io", "library/nginx", "", "")),
        ("a/b/c", ("docker.io", "a/b/c", "", "")),
        ("a__b/c-----d", ("docker.io", "a__b/c-----d", "", "")),
    ],
)
def test_a_reference_is_read_as_docker_reads_it(text: str, expected: tuple[str, ...]) -> None:
    reference = parse_reference(text)
    assert (reference.registry, reference.repository, reference.tag, reference.digest) == expected
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (" nginx", "it has spaces around it"),
        ("nginx\n", "it has spaces around it"),
        ("-nginx", "it begins with a dash"),
        ("--key=x/nginx", "it begins with a dash"),
        ("Nginx", "a repository is written in lower case"),
        ("repo/${TAG}", "a placeholder that nobody filled in"),
        ("<IMAGE1_NAME>", "a placeholder that nobody filled in"),
        ("{{ .Values.image }}", "a placeholder that nobody filled in"),
        ("0123456789abcdef" * 4, "it is the id of an image"),
        ("web@sha256:abc", "is no image reference"),
        (f"web@sha512:{'a' * 128}", "the digest must be sha256:"),
        (f"web@{DIGEST.upper().replace('SHA', 'sha')}", "the digest must be sha256:"),
        ("web:", "is no image reference"),
        ("web:" + "t" * 129, "is no image reference"),
        ("web:.x", "is no image reference"),
        ("https://host.example/web", "is no image reference"),
        ("host.example//web", "is no image reference"),
        ("host.example/-web", "is no image reference"),
        ("host.example:port/web", "is no image reference"),
        ("host.example/wéb", "is no image reference"),
        ("host.example/web:tåg", "is no image reference"),
        ("host.example/" + "a" * 250, "the repository is longer than 255"),
    ],
)
def test_what_is_no_reference_is_told_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        parse_reference(text)


@given(REFERENCES)
def test_every_reference_survives_being_written_and_read(reference: ImageReference) -> None:
    assert parse_reference(str(reference)) == reference


@given(st.text(st.characters(categories=None)) | st.from_regex(r"[-a-zA-Z0-9./:@_\[\]\n]{0,40}"))
def test_what_parses_is_safe_on_a_command_line_and_what_does_not_is_told(text: str) -> None:
    try:
        reference = parse_reference(text)
    except UsageError as error:
        assert all(unicodedata.category(letter) != "Cc" for letter in error.message)
        return
    written = str(reference)
    assert not written.startswith("-")
    assert not any(part.startswith("-") for part in (reference.registry, reference.repository))
    assert re.fullmatch(r"[A-Za-z0-9./:@_\[\]-]+", written)
    assert parse_reference(written) == reference


def test_the_same_repository_at_a_digest_has_no_tag() -> None:
    assert str(parse_reference("nginx:1").at(DIGEST)) == f"docker.io/library/nginx@{DIGEST}"
    assert parse_reference("nginx:1").name == "docker.io/library/nginx"


def test_only_a_lower_case_sha256_is_a_digest() -> None:
    assert is_digest(DIGEST)
    assert not any(map(is_digest, (DIGEST.upper(), DIGEST + "0", "sha256:", DIGEST + "\n")))
