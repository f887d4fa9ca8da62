"""The answer to one of the things that a call of ``verify`` asks, and the report of all."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from buildsteps.results import Case, Finding, Report, unjudged
from buildsteps.steps.signing.exempting import Judged, settled
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.world import World

NOTHING = "nothing-judged"


class Part(Struct, frozen=True, kw_only=True):
    """What one source came to.

    ``judged`` are cases about images, which acceptances can exempt; ``cases`` all others.
    ``emptiness`` says why there was nothing to judge, if there was nothing.
    """

    name: str
    judged: tuple[Judged, ...] = ()
    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, object] = {}
    notes: tuple[str, ...] = ()
    emptiness: str = ""


def together(
    parts: Sequence[Part], options: VerifyOptions, world: World, *, whole_run: bool = True
) -> Report:
    """One report of all parts, with the exemptions; unused ones are told of a ``whole_run``.

    A source that was asked for and holds nothing must not hide behind one that passed: beside
    other cases it is a case of its own, unless ``--allow-empty`` accepts it.
    """
    judged = [one for part in parts for one in part.judged]
    exempt = settled(judged, options.accept, world, whole_run=whole_run)
    cases = [*exempt.cases, *(case for part in parts for case in part.cases)]
    empty = [part for part in parts if part.emptiness]
    notes = [note for part in parts for note in part.notes]
    if cases and options.allow_empty:
        notes += [part.emptiness for part in empty]
    elif cases:
        cases += [unjudged(part.name, part.name, part.emptiness, kind=NOTHING) for part in empty]
    return Report(
        cases=tuple(cases),
        findings=(*(one for part in parts for one in part.findings), *exempt.findings),
        facts={name: value for part in parts for name, value in part.facts.items()},
        notes=tuple(notes),
        emptiness="; ".join(part.emptiness for part in empty),
    )
