"""``notation install``: its options, and which of its two questions is asked."""

from typing import TYPE_CHECKING, Annotated

from buildsteps.options import CommonOptions, option
from buildsteps.step import Step

if TYPE_CHECKING:
    from buildsteps.results import Report
    from buildsteps.world import World


class InstallOptions(CommonOptions, frozen=True, kw_only=True):
    """Into a private folder, which `sign` and `verify` prefer to PATH.

    The folder is $BUILDSTEPS_HOME, or the platform's cache folder.
    """

    version: Annotated[str, option("Version of notation.", metavar="X.Y.Z")] = "1.3.2"
    sha256: Annotated[
        str,
        option(
            "SHA-256 of the archive; needed for a version or platform that is not pinned here.",
            metavar="HEX",
        ),
    ] = ""
    from_: Annotated[
        str,
        option(
            "Archive to install instead of the release's: an address or a file;"
            " a folder, or an address that ends in `/`, holds it by the release's name.",
            metavar="URL|FILE",
            path="path or address",
        ),
    ] = ""
    plugin: Annotated[
        str,
        option(
            "Install the AWS Signer plugin from here, too.",
            metavar="URL|FILE",
            path="path or address",
        ),
    ] = ""
    plugin_sha256: Annotated[
        str,
        option("SHA-256 of what --plugin names; AWS publishes none.", metavar="HEX"),
    ] = ""
    check: Annotated[
        bool, option("Install nothing; say what is installed, and stop where notation is not.")
    ] = False
    dry_run: Annotated[
        bool, option("Change and fetch nothing; say what would be done.", in_file=False)
    ] = False


def collect(options: InstallOptions, world: "World") -> "Report":
    """Install, or check."""
    if options.check:
        from buildsteps.steps.signing.installing.check import check

        return check(world)
    from buildsteps.steps.signing.installing.install import install

    return install(options, world)


INSTALL = Step("notation install", InstallOptions, collect)
