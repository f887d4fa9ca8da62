import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from buildsteps import catalog
from buildsteps.errors import UsageError
from buildsteps.results import Outcome, Report
from buildsteps.run import execute
from buildsteps.steps.config.command import (
    CHECK,
    SHOW,
    CheckOptions,
    SchemaOptions,
    ShowOptions,
    check,
    schema,
    show,
)
from buildsteps.steps.config.json_schema import configuration_schema
from tests.world_double import fake_world

DOCUMENTS: list[tuple[str, bool]] = [
    ("", True),
    ("{}", True),
    ("cedar_validate:", True),
    ("cedar_validate: {}", True),
    ("cedar_validate: {strict: true, jobs: 2, min_coverage: 80, filter: [a]}", True),
    ("cedar_validate: {min_coverage: null, format: json, output: [json=r]}", True),
    ("config_show: {verbose: true}", True),
    ("cedar: {stores: {a: {path: p, tests: [t]}}}", True),
    ("cedar: {x-note: 1}", True),
    ("x-anchors: [1, {a: b}]", True),
    ("accept: [{rule: r, reason: why, until: 2027-06-30, path: '*', owner: me}]", True),
    ("accept: []", True),
    ("- a", False),
    ("word", False),
    ("cdar: {}", False),
    ("cedar_validate: []", False),
    ("cedar_validate: {strit: true}", False),
    ("cedar_validate: {strict: 1}", False),
    ("cedar_validate: {strict: null}", False),
    ("cedar_validate: {jobs: many}", False),
    ("cedar_validate: {jobs: true}", False),
    ("cedar_validate: {min_coverage: '80'}", False),
    ("cedar_validate: {filter: a}", False),
    ("cedar_validate: {filter: [1]}", False),
    ("cedar_validate: {format: xml}", False),
    ("cedar_validate: {config: other.yaml}", False),
    ("cedar_validate: {accept: []}", False),
    ("cedar: {stores: []}", False),
    ("cedar: {stores: {a: {pth: p}}}", False),
    ("cedar: {stores: {a: null}}", False),
    ("accept: {}", False),
    ("accept: [{rule: r}]", False),
    ("accept: [{rule: r, reason: ''}]", False),
    ("accept: [{rule: r, reason: ' '}]", False),
    ("cedar_validate: {jobs: 3.0}", True),
    ("cedar_validate: {jobs: 3.5}", False),
    ("cedar_validate: {jobs: '3'}", False),
    ("cedar_validate: {junit_limit: 5.0, min_coverage: 80.0}", True),
    ("cedar_validate: {junit_limit: 5.5}", False),
    ("accept: [{rule: r, reason: w, because: x}]", False),
]


def checked(folder: Path, text: str) -> Report:
    (folder / "buildsteps.yaml").write_text(text)
    return check(CheckOptions(), fake_world(folder))


def passes(report: Report) -> bool:
    return all(case.outcome is Outcome.PASSED for case in report.cases)


def as_json(text: str) -> Any:
    """The document as an editor sees it: days are text."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.fixture(scope="module")
def validator() -> Any:
    document = configuration_schema()
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


@pytest.mark.parametrize(("text", "right"), DOCUMENTS)
def test_the_schema_and_the_reader_agree(
    tmp_path: Path, validator: Any, text: str, right: bool
) -> None:
    assert passes(checked(tmp_path, text)) is right
    if text:
        assert validator.is_valid(as_json(text)) is right


def test_the_schema_knows_every_section_and_describes_every_key() -> None:
    document = configuration_schema()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(document["properties"]) == catalog.sections()
    for section in document["properties"].values():
        assert section["description"]
        for key in section.get("properties", {}).values():
            assert key["description"]


def test_check_judges_each_command(tmp_path: Path) -> None:
    report = checked(tmp_path, "cedar_validate: {jobs: many}\nschema: {quit: true}\n")
    wrong = {c.name: (c.message, str(c.locations[0])) for c in report.cases if c.message}
    assert wrong == {
        "cedar-validate": (
            "expected a whole number, found text `many`",
            "buildsteps.yaml:1:24",
        ),
        "schema": ("unknown key `quit`. Did you mean `quiet`?", "buildsteps.yaml:2:10"),
    }
    assert [case.name for case in report.cases] == ["sections", *catalog.COMMANDS]


def test_check_tells_every_mistake_of_a_command_and_of_the_sections(tmp_path: Path) -> None:
    text = "cdar: {}\ncedar_validate: {jobs: many, strit: true, format: xml}\nzchema: {}\n"
    environ = {"BUILDSTEPS_CEDAR_VALIDATE_JOBZ": "2"}
    (tmp_path / "buildsteps.yaml").write_text(text)
    report = check(CheckOptions(), fake_world(tmp_path, environ=environ))
    told = {c.name: f"{c.message}\n{c.detail}" for c in report.cases if c.message}
    assert set(told) == {"sections", "cedar-validate"}
    for mistake in ("section `cdar`", "buildsteps.yaml:3:1: unknown section `zchema`"):
        assert mistake in told["sections"]
    for mistake in ("`many`", "`strit`", "`xml`", "BUILDSTEPS_CEDAR_VALIDATE_JOBZ"):
        assert mistake in told["cedar-validate"]


def test_an_acceptance_without_a_reason_is_a_case_at_its_place(tmp_path: Path) -> None:
    report = checked(tmp_path, "accept:\n- {rule: r}\n")
    (wrong,) = [case for case in report.cases if case.outcome is Outcome.FAILED]
    assert (wrong.message, str(wrong.locations[0])) == (
        "the acceptance of r gives no reason",
        "buildsteps.yaml:2:3",
    )


@pytest.mark.parametrize("text", ["cdar: {}", "accept: 1", "a: ["])
def test_a_wrong_file_stops_check_and_makes_every_other_command_a_wrong_call(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "buildsteps.yaml").write_text(text)
    assert execute(CHECK, {}, fake_world(tmp_path)) == 1
    assert execute(SHOW, {}, fake_world(tmp_path)) == 2


def test_check_tells_where_there_is_nothing_to_check(tmp_path: Path) -> None:
    report = check(CheckOptions(), fake_world(tmp_path))
    assert (report.cases, report.emptiness) == ((), "there is no buildsteps.yaml here or above")


def test_check_of_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file `no\.yaml`"):
        check(CheckOptions(config="no.yaml"), fake_world(tmp_path))


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfea\x00", b"cedar:\n  \xe9\n"])
def test_check_of_a_file_that_is_no_yaml_is_an_error_case(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "buildsteps.yaml").write_bytes(content)
    (case,) = check(CheckOptions(), fake_world(tmp_path)).cases
    assert (case.name, case.outcome, case.cause) == ("sections", "error", "subject")


def test_check_looks_at_the_environment_as_well(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").touch()
    environ = {"BUILDSTEPS_CEDAR_VALIDATE_STRIKT": "1"}
    report = check(CheckOptions(), fake_world(tmp_path, environ=environ))
    assert [c.name for c in report.cases if c.outcome is Outcome.ERROR] == ["cedar-validate"]


def test_show_tells_values_and_sources(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text("cedar_validate:\n  filter: [a]\n  tests: [t]\n")
    environ = {"BUILDSTEPS_CEDAR_VALIDATE_JOBS": "2"}
    world = fake_world(tmp_path, environ=environ)
    shown = show(ShowOptions(commands=("cedar-validate",)), world)
    lines = [line.split(maxsplit=1) for line in shown.text.splitlines()]
    assert lines == [
        ["cedar-validate"],
        ["tests", f'["{tmp_path}/t"]  (file buildsteps.yaml:3)'],
        ["filter", '["a"]  (file buildsteps.yaml:2)'],
        ["jobs", "2  (environment BUILDSTEPS_CEDAR_VALIDATE_JOBS)"],
    ]
    rows = {row["option"]: row for row in shown.data["cedar-validate"]}
    assert rows["strict"] == {"option": "strict", "value": False, "source": "default"}


def test_show_shows_defaults_when_asked_and_every_command_unless_named(tmp_path: Path) -> None:
    assert "all defaults (-v shows them)" in show(ShowOptions(), fake_world(tmp_path)).text
    shown = show(ShowOptions(verbose=True), fake_world(tmp_path))
    assert list(shown.data) == list(catalog.COMMANDS)
    assert "false  (default)" in shown.text


def test_show_of_an_unknown_command_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"no command `cedar-valid`\. Did you mean `cedar-validate`"
    ):
        show(ShowOptions(commands=("cedar-valid",)), fake_world(tmp_path))


@pytest.mark.parametrize("subject", catalog.SCHEMAS)
def test_a_schema_is_valid_json_schema(tmp_path: Path, subject: str) -> None:
    document = json.loads(schema(SchemaOptions(subject=subject), fake_world(tmp_path)).text)
    jsonschema.Draft202012Validator.check_schema(document)


def test_a_schema_of_anything_else_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"not of `reprt`\. Did you mean `report`\?"):
        schema(SchemaOptions(subject="reprt"), fake_world(tmp_path))
