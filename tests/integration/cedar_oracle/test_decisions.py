"""Do we decide as the oracle does, for the same reasons, with the same evaluation errors?

Each request is a test in the store's suite twice: expecting what the oracle answers, which must
pass, and expecting something a little different, which must fail.
"""

from collections import Counter

from tests.integration.cedar_oracle.run import Compared
from tests.integration.cedar_oracle.tally import Tally


def outcomes(one: Compared, kind: str) -> dict[int, str]:
    """How the tests of one kind ended, by the number of the request."""
    return {
        int(name.removeprefix(kind)): case["outcome"]
        for name, case in one.ours.tests.items()
        if name.startswith(kind)
    }


def expected(one: Compared, where_judged: str) -> dict[int, str]:
    """How they must end; a request that the oracle cannot judge is an error.

    Entities that do not hold are told once, as a case of their own, and the tests are skipped.
    """
    entities_refused = any(case["kind"] == "entities" for case in one.ours.cases.values())
    if not one.said.schema_holds or entities_refused:
        assert not any(said.decision for said in one.said.decisions)
        return dict.fromkeys(range(len(one.store.requests)), "skipped")
    return {
        number: where_judged if said.decision else "error"
        for number, said in enumerate(one.said.decisions)
    }


def test_decision_reasons_and_errors_are_the_oracles(compared: list[Compared], usual: bool) -> None:
    tally = Tally("stores whose requests are answered as by the oracle")
    for one in compared:
        tally.add(one.store.name, outcomes(one, "as said "), expected(one, "passed"))
    tally.check(usual, (120, 120))


def test_any_other_decision_reason_or_error_fails(compared: list[Compared], usual: bool) -> None:
    tally = Tally("stores where another answer than the oracle's is refused")
    for one in compared:
        tally.add(one.store.name, outcomes(one, "contrary "), expected(one, "failed"))
    tally.check(usual, (120, 120))


def test_the_requests_are_worth_asking(compared: list[Compared]) -> None:
    seen: Counter[str] = Counter()
    for one in compared:
        for said in one.said.decisions:
            seen[said.decision or "not judged"] += 1
            seen["with reasons"] += bool(said.reasons)
            seen["with errors"] += bool(said.errors)
            seen["by a link"] += any(reason.startswith("link") for reason in said.reasons)
    kinds = ("allow", "deny", "not judged", "with reasons", "with errors", "by a link")
    assert all(seen[kind] for kind in kinds), seen
