"""Whom this run trusts: from the configuration, from flags, or from a trustpolicy.json."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.gate import stopping_cases
from buildsteps.image_reference import ImageReference
from buildsteps.notation.configuration import TrustStoreFiles
from buildsteps.notation.places import users_configuration
from buildsteps.notation.trust_policy import TrustPolicy, TrustPolicyDocument
from buildsteps.results import Case, Finding, Severity
from buildsteps.steps.signing.settings import ImagesOptions, VerifyOptions
from buildsteps.steps.signing.trust.covering import Requirement, all_of, requirement
from buildsteps.steps.signing.trust.document import (
    ReadPolicy,
    document_of,
    policy_of,
    read_document,
)
from buildsteps.steps.signing.trust.flags import called_trust, trust_of
from buildsteps.steps.signing.trust.lint import lint
from buildsteps.steps.signing.trust.settings import Trust, TrustStore
from buildsteps.steps.signing.trust.stores import certificates, installed_store
from buildsteps.world import World

GROUP = "trust policy"

_MOST_SCOPES = 5


class Authority(Struct, frozen=True, kw_only=True):
    """The trusts in force, by name.

    ``installed`` is the folder of notation's configuration whose trust store is used; None where
    the stores are those of buildsteps.yaml. ``findings`` and ``cases`` are what is wrong with a
    ``trustpolicy.json``; a wrong configuration of ours raises instead.
    """

    trusts: Mapping[str, Trust]
    stores: Mapping[str, TrustStore]
    installed: Path | None = None
    findings: tuple[Finding, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def uncovered(self) -> str:
        """Why an image has nobody who speaks for it: the scopes that there are."""
        scopes = dict.fromkeys(scope for trust in self.trusts.values() for scope in trust.scopes)
        shown = ", ".join(f"`{scope}`" for scope in [*scopes][:_MOST_SCOPES])
        more = f" and {len(scopes) - _MOST_SCOPES} more" if len(scopes) > _MOST_SCOPES else ""
        return f"its repository is in no scope: {shown or 'there is none'}{more}"

    def required(self, image: ImageReference, ids: tuple[str, ...] = ()) -> tuple[Requirement, ...]:
        """The signatures that ``image`` must carry; none where no trust speaks for it.

        Raises:
            UsageError: one of ``ids`` is no trust and no identity for it.
        """
        if ids:
            return all_of(self.trusts, ids, image)
        found = requirement(self.trusts, image)
        return (found,) if found else ()

    def store_files(self, trust: Trust, world: World) -> dict[str, tuple[Path, ...]]:
        """The certificates of a trust, by ``TYPE:NAME``.

        Raises:
            UsageError: a store is missing, or holds no certificate.
        """
        if self.installed is None:
            return certificates(trust.stores, self.stores, world)
        return {store: installed_store(store, self.installed) or () for store in trust.stores}


def authority(options: ImagesOptions, world: World) -> Authority:
    """Find out whom to trust, and check it before anything is asked.

    Raises:
        UsageError: nobody is trusted, or the trust policy is wrong; with the place.
    """
    if isinstance(options, VerifyOptions):
        if options.trust_policy:
            if options.identity:
                raise UsageError("--trust-policy and --identity exclude each other")
            return _of_file(read_document(options.trust_policy, world), world)
        trusts, stores = trust_of(options)
    else:
        trusts, stores = options.trust, options.stores
    if not trusts:
        raise UsageError(
            "nobody is trusted: name somebody under `signing: trust` in buildsteps.yaml, or with "
            "--identity, or a trust policy with --trust-policy"
        )
    found = Authority(trusts=trusts, stores=stores)
    for name, trust in trusts.items():
        _check(name, trust, found.store_files(trust, world))
    return found


def policies(
    trust: Trust, names: frozenset[str], files: Mapping[str, tuple[Path, ...]]
) -> tuple[TrustPolicyDocument, tuple[TrustStoreFiles, ...]]:
    """What notation's private configuration holds for a trust and the repositories ``names``."""
    stores = [_store(store, paths) for store, paths in sorted(files.items())]
    return document_of(policy_of(trust, names, files)), tuple(stores)


def _store(store: str, paths: tuple[Path, ...]) -> TrustStoreFiles:
    kind, _, name = store.partition(":")
    return TrustStoreFiles(kind, name, paths)  # type: ignore[arg-type]  # notation's own types


def _check(name: str, trust: Trust, files: Mapping[str, tuple[Path, ...]]) -> None:
    """Raise the first fatal problem of a trust of our own configuration, the others as detail."""
    policy = policy_of(trust, ("registry.test/any",), files)
    problems = [one for one in lint((policy,), lambda store: bool(files.get(store))) if one.fatal]
    if problems:
        told = [one.message.replace("`images`", called_trust(name), 1) for one in problems]
        raise UsageError(told[0], detail="\n".join(told[1:]))


def _of_file(read: ReadPolicy, world: World) -> Authority:
    configuration = users_configuration(world.environ)

    def has_store(store: str) -> bool | None:
        files = installed_store(store, configuration)
        return None if files is None else bool(files)

    statements = read.document.trust_policies
    problems = lint(statements, has_store)
    findings = tuple(
        Finding(
            rule=f"trust-policy/{one.rule}",
            severity=Severity.HIGH if one.fatal else Severity.MEDIUM,
            message=one.message,
            locations=(read.places[one.policy],),
            fingerprint=f"trust-policy/{one.rule}:{statements[one.policy].name}",
        )
        for one in problems
    )
    fatal = [finding for one, finding in zip(problems, findings, strict=True) if one.fatal]
    return Authority(
        trusts={policy.name: _trust(policy) for policy in statements},
        stores={},
        installed=configuration,
        findings=findings,
        cases=tuple(stopping_cases(fatal, GROUP, "trust-policy")),
    )


def _trust(policy: TrustPolicy) -> Trust:
    verification = policy.signature_verification
    return Trust(
        identities=policy.trusted_identities,
        stores=policy.trust_stores,
        scopes=policy.registry_scopes,
        level=verification.level,
        override=verification.override,  # type: ignore[arg-type]  # notation checks the actions
        timestamp=verification.verify_timestamp,  # type: ignore[arg-type]
    )
