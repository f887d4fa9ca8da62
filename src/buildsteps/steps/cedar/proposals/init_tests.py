"""``cedar-validate --init-tests``: a proposal for each store, written or shown."""

import os
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from buildsteps.errors import BuildstepsError, UsageError, WorldError
from buildsteps.reporting.text import encodable, printable
from buildsteps.step import Text
from buildsteps.steps.cedar.proposals.places import check_findable
from buildsteps.steps.cedar.proposals.proposal import Proposal, propose
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.world import World


class _Proposed(Struct):
    """What became of the stores; ``refusals`` are sentences."""

    proposals: list[Proposal] = field(default_factory=list)
    refusals: list[UsageError] = field(default_factory=list)


def init_tests(found: Found, options: ValidateOptions, world: World) -> Text:
    """Propose a suite for each store; write it, or with ``--dry-run`` only show it.

    Raises:
        UsageError: there is nothing to propose for any of them.
        WorldError: a file cannot be written.
    """
    proposed = _propose(found.stores, options, world)
    if not proposed.proposals:
        raise _nothing(proposed.refusals)
    shown_only = options.dry_run or any(store.stdin for store in found.stores)
    if not shown_only:
        _write(proposed, world)
    if not proposed.proposals:
        raise _nothing(proposed.refusals)
    text = _shown(proposed) if shown_only else _told(proposed, world)
    return Text(
        printable(text, multiline=True),
        {
            "proposals": [_data(one, not shown_only, world) for one in proposed.proposals],
            "refused": [encodable(str(error)) for error in proposed.refusals],
        },
    )


def _propose(stores: Sequence[Store], options: ValidateOptions, world: World) -> _Proposed:
    proposed = _Proposed()
    for store in stores:
        try:
            proposal = propose(store, options, world)
            if not (options.dry_run or store.stdin):
                _check_place(proposal, store, world)
            proposed.proposals.append(proposal)
        except UsageError as error:
            proposed.refusals.append(_about(store, error))
    return proposed


def _check_place(proposal: Proposal, store: Store, world: World) -> None:
    if os.path.lexists(proposal.path):
        raise _there_already(proposal, world)
    check_findable(proposal.path, store, world)


def _about(store: Store, error: BuildstepsError) -> UsageError:
    return UsageError(f"no tests proposed for {store.name}: {error}", None, error.detail)


def _there_already(proposal: Proposal, world: World) -> UsageError:
    shown = world.shown(proposal.path)
    return UsageError(f"{shown} is there already and is not overwritten; rename or remove it")


def _nothing(refusals: Sequence[UsageError]) -> UsageError:
    """The first reason as the sentence, the others below it."""
    if not refusals:
        return UsageError("there is no policy store to propose tests for")
    first, *others = refusals
    return UsageError(first.message, None, "\n".join([first.detail, *map(str, others)]).strip("\n"))


def _write(proposed: _Proposed, world: World) -> None:
    """Write each file whole; one that appeared in the meantime is left as it is."""
    written: list[Proposal] = []
    for proposal in proposed.proposals:
        try:
            if world.files.create(proposal.path, [proposal.text]):
                written.append(proposal)
            else:
                error = _there_already(proposal, world)
                proposed.refusals.append(
                    UsageError(f"no tests proposed for {proposal.store}: {error}")
                )
        except WorldError as error:
            done = [f"{world.shown(one.path)} was written" for one in written]
            raise WorldError(error.message, error.location, "\n".join(done)) from None
    proposed.proposals = written


def _shown(proposed: _Proposed) -> str:
    texts = [one.text for one in proposed.proposals]
    if len(texts) > 1:
        texts = [f"# For {one.store}:\n{one.text}" for one in proposed.proposals]
    return "---\n".join(texts) + "".join(f"# {error}\n" for error in proposed.refusals)


def _told(proposed: _Proposed, world: World) -> str:
    lines = []
    for one in proposed.proposals:
        counts = f"{one.allowed:,} allowed, {one.denied:,} denied"
        lines.append(f"{world.shown(one.path)}: {counts}, as the policies decide today")
        lines += [f"  left out: {reason}" for reason in one.left_out]
    lines += [str(error) for error in proposed.refusals]
    return "\n".join(
        [*lines, "Read them before you rely on them: they test what is, not what should be."]
    )


def _data(proposal: Proposal, written: bool, world: World) -> dict[str, Any]:
    return {
        "store": encodable(proposal.store),
        "path": encodable(world.shown(proposal.path)),
        "written": written,
        "allowed": proposal.allowed,
        "denied": proposal.denied,
        "left_out": [encodable(reason) for reason in proposal.left_out],
        "text": encodable(proposal.text),
    }
