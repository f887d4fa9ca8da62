"""Each rule of the trust policy's lint, on a policy that has that one problem."""

from typing import Any

import pytest

from buildsteps.notation.trust_policy import SignatureVerification, TrustPolicy
from buildsteps.steps.signing.trust.lint import Problem, lint

PROFILE = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/release"
SUBJECT = "x509.subject: C=US, ST=WA, O=Example"


def policy(name: str = "images", level: Any = "strict", **changes: Any) -> TrustPolicy:
    values: dict[str, Any] = {
        "registry_scopes": ("*",),
        "signature_verification": SignatureVerification(level, changes.pop("override", {})),
        "trust_stores": ("signingAuthority:aws-signer-ts",),
        "trusted_identities": (PROFILE,),
    }
    return TrustPolicy(name=name, **{**values, **changes})


def there(_store: str) -> bool | None:
    return True


def rules(*policies: TrustPolicy) -> list[str]:
    return [problem.rule for problem in lint(policies, there)]


def test_a_sound_policy_has_no_problem() -> None:
    assert rules(policy()) == []
    assert rules(policy(trust_stores=("ca:own",), trusted_identities=(SUBJECT,))) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"trusted_identities": ("*",)}, "wildcard-identity"),
        (
            {"trusted_identities": ("*", SUBJECT), "trust_stores": ("ca:x",)},
            "wildcard-identity",
        ),
        ({"trusted_identities": ()}, "no-identity"),
        ({"trusted_identities": ("somebody",)}, "wrong-identity"),
        (
            {"trusted_identities": ("x509.subject: CN=me",), "trust_stores": ("ca:x",)},
            "wrong-identity",
        ),
        ({"trust_stores": ("ca:aws-signer-ts",)}, "wrong-store-type"),
        ({"trusted_identities": (SUBJECT,)}, "wrong-store-type"),
        ({"trust_stores": ()}, "no-trust-store"),
        ({"trust_stores": ("tsa:x",)}, "no-trust-store"),
        (
            {"trust_stores": ("ca:x", "../../up:x"), "trusted_identities": (SUBJECT,)},
            "wrong-store",
        ),
        ({"level": "skip"}, "level-skip"),
        ({"override": {"revocation": "skip"}}, "no-revocation"),
        ({"override": {"integrity": "log"}}, "wrong-override"),
        ({"override": {"revokation": "log"}}, "wrong-override"),
        ({"registry_scopes": ()}, "no-scope"),
        ({"registry_scopes": ("*", "r.io/a")}, "overlapping-scopes"),
        ({"registry_scopes": ("r.io/*",)}, "wrong-scope"),
        ({"registry_scopes": ("app",)}, "wrong-scope"),
    ],
)
def test_each_mistake_is_told_once(changes: dict[str, Any], rule: str) -> None:
    assert rules(policy(**changes)) == [rule]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (PROFILE.replace("/signing-profiles", "signing-profile"), "must go on with"),
        (PROFILE.replace("/signing-profiles", "/signing-profile"), "must go on with"),
        (PROFILE.replace("111122223333", "1111"), "no account of twelve digits"),
        (PROFILE.replace("eu-west-1", ""), "names no region"),
        (PROFILE.replace(":signer:", ":kms:"), "no ARN of AWS Signer"),
        (PROFILE + "/short", "no version of ten"),
    ],
)
def test_a_mistyped_profile_is_told_with_its_mistake(typed: str, told: str) -> None:
    (problem,) = lint((policy(trusted_identities=(typed,)),), there)[:1]
    assert (problem.rule, problem.fatal) == ("mistyped-profile", True)
    assert told in problem.message
    assert typed in problem.message


def test_a_scope_in_two_policies_names_both() -> None:
    found = lint((policy("a"), policy("b")), there)
    assert [(one.rule, one.policy) for one in found] == [("overlapping-scopes", 1)]
    assert "`a`" in found[0].message
    assert "`b`" in found[0].message


@pytest.mark.parametrize(
    ("answer", "rule"), [(None, "no-trust-store"), (False, "no-root-certificate")]
)
def test_a_store_without_certificate_is_told(answer: bool | None, rule: str) -> None:
    assert [problem.rule for problem in lint((policy(),), lambda _store: answer)] == [rule]


def test_problems_come_in_the_order_of_the_document() -> None:
    found = lint((policy("a", level="skip"), policy("a")), there)
    assert [one.policy for one in found] == [0, 1, 1]
    assert all(isinstance(one, Problem) for one in found)
