"""``verify --write-digests``: what stands in the files afterwards, and what goes to the pipe."""

import json
from pathlib import Path

import pytest

from tests.real_parts.certificates import Chain
from tests.real_parts.images import Image
from tests.signing_project import Project

POD = "# ours\nkind: Pod\napiVersion: v1\nspec: {{containers: [{{name: a, image: '{}'}}]}}\n"


@pytest.fixture
def image(project: Project, ours: Chain) -> Image:
    """A signed image of a project that trusts its signer."""
    project.trust(ours)
    return project.signed(ours)


@pytest.fixture
def pod(project: Project, image: Image) -> Path:
    """A manifest with the signed image, by tag."""
    path = project.folder / "pod.yaml"
    path.write_text(POD.format(image.tagged))
    return path


def test_the_digests_of_verified_images_are_written_in_place(
    project: Project, image: Image, pod: Path
) -> None:
    ran = project.verify("--from", "pod.yaml", "--write-digests")
    assert ran.code == 0, ran.err
    assert pod.read_text() == POD.format(f"{image.tagged}@{image.digest}")
    assert "1 digest written to pod.yaml" in ran.out
    again = project.verify("--from", "pod.yaml", "--write-digests")
    assert "no digest was written: the files have them already" in again.out


def test_with_json_standard_output_is_json_and_tells_what_was_written(
    project: Project, image: Image, pod: Path
) -> None:
    ran = project.verify("--from", "pod.yaml", "--write-digests=out.yaml", "--format", "json")
    assert ran.code == 0
    facts = ran.report["facts"]
    assert (facts["digests_written"], facts["digests_written_to"]) == (1, ["out.yaml"])
    assert pod.read_text() == POD.format(image.tagged)
    assert image.digest in (project.folder / "out.yaml").read_text()


@pytest.mark.parametrize(("flags", "code"), [((), 1), (("--report-only",), 0)])
def test_one_image_that_does_not_pass_keeps_every_digest_from_being_written(
    project: Project, pod: Path, flags: tuple[str, ...], code: int
) -> None:
    before = pod.read_text()
    bad = project.repository.push_image(tag="bad")
    (project.folder / "bad.yaml").write_text(POD.format(bad.tagged))
    ran = project.verify("--from", "pod.yaml", "--from", "bad.yaml", "--write-digests", *flags)
    assert ran.code == code
    assert "no digest was written" in ran.out
    assert (pod.read_text(), (project.folder / "bad.yaml").read_text()) == (
        before,
        POD.format(bad.tagged),
    )


def test_what_an_earlier_run_wrote_is_gone_when_the_gate_stops(project: Project, pod: Path) -> None:
    pod.write_text(POD.format(project.repository.push_image(tag="bad").tagged))
    (project.folder / "out.yaml").write_text("of yesterday")
    assert project.verify("--from", "pod.yaml", "--write-digests=out.yaml").code == 1
    assert not (project.folder / "out.yaml").exists()


def test_the_file_that_is_read_is_never_removed(project: Project, pod: Path) -> None:
    text = POD.format(project.repository.push_image(tag="bad").tagged)
    pod.write_text(text)
    assert project.verify("--from", "pod.yaml", "--write-digests=./pod.yaml").code == 1
    assert pod.read_text() == text


def test_an_exempt_image_keeps_its_tag(project: Project, image: Image, pod: Path) -> None:
    side = project.repository.push_image(tag="side")
    pod.write_text(f"{POD.format(image.tagged)}---\n{POD.format(side.tagged)}")
    path = project.folder / "buildsteps.yaml"
    accepted = {"rule": "unsigned", "image": side.tagged, "reason": "public"}
    path.write_text(json.dumps({**json.loads(path.read_text()), "accept": [accepted]}))
    ran = project.verify("--from", "pod.yaml", "--write-digests")
    assert ran.code == 0, ran.out
    written = pod.read_text()
    assert f"{image.tagged}@{image.digest}'" in written
    assert f"{side.tagged}'" in written
    assert f"{side.tagged} keeps its tag: it is exempt" in ran.out


def test_standard_input_goes_on_to_standard_output_and_the_report_to_standard_error(
    project: Project, image: Image
) -> None:
    ran = project.verify(
        "--from", "-", "--write-digests=-", stdin="\ufeff" + POD.format(image.tagged)
    )
    assert ran.code == 0
    assert ran.out == "\ufeff" + POD.format(f"{image.tagged}@{image.digest}")
    assert "PASSED: 1 passed" in ran.err
    assert "1 digest written to standard output" in ran.err


def test_nothing_goes_on_when_the_gate_stops(project: Project, image: Image) -> None:
    bad = project.repository.push_image(tag="bad")
    for flags in ((), ("--report-only",)):
        ran = project.verify(
            "--from", "-", "--write-digests=-", *flags, stdin=POD.format(bad.tagged)
        )
        assert ran.out == ""
        assert "STOPPED" in ran.err


def test_nothing_goes_on_when_a_report_cannot_be_written(project: Project, pod: Path) -> None:
    ran = project.verify(
        "--from", "pod.yaml", "--write-digests=-", "--output", "json=pod.yaml/x.json"
    )
    assert (ran.code, ran.out) == (3, "")


def test_a_file_that_cannot_be_written_is_a_case_and_the_others_are_kept(
    project: Project, pod: Path
) -> None:
    before = pod.read_text()
    ran = project.verify(
        "--from", "pod.yaml", "--write-digests=pod.yaml/out.yaml", "--format", "json"
    )
    assert ran.code == 3
    assert pod.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--write-digests", "r.test/a:1"), "writes into a file of --from, and none was given"),
        (("--from", "-", "--write-digests"), "standard input cannot be written in place"),
        (
            ("--from", "pod.yaml", "--from", "b.yaml", "--write-digests=c"),
            "takes one file of --from, and 2 were given",
        ),
        (
            ("--from", "pod.yaml", "--write-digests=./x.json", "--output", "json=x.json"),
            "a report and the digests would both be written to ./x.json",
        ),
        (
            ("--from", "pod.yaml", "--write-digests=-", "--format", "json"),
            "both take standard output: write the report with --output json=FILE",
        ),
    ],
)
def test_a_call_with_no_place_to_write_to_is_wrong(
    project: Project, pod: Path, arguments: tuple[str, ...], told: str
) -> None:
    (project.folder / "b.yaml").write_text(pod.read_text())
    ran = project.verify(*arguments, stdin=pod.read_text())
    assert ran.code == 2
    assert told in ran.err
