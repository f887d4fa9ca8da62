import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.steps.scan.codeguru.answers import Answer
from buildsteps.steps.scan.codeguru.saved import saved_answers
from tests.world_double import fake_world


def read(folder: Path, *texts: str | bytes) -> list[Answer]:
    names = []
    for number, text in enumerate(texts):
        names.append(f"findings-{number}.json")
        data = text if isinstance(text, bytes) else text.encode()
        (folder / names[-1]).write_bytes(data)
    return saved_answers(names, fake_world(folder))


def refusal(folder: Path, *texts: str | bytes) -> str:
    with pytest.raises(UsageError) as told:
        read(folder, *texts)
    return str(told.value)


def page(*rules: str, **more: Any) -> str:
    return json.dumps({"findings": [{"ruleId": rule, "severity": "Low"} for rule in rules], **more})


def test_findings_are_read_with_whatever_else_the_answer_holds(tmp_path: Path) -> None:
    (answer,) = read(
        tmp_path,
        """{"findings": [{"ruleId": "a", "severity": "High", "createdAt": "2025-06-02T09:00:00Z",
        "resource": {"id": "shop"}, "futureKey": [1]}], "nextToken": null}""",
    )
    assert [(one.rule_id, one.severity) for one in answer.findings] == [("a", "High")]


def test_pages_follow_each_other_and_the_last_one_must_be_there(tmp_path: Path) -> None:
    answers = read(tmp_path, page("a", nextToken="t"), page("b"))
    assert [one.rule_id for answer in answers for one in answer.findings] == ["a", "b"]
    for token in ("nextToken", "NextToken"):
        assert refusal(tmp_path, page("b"), page("a", **{token: "t"})).startswith(
            "findings-1.json: there are more findings than this file holds"
        )


def test_no_findings_are_an_answer_and_no_list_of_them_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, page())[0].findings == []
    assert refusal(tmp_path, '\n {"runId": "x"}') == (
        "findings-0.json:2:2: is no answer of GetFindings: it has no `findings`; "
        "`aws codeguru-security get-findings --scan-name NAME` prints what is meant"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "findings-0.json: is empty"),
        ('{"findings": [}', "findings-0.json:1:15: not valid JSON"),
        ("[]", "findings-0.json:1:1: expected a mapping, found a list"),
        ('{"findings": {}}', "findings-0.json:1:14: expected a list, found a mapping"),
        ('{"findings": [\n 5]}', "findings-0.json:2:2: expected a mapping, found the number `5`"),
        (
            '{"findings": [\n {"severity": "HIGH", "ruleId": "a"}]}',
            "findings-0.json:2:15: expected `Critical`, `High`, `Info`, `Low`, `Medium` or "
            "nothing, found text `HIGH`",
        ),
        (
            '{"findings": [{"ruleId": "a", "vulnerability":\n {"filePath": {"startLine": "7"}}}]}',
            "findings-0.json:2:29: expected a whole number or nothing, found text `7`",
        ),
        (
            '{"findings": [{"ruleId": "a"},\n {"awsAccountId": "1"}]}',
            "findings-0.json:2:2: is no finding of CodeGuru Security",
        ),
        ("{} {}", "findings-0.json:1:4: holds 2 JSON documents instead of one"),
        (b'{"findings": ["\xff"]}', "findings-0.json:1: is not UTF-8"),
        ("\ufeff{}".encode("utf-16-le"), "findings-0.json: is UTF-16, not UTF-8"),
        ('{"x": ' + "[" * 5000 + "]" * 5000 + "}", "is nested more than 100 levels deep"),
        (page(failedFindings=[{}]), "findings-0.json: 1 finding could not be fetched"),
    ],
)
def test_what_is_no_such_answer_is_told_with_its_place(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    assert told in refusal(tmp_path, text)


def test_a_file_that_is_not_there_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nope\.json: cannot be read"):
        saved_answers(["nope.json"], fake_world(tmp_path))
    with pytest.raises(UsageError, match="is a folder"):
        saved_answers(["."], fake_world(tmp_path))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
KEYS = st.sampled_from(
    ["findings", "ruleId", "severity", "vulnerability", "filePath", "startLine", "codeSnippet", "x"]
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DOCUMENTS | st.lists(DOCUMENTS, max_size=3).map(lambda found: {"findings": found}))
def test_any_json_is_an_answer_or_refused_with_the_file_named(
    tmp_path: Path, document: Any
) -> None:
    try:
        (answer,) = read(tmp_path, json.dumps(document))
    except UsageError as error:
        assert str(error).startswith("findings-0.json:")
    else:
        assert all(one.is_named for one in answer.findings)
