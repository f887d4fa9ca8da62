from pathlib import Path

from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.targets import Target, Unresolved, resolve
from buildsteps.world.http import Response
from tests.world_double import ScriptedHttp, fake_world

DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TAGGED, PINNED = "r.example/web:v1", f"r.example/api@{OTHER}"
FOUND = {"docker-content-digest": DIGEST, "content-type": MANIFEST, "content-length": "9"}
URL = "https://r.example/v2/web/manifests/v1"


def resolved(
    folder: Path, *texts: str, platforms: bool = False, digests_too: bool = True
) -> tuple[list[Target | Unresolved], list[str]]:
    """What became of the images, and which addresses were asked."""
    http = ScriptedHttp({("HEAD", URL): Response(status=200, headers=FOUND, url=URL)})
    world = fake_world(folder, environ={"HOME": str(folder)}, http=http)
    images = [CollectedImage(parse_reference(text), ()) for text in texts]
    found = resolve(
        images, Registries(world), platforms=platforms, threads=2, digests_too=digests_too
    )
    return list(found), sorted({sent.url for sent in http.sent})


def test_what_has_a_digest_is_taken_by_its_word_where_nothing_else_is_wanted(
    tmp_path: Path,
) -> None:
    found, asked = resolved(tmp_path, PINNED, TAGGED, digests_too=False)
    assert [str(one.reference) for one in found if isinstance(one, Target)] == [
        PINNED,
        f"r.example/web@{DIGEST}",
    ]
    assert asked == [URL]


def test_a_digest_is_asked_for_where_that_or_the_platforms_are_wanted(tmp_path: Path) -> None:
    place = f"https://r.example/v2/api/manifests/{OTHER}"
    for platforms, digests_too in ((False, True), (True, True), (True, False)):
        found, asked = resolved(tmp_path, PINNED, platforms=platforms, digests_too=digests_too)
        assert asked == [place]
        assert isinstance(found[0], Unresolved)
