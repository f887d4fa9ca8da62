"""What is worth saying about a store beside its cases."""

from collections.abc import Container, Iterable, Sequence

from buildsteps.reporting.text import printable
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.cedar.policies.links import Link
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy, PolicyFile
from buildsteps.steps.cedar.text.entity_uids import uids_in
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.trials.trial import Trial

NO_SCHEMA = "no-schema"
NO_TESTS = "no-tests"
EMPTY_FILE = "no-policy-in-file"
UNUSED_TEMPLATE = "unused-template"
LINK_TO_NOTHING = "link-to-nothing"
OUTSIDE_LINK = "symlink-left-out"
UNKNOWN_KEY = "unknown-request-key"
VACUOUS = "vacuous-test"
UNKNOWN_ENTITY_KEY = "unknown-entity-key"
UNCHECKED = "entities-not-checked"
SURVIVING = "surviving-mutant"

RULES = (
    NO_SCHEMA,
    NO_TESTS,
    EMPTY_FILE,
    UNUSED_TEMPLATE,
    LINK_TO_NOTHING,
    OUTSIDE_LINK,
    UNKNOWN_KEY,
    VACUOUS,
    UNKNOWN_ENTITY_KEY,
    UNCHECKED,
    SURVIVING,
)
"""The rules of these findings."""

_SECOND_STORE = (
    "these policies belong to no store below, so they are one of their own, and with several\n"
    "stores the names of suites begin with the store: `{inner}: validate` instead of `validate`"
)


def no_schema(folder: str, files: int, inner: str = "") -> Finding:
    """A store whose policies are checked for syntax only; ``inner`` is a store below it."""
    return _finding(
        NO_SCHEMA,
        Severity.MEDIUM,
        f"no schema, so only the syntax of {_number(files, 'policy file')} is checked",
        Location(path=folder),
        fix="add a cedarschema or cedarschema.json, or name one with --schema",
        detail=_SECOND_STORE.format(inner=printable(inner)) if inner else "",
    )


def no_tests(folder: str, *, stdin: bool = False) -> Finding:
    """A store that is judged by validation alone."""
    return _finding(
        NO_TESTS,
        Severity.MEDIUM,
        "no tests, so nobody knows whether the policies decide as intended",
        Location(path=folder),
        fix="name them with --tests"
        if stdin
        else "add requests to tests/<suite>/ALLOW and DENY, or let --init-tests begin",
    )


def empty_files(files: Iterable[PolicyFile]) -> list[Finding]:
    """Policy files that were read and hold no policy."""
    return [
        _finding(
            EMPTY_FILE,
            Severity.LOW,
            "this file holds no policy",
            Location(path=file.source.path),
        )
        for file in files
        if file.is_empty
    ]


def unused_templates(policies: Iterable[Policy], linked: Iterable[LinkedPolicy]) -> list[Finding]:
    """Templates that no link fills: they decide nothing."""
    used = {one.template.id for one in linked}
    return [
        _finding(
            UNUSED_TEMPLATE,
            Severity.MEDIUM,
            f"template `{policy.id}` has no link, so it decides nothing",
            policy.location,
            key=policy.id,
        )
        for policy in policies
        if policy.statement.is_template and policy.id not in used
    ]


def links_to_nothing(
    links: Iterable[Link], known: frozenset[tuple[str, str]], enumerated: Container[str]
) -> list[Finding]:
    """Links to entities that no entities file of the store has, and no enumeration."""
    return [
        _finding(
            LINK_TO_NOTHING,
            Severity.MEDIUM,
            f"link `{link.id}` fills {slot} with {uid}, which no entities file has",
            link.location,
            key=f"{link.id}:{slot}",
        )
        for link in links
        for slot, uid in link.values.items()
        if known and uid_pair(uid) not in known and uid_pair(uid)[0] not in enumerated
    ]


def outside_links(paths: Iterable[str]) -> list[Finding]:
    """Symbolic links to files outside, which are not followed."""
    return [
        _finding(
            OUTSIDE_LINK,
            Severity.LOW,
            "this symbolic link leads out of the folder or nowhere, so it was not followed",
            Location(path=path),
        )
        for path in paths
    ]


def unknown_keys(trials: Iterable[Trial]) -> list[Finding]:
    """Keys of request files that mean nothing."""
    return [
        _finding(
            UNKNOWN_KEY,
            Severity.LOW,
            f"the key `{key}` means nothing in a request",
            trial.location,
            key=key,
        )
        for trial in trials
        if trial.request is not None
        for key in trial.request.unknown_keys
    ]


def vacuous_tests(
    judged: Iterable[tuple[Trial, frozenset[tuple[str, str]]]],
    mentions: str,
    enumerated: Container[str],
) -> list[Finding]:
    """Principals and resources that no entities, policy or enumeration has: mistyped, perhaps.

    The engine takes an entity that does not exist for one without attributes and parents, so
    such a test often passes for nothing. ``mentions`` is the text of all policies and links.
    """
    tests: dict[tuple[str, str], list[Trial]] = {}
    for trial, known in judged:
        if trial.request is None:
            continue
        for uid in dict.fromkeys((trial.request.principal_uid, trial.request.resource_uid)):
            if uid not in known and uid[0] not in enumerated:
                tests.setdefault(uid, []).append(trial)
    # most uids stand there as plainly as here; only for others is it worth reading the words
    absent = {uid for uid in tests if _plain(uid) not in mentions}
    mentioned = uids_in(mentions) if absent else frozenset()
    return [
        _finding(
            VACUOUS,
            Severity.MEDIUM,
            f"{_plain(uid)} is in no entities file and no policy, but "
            f"{_number(len(asking), 'test')} {'asks' if len(asking) == 1 else 'ask'} about it",
            asking[0].location,
            key=_plain(uid),
        )
        for uid, asking in tests.items()
        if uid in absent and uid not in mentioned
    ]


def _plain(uid: tuple[str, str]) -> str:
    return f'{uid[0]}::"{uid[1]}"'


def unknown_entity_keys(found: Iterable[tuple[Location, str]]) -> list[Finding]:
    """Keys of entities that the engine passes over, each with its place."""
    return [
        _finding(UNKNOWN_ENTITY_KEY, Severity.MEDIUM, message, place, key=message)
        for place, message in found
    ]


def unchecked_entities(complaints: Sequence[str]) -> list[Finding]:
    """Entities that do not conform to the schema, where that was not asked for."""
    return [
        Finding(
            rule=UNCHECKED,
            severity=Severity.LOW,
            message=f"used without the schema: {complaint}",
            fingerprint=f"{UNCHECKED}:{complaint}",
        )
        for complaint in dict.fromkeys(complaints)
    ]


def _finding(
    rule: str,
    severity: Severity,
    message: str,
    location: Location,
    *,
    key: str = "",
    fix: str = "",
    detail: str = "",
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        locations=(location,),
        detail=detail,
        fix=fix,
        fingerprint=":".join(part for part in (rule, location.path, key) if part),
    )


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
