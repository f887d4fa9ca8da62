"""The options of ``signatures list`` and ``signatures delete``."""

from typing import Annotated

from buildsteps.options import CommonOptions, option

IMAGE_HELP = "Images, by tag or digest."


class ListOptions(CommonOptions, frozen=True, kw_only=True):
    """Lists the signatures that are stored for each IMAGE, by the referrers API and by the tag.

    Nothing is verified: what a signature says of itself is shown as its word.
    """

    images: Annotated[
        tuple[str, ...], option(IMAGE_HELP, metavar="IMAGE", argument=True, in_file=False)
    ] = ()
    insecure_registry: Annotated[
        tuple[str, ...],
        option("A registry that is reached over http; repeatable.", metavar="HOST"),
    ] = ()


class DeleteOptions(CommonOptions, frozen=True, kw_only=True):
    """Deletes signatures of each IMAGE from its registry, and revokes them by AWS Signer.

    It asks first; --yes answers that. --dry-run shows what would be done.
    """

    images: Annotated[
        tuple[str, ...], option(IMAGE_HELP, metavar="IMAGE", argument=True, in_file=False)
    ] = ()
    digest: Annotated[
        tuple[str, ...],
        option(
            "The signature with this digest, as signatures list shows it; repeatable.",
            metavar="DIGEST",
            in_file=False,
        ),
    ] = ()
    all: Annotated[bool, option("All signatures of each IMAGE.", in_file=False)] = False
    revoke: Annotated[
        bool,
        option("Revoke each by AWS Signer first, for good; wants --reason.", in_file=False),
    ] = False
    revoke_only: Annotated[
        bool, option("Revoke, and keep it in the registry; wants --reason.", in_file=False)
    ] = False
    reason: Annotated[
        str, option("Why it is revoked; Signer keeps it.", metavar="TEXT", in_file=False)
    ] = ""
    yes: Annotated[bool, option("Do not ask.", in_file=False)] = False
    dry_run: Annotated[bool, option("Show what would be done, and do nothing.", in_file=False)] = (
        False
    )
    insecure_registry: Annotated[
        tuple[str, ...],
        option("A registry that is reached over http; repeatable.", metavar="HOST"),
    ] = ()
