"""Suites made at random decide as the engine does when it is asked directly."""

import copy
import json
import re
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import cedarpy
from hypothesis import given, settings

from buildsteps.results import Case, Outcome, Report
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.validate import collect
from tests.unit.steps.cedar.trials.any_suites import (
    FILE_ENTITIES,
    POLICIES,
    SCHEMALESS,
    UIDS,
    junk,
    near_suites,
    suites,
)
from tests.world_double import fake_world


def judged(document: Any, policies: str = SCHEMALESS) -> list[Case]:
    """The cases of a store whose only tests are this suite's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "all.cedar").write_text(policies)
        (folder / "cedarentities.json").write_text(json.dumps(FILE_ENTITIES))
        text = json.dumps(document, ensure_ascii=False)
        (folder / "s.cedartests.json").write_text(text)
        report = collect(ValidateOptions(), fake_world(folder))
    assert isinstance(report, Report)
    return [case for case in report.cases if case.group != "validate"]


def uid(word: Any) -> dict[str, str]:
    if isinstance(word, dict):
        return word
    kind, _, name = UIDS.get(word, word).partition("::")
    return {"type": kind, "id": name.strip('"')}


def seen_entities(document: Any, part: Any) -> str:
    """The entities that a test sees, laid over each other as the documentation says."""
    found = {json.dumps(one["uid"]): copy.deepcopy(one) for one in FILE_ENTITIES}
    over: dict[str, Any] = {}
    for one in (*document.get("entities", ()), *part.get("entities", ())):
        new = {**one, "uid": uid(one["uid"])}
        new["parents"] = [uid(word) for word in one["parents"]] if "parents" in one else None
        over.setdefault(json.dumps(new["uid"]), []).append(new)
    for key, layers in over.items():
        base = found.setdefault(key, {"uid": layers[0]["uid"], "attrs": {}, "parents": []})
        for new in layers:
            base["attrs"] = {**base["attrs"], **new.get("attrs", {})}
            base["tags"] = {**base.get("tags", {}), **new.get("tags", {})}
            base["parents"] = base["parents"] if new["parents"] is None else new["parents"]
    return json.dumps([*found.values()])


def asked(document: Any, part: Any, words: tuple[str, str, str]) -> cedarpy.AuthzResult:
    """The engine's own answer."""
    context = part.get("context")
    if context is None:
        context = document["defaults"].get("context") or {}
    request = dict(
        zip(("principal", "action", "resource"), (UIDS.get(w, w) for w in words), strict=True)
    )
    return cedarpy.is_authorized(
        {**request, "context": context}, SCHEMALESS, seen_entities(document, part)
    )


def outcome(document: Any, part: Any, words: tuple[str, str, str], decision: str) -> Outcome:
    """What must become of a test, by what the engine says and the documentation demands."""
    if part.get("skip"):
        return Outcome.SKIPPED
    answer = asked(document, part, words)
    names = list(POLICIES)
    deciding = {names[int(one.removeprefix("policy"))] for one in answer.diagnostics.reasons}
    found = [re.search(r"`policy(\d+)`", text) for text in answer.diagnostics.errors]
    failed = {names[int(one[1])] for one in found if one}
    wanted, some, errors = (part.get(k) for k in ("reasons", "reasons_include", "errors"))
    right = (answer.decision.name.lower() == decision) and (
        set(some) <= deciding if some is not None else wanted is None or set(wanted) == deciding
    )
    if isinstance(errors, int):
        right = right and len(failed) == errors
    elif errors is not None:
        right = right and set(errors) == failed
    return Outcome.PASSED if right else Outcome.FAILED


def expected(document: Any) -> Iterator[Outcome]:
    defaults = document["defaults"]
    for test in document["tests"]:
        principal, action, resource = (
            test.get(key) or defaults[key] for key in ("principal", "action", "resource")
        )
        yield outcome(document, test, (principal, action, resource), test["decision"])
    for matrix in document["matrix"]:
        axes = (matrix["principals"], matrix["actions"], matrix["resources"])
        for words in product(*axes):
            allowed = any(
                all(
                    cell.get(key, "*") == "*" or word in cell[key]
                    if isinstance(cell.get(key), list)
                    else cell.get(key, "*") in ("*", word)
                    for key, word in zip(("principal", "action", "resource"), words, strict=True)
                )
                for cell in matrix.get("allow", ())
            )
            yield outcome(document, matrix, words, "allow" if allowed else "deny")


@settings(max_examples=100, deadline=None)
@given(document=suites())
def test_a_suite_gives_a_case_a_test_that_decides_as_the_engine_does(document: Any) -> None:
    cases = judged(document)
    assert [case.outcome for case in cases] == [*expected(document)]
    assert len({case.name for case in cases}) == len(cases)


@settings(max_examples=100, deadline=None)
@given(document=near_suites())
def test_a_suite_with_a_mistake_at_any_depth_is_answered_with_cases(document: Any) -> None:
    cases = judged(document)
    assert cases
    for case in cases:
        assert case.outcome is not Outcome.ERROR or case.message


@settings(max_examples=30, deadline=None)
@given(document=junk)
def test_what_is_no_suite_is_one_error(document: Any) -> None:
    (case,) = judged(document)
    assert (case.outcome, case.locations[0].path) == (Outcome.ERROR, "s.cedartests.json")
