"""Asked all at once as permits, mutants answer as the engine does with each in its place."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.mutants import Mutant, mutants_of
from buildsteps.steps.cedar.mutation.originals import originals
from buildsteps.steps.cedar.mutation.sorting import by_validity
from buildsteps.steps.cedar.mutation.trial_court import Bench
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.json import rendered
from buildsteps.steps.cedar.text.entity_uids import for_engine
from tests.unit.steps.cedar.mutation import any_stores


def exchanged(validated: Validated, mutant: Mutant) -> engine.PolicySet:
    """The whole set with the mutant in place of its original; a link that is gone is not there."""
    number = next(n for n, one in enumerate(validated.good) if one is mutant.policy)
    texts = [one.text for one in validated.good]
    gone = mutant.link is None and mutant.change.document is None
    if mutant.text:
        texts[number] = mutant.text
    kept = [n for n in range(len(texts)) if not (gone and n == number)]
    source = [f'@is("{n}") {texts[n]}' for n in kept]
    place = {n: f"policy{at}" for at, n in enumerate(kept)}
    slots = [slot for slot in ("?principal", "?resource") if slot in mutant.text]
    links = []
    for name, linked in validated.linked.items():
        if name in mutant.replaces and not mutant.instances:
            continue
        values = {slot: for_engine(uid) for slot, uid in linked.values.items()}
        template = next(n for n, one in enumerate(validated.good) if one is linked.template)
        if name in mutant.replaces:
            values = {slot: value for slot, value in values.items() if slot in slots}
        if values:
            links.append({"template_id": place[template], "new_id": name, "values": values})
    found = engine.any_policies("\n".join(source))
    return found.with_linked_batch(links) if links else found


def names(ids: tuple[str, ...], mutant: Mutant, validated: Validated) -> list[str]:
    """What a whole set's ids are in the original: a removed policy moves those behind it."""
    gone = mutant.link is None and mutant.change.document is None
    number = next(n for n, one in enumerate(validated.good) if one is mutant.policy)

    def named(one: str) -> str:
        at = engine.position(one) if one.startswith("policy") else -1
        return f"policy{at + 1}" if gone and at >= number else one

    return sorted(map(named, ids))


@settings(max_examples=20, deadline=None)
@given(any_stores.policies, any_stores.templates, st.booleans())
def test_a_mutant_decides_as_the_engine_does_with_it_in_its_place(
    policies: list[str], templates: list[tuple[str, list[str]]], schema: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inputs, validated = any_stores.store(Path(folder), policies, templates, schema=schema)
    handle = inputs.schema.handle if inputs.schema else None
    entities = engine.Entities.from_json_str(_entities(), handle)
    known = originals(validated)
    mutants, _ = by_validity(list(mutants_of(known, validated)), handle)
    bench = Bench.of(known, mutants, handle)
    seen = list(bench.seen(any_stores.REQUESTS, entities))
    assert len(seen) == len(any_stores.REQUESTS)
    today = engine.authorize(any_stores.REQUESTS, validated.policy_set, entities, handle)
    for mutant in mutants:
        if mutant.policy.statement.is_template and mutant.instances and "?" not in mutant.text:
            continue  # it lost its slot: no set of policies and links says so
        whole = exchanged(validated, mutant)
        answers = engine.authorize(any_stores.REQUESTS, whole, entities, handle)
        for one, was, now in zip(seen, today, answers, strict=True):
            shift = next((s for s in one.shifts if s.mutant is mutant), None)
            told = bench.answers(one, shift) if shift else was
            assert told.decision == now.decision
            assert sorted(told.reasons) == names(now.reasons, mutant, validated)
            failed = tuple(name for name, _ in now.errors)
            assert sorted(name for name, _ in told.errors) == names(failed, mutant, validated)
            assert shift is None or bench.decides(one, shift) == now.decision


@settings(max_examples=40, deadline=None)
@given(any_stores.policies, any_stores.templates)
def test_the_text_of_every_mutant_parses_and_says_what_its_tree_says(
    policies: list[str], templates: list[tuple[str, list[str]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, validated = any_stores.store(Path(folder), policies, templates, schema=False)
    for mutant in mutants_of(originals(validated), validated):
        if mutant.change.document is not None:
            (document,) = engine.policy_documents(mutant.text).values()
            # the engine itself writes the same tree; it knows no lists of one
            whole = mutant.change.document
            assert document == next(iter(engine.policy_documents(rendered(whole)).values()))


def _entities() -> str:
    return json.dumps(any_stores.ENTITIES)
