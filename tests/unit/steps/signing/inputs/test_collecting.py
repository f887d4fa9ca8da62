import json
from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.inputs.collecting import Collected, collect_images
from tests.world_double import fake_world

DIGEST = "sha256:" + "0123456789abcdef" * 4
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: %s}]}\n"


def collect(
    folder: Path, *files: str, references: tuple[str, ...] = (), stdin: str = ""
) -> Collected:
    return collect_images(references, files, fake_world(folder, stdin=stdin.encode()))


def test_images_stand_once_with_all_their_uses_in_the_order_seen(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD % "nginx")
    (tmp_path / "b.yaml").write_text(POD % "example.com/b:1" + "---\n" + POD % "nginx:latest")
    found = collect(tmp_path, "b.yaml", "a.yaml", references=("docker.io/library/nginx",))
    assert [
        (str(image.reference), [str(use.location or "-") for use in image.uses])
        for image in found.images
    ] == [
        ("docker.io/library/nginx", ["-", "b.yaml:9:38", "a.yaml:4:38"]),
        ("example.com/b:1", ["b.yaml:4:38"]),
    ]
    assert found.notes == (
        "b.yaml (Kubernetes manifest): 2 images",
        "a.yaml (Kubernetes manifest): 1 image",
    )
    assert not found.emptiness


def test_a_digest_makes_tags_alike(tmp_path: Path) -> None:
    found = collect(tmp_path, references=(f"x/y:1@{DIGEST}", f"x/y@{DIGEST}", "x/y:1"))
    assert [len(image.uses) for image in found.images] == [2, 1]


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    found = collect(tmp_path, "-", "-", stdin=POD % "nginx")
    assert [str(use.location) for image in found.images for use in image.uses] == ["stdin:4:38"]
    assert [file.path for file in found.files] == ["-"]


def test_nothing_found_says_where_was_looked(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("apiVersion: v1\nkind: Service\n")
    assert collect(tmp_path, "c.yaml").emptiness == "no image is used in c.yaml"
    assert collect(tmp_path).emptiness.startswith("no image was given: name images")


def test_a_cloud_assembly_is_read_with_the_assemblies_of_its_stages(tmp_path: Path) -> None:
    role = "arn:aws:iam::111122223333:role/x"
    for folder, tag in (
        ("cdk.out", "one"),
        ("cdk.out/assembly-Prod", "two"),
        ("cdk.out/asset.x", "no"),
    ):
        (tmp_path / folder).mkdir()
        destination = {"repositoryName": "r", "imageTag": tag, "region": "eu-west-1"}
        images = {"h": {"destinations": {"d": {**destination, "assumeRoleArn": role}}}}
        manifest = tmp_path / folder / "S.assets.json"
        manifest.write_text(json.dumps({"version": "36", "dockerImages": images}))
    (tmp_path / "cdk.out/manifest.json").write_text('{"version": "36", "artifacts": {}}')
    found = collect(tmp_path, "cdk.out")
    assert [image.reference.tag for image in found.images] == ["one", "two"]
    assert [file.path for file in found.files] == [
        "cdk.out/S.assets.json",
        "cdk.out/assembly-Prod/S.assets.json",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.yaml", "none.yaml: cannot be read: no such file or directory"),
        (".", "is a folder without *.assets.json"),
    ],
)
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        collect(tmp_path, name)
    assert message in str(caught.value)


def test_a_compose_file_sees_the_environment(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'x/y:${TAG}'}}")
    world = fake_world(tmp_path, environ={"TAG": "v7"})
    found = collect_images((), ["compose.yaml"], world)
    assert [str(image.reference) for image in found.images] == ["docker.io/x/y:v7"]


@pytest.mark.parametrize(
    "name", ["pod.yaml", "gone.json", "./pod.yaml", "below/pod.yml", "cdk.out"]
)
def test_a_file_in_the_place_of_an_image_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "below").mkdir()
    for path in ("pod.yaml", "below/pod.yml"):
        (tmp_path / path).write_text(POD % "nginx")
    with pytest.raises(UsageError, match=f"the name of a file.*--from {name} takes"):
        collect(tmp_path, references=(name,))


@pytest.mark.parametrize("name", ["team/web.json", "r.io/web.yaml", "web.yaml:v1", "web"])
def test_an_image_that_only_looks_like_a_file_is_an_image(tmp_path: Path, name: str) -> None:
    (tmp_path / "web").write_text("a program")
    assert len(collect(tmp_path, references=(name,)).images) == 1
