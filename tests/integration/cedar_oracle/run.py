"""Random stores judged by ``buildsteps cedar-validate`` as a user runs it, beside the oracle."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.command_line import buildsteps
from tests.integration.cedar_oracle.answers import Answers, Complaint, Decision, ask
from tests.integration.cedar_oracle.stores import Store, random_store
from tests.real_parts.cedar_wasm import Oracle

SUITE = "decisions"
_PLACE = re.compile(r"^(?P<path>[^\n:]+):(?P<line>\d+):(?P<column>\d+): (?P<message>.*)$", re.M)


class Judged(Struct, frozen=True):
    """What our report says of one store."""

    cases: dict[str, dict[str, Any]]
    tests: dict[str, dict[str, Any]]
    findings: list[dict[str, Any]]
    facts: dict[str, Any]

    def complaints(self, case: str) -> list[Complaint]:
        """The mistakes that the case of a file tells, as a reader of the report sees them."""
        found = self.cases[case]
        if found["outcome"] != "error":
            return []
        first = found["locations"][0]
        texts = [(first["line"], first["column"], found["message"])]
        texts += [
            (int(one["line"]), int(one["column"]), one["message"])
            for one in _PLACE.finditer(found["detail"])
        ]
        return [
            Complaint(message=message, line=line, column=column, offset=-1)
            for line, column, message in texts
        ]


class Compared(Struct, frozen=True):
    """A store, what the oracle says of it, and what we say."""

    said: Answers
    ours: Judged

    @property
    def store(self) -> Store:
        """The store."""
        return self.said.store


def compare(seeds: Sequence[int], folder: Path, oracle: Oracle) -> list[Compared]:
    """Make the stores of these seeds below ``folder`` and judge them all in one run."""
    answers = ask([random_store(seed) for seed in seeds], oracle)
    for one in answers:
        one.store.write(folder / one.store.name)
        if tests := _tests(one):
            suite = json.dumps({"name": SUITE, "tests": tests})
            (folder / one.store.name / "tests" / "cedartests.json").write_text(suite, "utf-8")
    names = [one.store.name for one in answers]
    ran = buildsteps("cedar-validate", *names, "--format", "json", cwd=folder)
    report = ran.report
    facts = {one["name"]: one for one in report["facts"]["stores"]}
    return [Compared(one, _judged(one.store.name, report, facts)) for one in answers]


def _judged(name: str, report: dict[str, Any], facts: dict[str, Any]) -> Judged:
    def group(word: str) -> dict[str, dict[str, Any]]:
        mine = [one for one in report["cases"] if one["group"] == f"{name}: {word}"]
        return {one["name"].removeprefix("validate "): one for one in mine}

    paths = (name, f"{name}/")
    return Judged(
        cases=group("validate"),
        tests=group(SUITE),
        findings=[
            one
            for one in report["findings"]
            if any(place["path"].startswith(paths) for place in one["locations"])
        ],
        facts=facts[name],
    )


def _tests(one: Answers) -> list[dict[str, Any]]:
    """Each request twice: expecting what the oracle says, and expecting something else."""
    made = []
    decisions = one.decisions or [Decision(decision="")] * len(one.store.requests)
    for number, (request, said) in enumerate(zip(one.store.requests, decisions, strict=True)):
        asked = {
            **{name: _uid(request[name]) for name in ("principal", "action", "resource")},
            "context": request["context"],
        }
        made.append({**asked, "name": f"as said {number}", **_expected(said)})
        contrary = _contrary(said, number, [policy.id for policy in one.good])
        made.append({**asked, "name": f"contrary {number}", **_expected(contrary)})
    return made


def _expected(said: Decision) -> dict[str, Any]:
    decision = said.decision or "deny"
    return {"decision": decision, "reasons": said.reasons, "errors": said.errors}


def _contrary(said: Decision, number: int, ids: list[str]) -> Decision:
    """The answer with its decision, its reasons or its errors changed."""
    other = "allow" if said.decision == "deny" else "deny"
    changed = [
        Decision(decision=other, reasons=said.reasons, errors=said.errors),
        Decision(
            decision=said.decision, reasons=_one_changed(said.reasons, ids), errors=said.errors
        ),
        Decision(
            decision=said.decision, reasons=said.reasons, errors=_one_changed(said.errors, ids)
        ),
    ]
    return changed[number % 3]


def _one_changed(names: tuple[str, ...], ids: list[str]) -> tuple[str, ...]:
    """One name less; of none, one more."""
    return names[1:] if names else tuple((ids or ["nobody"])[:1])


def _uid(uid: dict[str, str]) -> str:
    return f'{uid["type"]}::"{uid["id"]}"'
