"""What names a policy store."""

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.verified_permissions.opening import folder_name
from buildsteps.steps.cedar.verified_permissions.reference import Reference, parsed

ARN = "arn:aws:verifiedpermissions:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PSabc", Reference(name="PSabc", alias="policy-store-alias/PSabc")),
        ("avp:PSabc", Reference(name="PSabc", alias="policy-store-alias/PSabc")),
        ("policy-store-alias/a-b", Reference(name="policy-store-alias/a-b")),
        (
            f"avp:{ARN}:123456789012:policy-store/PSabc",
            Reference(name="PSabc", alias="policy-store-alias/PSabc", account="123456789012"),
        ),
        (
            f"{ARN}eu-west-1:123456789012:policy-store-alias/x",
            Reference(name="policy-store-alias/x", region="eu-west-1", account="123456789012"),
        ),
    ],
)
def test_a_store_is_named_by_id_alias_or_arn(text: str, expected: Reference) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["", "avp:", "a.b", "a b", "arn:aws:s3:::bucket", "ä", "a\nb"])
def test_all_else_names_none(text: str) -> None:
    with pytest.raises(UsageError, match="names no policy store"):
        parsed(text)


def test_places_are_shown_below_what_the_user_wrote() -> None:
    assert folder_name("photos") == folder_name("avp:photos") == "avp:photos"
    assert folder_name(f"{ARN}:123456789012:policy-store/PSabc") == "avp:PSabc"
