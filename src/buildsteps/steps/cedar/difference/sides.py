"""Both sides of a store made ready, and what is to be said of policies that do not hold."""

from collections.abc import Iterator

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Location, Outcome, Severity, unjudged
from buildsteps.steps.cedar.difference.compared import NOT_IN_IT, NOT_VALID, Compared
from buildsteps.steps.cedar.difference.same_policies import renamed
from buildsteps.steps.cedar.difference.side import EMPTY, Built, built
from buildsteps.steps.cedar.versions.version import StoreVersion, Version


class Pair(Struct, frozen=True):
    """One store in both versions, the older first, as far as they have it."""

    name: str
    versions: tuple[Version, Version]
    stores: tuple[StoreVersion | None, StoreVersion | None]

    def present(self) -> list[tuple[Version, StoreVersion]]:
        """The versions that have the store, with it."""
        both = zip(self.versions, self.stores, strict=True)
        return [(version, store) for version, store in both if store is not None]

    @property
    def is_one_folder(self) -> bool:
        """Whether both versions are one folder of the disk, and so one store."""
        folders = [store.inputs.store.folder.resolve() for _, store in self.present()]
        return len(folders) == 2 and folders[0] == folders[1]


def sides_of(pair: Pair, compared: Compared) -> tuple[Built, Built]:
    """Both sides; what is not in them, or does not validate, is told.

    What does not parse in the new version is an error. In the old one it is a finding: the change
    may be the one that mends it.
    """
    old, new = (EMPTY if one is None else built(one) for one in pair.stores)
    for side, version, store in zip((old, new), pair.versions, pair.stores, strict=True):
        if store is None:
            compared.notes.append(f"{pair.name}: not in {version.name}, where nothing is permitted")
            continue
        missing = [*side.unparsed, *_schema_error(store)]
        for place, message in missing:
            if side is new:
                compared.cases.append(_unjudged(version, pair, place, message))
            else:
                compared.findings.append(_left_out(version, place, message))
        unread = sum(1 for trial in store.inputs.trials if trial.error is not None)
        if unread:
            compared.notes.append(
                f"{version.name}: {counted(unread, 'test')} cannot be read: what is only in such a"
                " test takes no part"
            )
        places = {str(place) for place, _ in missing}
        compared.findings += _invalid(version, store, places)
    return renamed(old, new), new


def _schema_error(store: StoreVersion) -> list[tuple[Location, str]]:
    error = store.inputs.schema_error
    if error is None:
        return []
    place = error.location or Location(path=store.inputs.schema_path or "")
    return [(place, f"{error.message}; its requests are not known")]


def _unjudged(version: Version, pair: Pair, place: Location, message: str) -> Case:
    name = f"{place.path} of {version.name}" if version.name != "." else place.path
    return unjudged(name, pair.name, message, kind="syntax", locations=(place,))


def _left_out(version: Version, place: Location, message: str) -> Finding:
    return Finding(
        rule=NOT_IN_IT,
        severity=Severity.MEDIUM,
        message=f"{version.name} is compared without this: {message}",
        locations=(place,),
        fingerprint=f"{NOT_IN_IT}:{place.path}:{message}",
    )


def _invalid(version: Version, store: StoreVersion, told: set[str]) -> Iterator[Finding]:
    for case in store.validated.cases:
        known = any(str(place) in told for place in case.locations)
        if case.outcome in (Outcome.PASSED, Outcome.SKIPPED) or known or case.kind == "schema":
            continue
        yield Finding(
            rule=NOT_VALID,
            severity=Severity.MEDIUM,
            message=f"does not validate, and is evaluated as it is: {case.message}",
            locations=case.locations[:1],
            fingerprint=f"{NOT_VALID}:{version.name}:{case.name}:{case.message}",
        )
