"""The trust policy that notation gets, and one that is there already."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.trust.document import document_of, policy_of, read_document
from buildsteps.steps.signing.trust.settings import Trust
from tests.world_double import fake_world

POLICY = {
    "name": "a",
    "registryScopes": ["*"],
    "signatureVerification": {"level": "strict", "override": {"revocation": "log"}},
    "trustStores": ["ca:x"],
    "trustedIdentities": ["*"],
}


def test_a_trust_becomes_the_documents_own_words() -> None:
    trust = Trust(identities=("*",), override={"revocation": "log"}, timestamp="always")
    made = json.loads(
        msgspec.json.encode(document_of(policy_of(trust, ("r.io/b", "r.io/a"), ("ca:x",))))
    )
    assert made == {
        "version": "1.0",
        "trustPolicies": [
            {
                "name": "images",
                "registryScopes": ["r.io/a", "r.io/b"],
                "signatureVerification": {
                    "level": "strict",
                    "override": {"revocation": "log"},
                    "verifyTimestamp": "always",
                },
                "trustStores": ["ca:x"],
                "trustedIdentities": ["*"],
            }
        ],
    }


def test_a_file_is_read_with_the_places_of_its_statements(tmp_path: Path) -> None:
    text = json.dumps({"version": "1.0", "trustPolicies": [POLICY, POLICY]}, indent=1)
    (tmp_path / "p.json").write_text(text)
    read = read_document("p.json", fake_world(tmp_path))
    assert [policy.name for policy in read.document.trust_policies] == ["a", "a"]
    assert [place.line for place in read.places] == [4, 22]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "p.json: is empty"),
        ("[]", "expected a mapping"),
        ("{", "not valid YAML"),
        ({"version": "2.0", "trustPolicies": [POLICY]}, "version `2.0`"),
        ({"version": "1.0", "trustPolicies": []}, "has no policy"),
        ({"version": "1.0"}, "trustPolicies"),
        ({"version": "1.0", "trustPolicies": [{**POLICY, "registryScopes": "*"}]}, "a list"),
        (
            {
                "version": "1.0",
                "trustPolicies": [{**POLICY, "signatureVerification": {"level": "strikt"}}],
            },
            "strict",
        ),
    ],
)
def test_what_is_no_trust_policy_is_told_with_its_place(
    tmp_path: Path, content: Any, told: str
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_document("p.json", fake_world(tmp_path))
    assert "p.json" in str(caught.value)
    assert told in str(caught.value)
