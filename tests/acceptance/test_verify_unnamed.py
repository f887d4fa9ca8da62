"""Images that a deployment uses and does not name: nobody verified them, so they stop."""

import json
from pathlib import Path

import pytest

from tests.real_parts.certificates import Chain
from tests.signing_project import Project

TASK = {"containerDefinitions": [{"name": "app", "image": "<IMAGE1_NAME>"}]}
COMPOSE = {"services": {"app": {"build": "."}}}


@pytest.mark.parametrize(
    ("content", "kind"), [(TASK, "image-placeholder"), (COMPOSE, "image-missing")]
)
def test_an_image_that_a_file_does_not_name_stops_unless_its_rule_is_accepted(
    project: Project, ours: Chain, content: object, kind: str
) -> None:
    project.trust(ours)
    image = project.signed(ours)
    (project.folder / "file.json").write_text(json.dumps(content))
    (project.folder / "imageDetail.json").write_text(json.dumps({"ImageURI": image.tagged}))
    call = ("--format", "json", "--from", "file.json", "--from", "imageDetail.json")
    ran = project.verify(*call)
    (hole,) = [one for one in ran.report["cases"] if one["outcome"] != "passed"]
    assert (ran.code, hole["kind"], hole["cause"]) == (1, kind, "subject")
    assert "nobody can verify it" in hole["detail"]
    assert f"accept `{kind}`" in hole["detail"]
    assert hole["locations"][0]["path"] == "file.json"
    assert ran.rules() == []  # it is told once
    accept(project.folder, {"rule": kind, "path": "file.json", "reason": "imageDetail.json has it"})
    ran = project.verify(*call)
    assert ran.code == 0
    assert [one["accepted"] for one in ran.report["findings"]] == ["imageDetail.json has it"]


def accept(folder: Path, *accepted: object) -> None:
    path = folder / "buildsteps.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "accept": accepted}))


def test_a_hole_alone_is_told_once_and_not_as_emptiness_too(project: Project, ours: Chain) -> None:
    project.trust(ours)
    (project.folder / "compose.json").write_text(json.dumps(COMPOSE))
    ran = project.verify("--format", "json", "--from", "compose.json")
    assert (ran.code, len(ran.report["cases"])) == (1, 1)
    accept(project.folder, {"rule": "image-missing", "reason": "built here"})
    ran = project.verify("--from", "compose.json")
    assert ran.code == 2
    assert "no image is used in compose.json" in ran.out


def test_acceptances_of_holes_are_told_when_they_run_out_or_cover_nothing(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    image = project.signed(ours)
    (project.folder / "task.json").write_text(json.dumps(TASK))
    old = {"rule": "image-placeholder", "reason": "soon", "until": "2020-01-01"}
    accept(project.folder, old)
    ran = project.verify("--format", "json", image.tagged, "--from", "task.json")
    assert ran.code == 1
    assert "ran out on 2020-01-01" in ran.out
    foreign = {"rule": "unused-template", "path": "*.cedar", "reason": "of another command"}
    anything = {"rule": "*", "path": "*.cedar", "reason": "of another command"}
    accept(project.folder, foreign, anything, {**old, "until": "2099-01-01"})
    ran = project.verify("--format", "json", image.tagged)
    assert ran.code == 0
    (told,) = ran.report["findings"]
    assert told["rule"] == "unused-acceptance"
    assert "image-placeholder" in told["message"]
