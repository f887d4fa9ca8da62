"""How users name a policy store: by its id, by an alias, by the ARN of either."""

import re

from msgspec import Struct

from buildsteps.errors import UsageError

PREFIX = "avp:"
"""What stands before a store where a folder or a revision could be meant, too."""

ALIAS = "policy-store-alias/"
_STORE = "policy-store/"
_MOST = 200
_NAME = re.compile(r"[a-zA-Z0-9-/_]+")
_ARN = re.compile(r"arn:[^:]+:verifiedpermissions:([^:]*):([^:]*):(.+)")


class Reference(Struct, frozen=True, kw_only=True):
    """A policy store as the API takes it; ``region`` and ``account`` are empty where none is said.

    ``alias`` is what to try where there is no store of that id: people leave the prefix out.
    """

    name: str
    alias: str = ""
    region: str = ""
    account: str = ""


def parsed(text: str) -> Reference:
    """Read what a user wrote, with or without ``avp:``.

    Source: botocore's shape ``PolicyStoreId`` and its documentation.

    Raises:
        UsageError: it can name no policy store.
    """
    written = text.removeprefix(PREFIX)
    region = account = ""
    name = written
    if found := _ARN.fullmatch(written):
        region, account, name = found[1], found[2], found[3].removeprefix(_STORE)
    if not _NAME.fullmatch(name) or len(name) > _MOST:
        raise UsageError(
            f"`{text}` names no policy store of Amazon Verified Permissions: give its id, such as"
            f" PSEXAMPLEabcdefg111111, an alias, such as {ALIAS}photos, or the ARN of either"
        )
    plain = "/" not in name
    return Reference(name=name, alias=ALIAS + name if plain else "", region=region, account=account)
