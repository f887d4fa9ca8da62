import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.signing.inputs.collecting import Collected, collect_images, folded
from buildsteps.steps.signing.inputs.detect import read_input
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.write_digests import Written, rewritten, write_digests
from tests.world_double import fake_world

DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64


def write(folder: Path, *files: str, target: str = "", stdin: bytes = b"") -> Written:
    world = fake_world(folder, stdin=stdin)
    collected = collect_images((), files, world)
    return write_digests(collected.files, digests(collected), world, target)


def digests(collected: Collected) -> list[Any]:
    return [(image, DIGEST) for image in collected.images]


POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: &i nginx:1}, {image: *i}]}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (POD, POD.replace("nginx:1", f"nginx:1@{DIGEST}")),
        (
            f"services: {{a: {{image: 'x/y:1@{OTHER}'}}}}",
            f"services: {{a: {{image: 'x/y:1@{OTHER}'}}}}",
        ),
        (
            "services: {a: {image: h:5000/y}}\r\n",
            f"services: {{a: {{image: h:5000/y@{DIGEST}}}}}\r\n",
        ),
        ('[{"imageUri": "h:5000/y:1"}]', f'[{{"imageUri": "h:5000/y@{DIGEST}"}}]'),
        ('[{"imageUri": "h:5000/y"}]', f'[{{"imageUri": "h:5000/y@{DIGEST}"}}]'),
        ('{"ImageURI": "x/y:1"}', f'{{"ImageURI": "x/y@{DIGEST}"}}'),
        (
            '{"containerDefinitions": [{"image": "y:1"}]}',
            f'{{"containerDefinitions": [{{"image": "y@{DIGEST}"}}]}}',
        ),
    ],
)
def test_a_digest_is_written_as_the_consumer_takes_it(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "file").write_bytes(before.encode())
    done = write(tmp_path, "file")
    assert (tmp_path / "file").read_bytes().decode() == after
    assert done.paths == (("file",) if before != after else ())
    assert not done.findings


def test_several_files_are_written_in_place_and_what_has_digests_is_left(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(POD)
    assert write(tmp_path, "a.yaml", "b.yaml").paths == ("a.yaml", "b.yaml")
    again = write(tmp_path, "a.yaml", "b.yaml")
    assert (again.paths, again.count) == ((), 0)


def test_another_file_is_written_and_the_first_left(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + POD.replace("\n", "\r\n").encode())
    done = write(tmp_path, "a.yaml", target="out/b.yaml")
    assert done.paths == ("out/b.yaml",)
    assert "@" not in (tmp_path / "a.yaml").read_text()
    expected = (tmp_path / "a.yaml").read_bytes().replace(b"nginx:1", f"nginx:1@{DIGEST}".encode())
    assert (tmp_path / "out/b.yaml").read_bytes() == expected


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    done = write(tmp_path, "-", target="-", stdin=POD.encode())
    assert done.stdout == POD.replace("nginx:1", f"nginx:1@{DIGEST}").encode()
    assert done.paths == ()


def test_standard_input_cannot_be_written_in_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input cannot be written in place"):
        write(tmp_path, "-", stdin=POD.encode())


def test_one_other_file_takes_one_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(POD)
    with pytest.raises(UsageError, match="--write-digests=c takes one file of --from, and 2 were"):
        write(tmp_path, "a.yaml", "b.yaml", target="c")


def test_what_cannot_be_rewritten_is_told_with_its_place(tmp_path: Path) -> None:
    text = (
        "services:\n  a:\n    image: >-\n      nginx:1\n"
        "  b: {image: 'x:${T:-1}'}\n  c: {image: z}\n"
    )
    (tmp_path / "c.yaml").write_text(text)
    done = write(tmp_path, "c.yaml")
    assert (tmp_path / "c.yaml").read_text() == text.replace("image: z", f"image: z@{DIGEST}")
    assert [(str(one.locations[0]), one.message) for one in done.findings] == [
        (
            "c.yaml:3:12",
            "the digest of docker.io/library/nginx:1 cannot be written in place: service a",
        ),
        (
            "c.yaml:5:15",
            "the digest of docker.io/library/x:1 cannot be written in place: service b",
        ),
    ]


def test_a_file_that_changed_meanwhile_is_left_and_so_are_the_others(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(POD)
    world = fake_world(tmp_path)
    collected = collect_images((), ["a.yaml", "b.yaml"], world)
    (tmp_path / "b.yaml").write_text("changed")
    with pytest.raises(WorldError, match=r"b\.yaml: changed since it was read"):
        write_digests(collected.files, digests(collected), world)
    assert (tmp_path / "a.yaml").read_text() == POD
    assert (tmp_path / "b.yaml").read_text() == "changed"


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6)
IMAGES = st.from_regex(
    r"([a-z]{1,4}\.[a-z]{2}/)?[a-z]{1,5}(:[a-z0-9.]{1,5})?", fullmatch=True
).filter(lambda text: not text.endswith(".") and ":." not in text)
CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": NAMES, "image": IMAGES}, optional={"command": st.lists(NAMES)}),
    min_size=1,
    max_size=3,
)
PODS = st.builds(
    lambda name, some, init: {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {name: name}},
        "spec": {"initContainers": init, "containers": some},
    },
    NAMES,
    CONTAINERS,
    CONTAINERS,
)
STYLES = st.fixed_dictionaries(
    {
        "allow_unicode": st.booleans(),
        "default_flow_style": st.sampled_from([None, True, False]),
        "default_style": st.sampled_from([None, "'", '"']),
        "line_break": st.sampled_from(["\n", "\r\n"]),
        "width": st.sampled_from([80, 10000]),
    }
)


def with_digests(pod: Any) -> Any:
    spec = {
        key: [{**one, "image": f"{one['image']}@{DIGEST}"} for one in some]
        for key, some in pod["spec"].items()
    }
    return {**pod, "spec": spec}


@given(
    st.lists(PODS, min_size=1, max_size=3), STYLES, st.booleans(), st.sampled_from(["", "\ufeff"])
)
def test_only_images_change_whatever_the_file_looks_like(
    pods: list[Any], style: dict[str, Any], is_json: bool, bom: str
) -> None:
    if is_json:
        text = "\n".join(json.dumps(pod, ensure_ascii=not style["allow_unicode"]) for pod in pods)
    else:
        text = yaml.safe_dump_all(pods, explicit_start=True, **style)
    file = Input("f", (bom + text).encode())
    images = folded(read_input(file).uses)
    done = rewritten(file, {use: DIGEST for image in images for use in image.uses})
    assert not done.left
    assert done.count == sum(len(some) for pod in pods for some in pod["spec"].values())
    assert done.data.replace(f"@{DIGEST}".encode(), b"") == file.data
    again = done.data.decode("utf-8-sig")
    read = (
        [json.loads(line) for line in again.split("\n")] if is_json else yaml.safe_load_all(again)
    )
    assert list(read) == [with_digests(pod) for pod in pods]
