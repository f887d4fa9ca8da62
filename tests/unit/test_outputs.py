from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.options import CommonOptions
from buildsteps.outputs import outputs_despite_mistakes, outputs_of
from tests.world_double import fake_world

CODEBUILD = {"CODEBUILD_SRC_DIR": "/src"}


def written(
    folder: Path,
    *output: str,
    junit: str = "",
    environ: dict[str, str] | None = None,
    name: str = "",
) -> list[str]:
    options = CommonOptions(output=output, junit=junit, name=name)
    world = fake_world(folder, environ=environ)
    outputs = outputs_of("config show", options, world)
    assert outputs_despite_mistakes("config show", options, world) == outputs
    return [f"{one.format}={one.path}" for one in outputs]


@pytest.mark.parametrize(
    ("output", "junit", "environ", "expected"),
    [
        ((), "", {}, []),
        (("json=a", "sarif=/b"), "", {}, ["json=/w/a", "sarif=/b"]),
        (("json=a=b",), "", {}, ["json=/w/a=b"]),
        ((), "x.xml", {}, ["junit=/w/x.xml"]),
        (("junit=a",), "b", {}, ["junit=/w/a", "junit=/w/b"]),
        ((), "", CODEBUILD, ["junit=/src/reports/config-show.xml"]),
        ((), "x.xml", CODEBUILD, ["junit=/w/x.xml"]),
        (("junit=a",), "", CODEBUILD, ["junit=/w/a"]),
        (("json=a",), "", CODEBUILD, ["json=/w/a", "junit=/src/reports/config-show.xml"]),
        ((), "", {"CODEBUILD_SRC_DIR": ""}, []),
    ],
)
def test_reports_go_where_the_user_says_and_where_codebuild_looks(
    output: tuple[str, ...], junit: str, environ: dict[str, str], expected: list[str]
) -> None:
    assert written(Path("/w"), *output, junit=junit, environ=environ) == expected


def test_two_runs_in_one_build_have_each_a_file_by_their_names() -> None:
    files = [written(Path("/w"), environ=CODEBUILD, name=name) for name in ("a", "b-2.x_Y", "")]
    folder = "junit=/src/reports/config-show"
    assert files == [[f"{folder}-a.xml"], [f"{folder}-b-2.x_Y.xml"], [f"{folder}.xml"]]


@pytest.mark.parametrize("name", ["a/b", "..", "-a", "a b", "ä", "a\n", "x" * 65])
def test_a_name_that_no_file_should_have_is_refused_and_left_out(name: str) -> None:
    options = CommonOptions(name=name)
    world = fake_world(Path("/w"), environ=CODEBUILD)
    with pytest.raises(UsageError, match="--name takes up to 64 letters"):
        outputs_of("schema", options, world)
    (output,) = outputs_despite_mistakes("schema", options, world)
    assert str(output.path) == "/src/reports/schema.xml"


def test_exports_and_a_report_cannot_share_a_file() -> None:
    options = CommonOptions(output=("json=x",), export=("A",), export_file="x")
    with pytest.raises(UsageError, match="two reports would be written to x"):
        outputs_of("schema", options, fake_world(Path("/w")))


@pytest.mark.parametrize(
    ("output", "junit", "sentence"),
    [
        (("json",), "", "--output takes FORMAT=PATH, not 'json'"),
        (("json=",), "", "--output takes FORMAT=PATH, not 'json='"),
        (("=a",), "", "unknown format ``"),
        (("jsn=a",), "", "unknown format `jsn`. Did you mean `json`?"),
        (("json=a", "sarif=./b/../a"), "", "two reports would be written to a"),
        (("json=x",), "x", "two reports would be written to x"),
    ],
)
def test_an_output_that_cannot_be_is_a_wrong_call(
    output: tuple[str, ...], junit: str, sentence: str
) -> None:
    options = CommonOptions(output=output, junit=junit)
    with pytest.raises(UsageError) as caught:
        outputs_of("try", options, fake_world(Path("/w")))
    assert sentence in str(caught.value)


def test_what_can_be_understood_is_written_despite_the_rest() -> None:
    options = CommonOptions(output=("json", "json=a", "sarif=a", "xml=c"), junit="b")
    outputs = outputs_despite_mistakes("try", options, fake_world(Path("/w")))
    assert [f"{one.format}={one.path}" for one in outputs] == ["json=/w/a", "junit=/w/b"]
