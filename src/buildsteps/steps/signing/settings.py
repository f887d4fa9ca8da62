"""The options of ``sign`` and ``verify``."""

from typing import Annotated, Literal

from msgspec import field

from buildsteps.notation.trust_policy import Level
from buildsteps.options import CommonOptions, option
from buildsteps.steps.signing.trust.settings import Trust, TrustStore

IN_PLACE = "in-place"

MAX_SIGNATURES = 1000
"""How many signatures of one image are looked at: a hundred foreign ones must not hide ours."""


class ImagesOptions(CommonOptions, frozen=True, kw_only=True):
    """What ``sign`` and ``verify`` have in common: which images, and whom we trust."""

    images: Annotated[
        tuple[str, ...],
        option("Images: `registry/repository:tag` or `@digest`.", metavar="IMAGE", argument=True),
    ] = ()
    from_: Annotated[
        tuple[str, ...],
        option(
            "A file that names images, `-` for standard input: imagedefinitions.json, a task "
            "definition, Kubernetes manifests, Compose, buildx metadata, cdk.out; repeatable.",
            metavar="FILE",
            path="path",
        ),
    ] = ()
    write_digests: Annotated[
        str,
        option(
            "If the gate lets them pass, write the digests of the images into the files that name "
            "them, or into FILE; `-`: standard output.",
            metavar="FILE",
            in_file=False,
            bare=IN_PLACE,
        ),
    ] = ""
    insecure_registry: Annotated[
        tuple[str, ...],
        option("A registry that is reached over http; repeatable.", metavar="HOST"),
    ] = ()
    notation: Annotated[
        str, option("The notation program to use.", metavar="PATH", path="path")
    ] = ""
    plugin_config: Annotated[
        tuple[str, ...],
        option("Settings for the signing plugin; repeatable.", metavar="KEY=VALUE"),
    ] = ()
    jobs: Annotated[int, option("Images at once; 0: as many as are sensible.", metavar="N")] = 0
    trust: Annotated[
        dict[str, Trust],
        option("Whom we trust, by name.", flag=False, key=("signing", "trust")),
    ] = field(default_factory=dict)
    stores: Annotated[
        dict[str, TrustStore],
        option("Root certificates, by name.", flag=False, key=("signing", "stores")),
    ] = field(default_factory=dict)
    timeout: Annotated[
        float, option("Seconds that one call of notation or kubectl may take.", metavar="SECONDS")
    ] = 60.0


class VerifyOptions(ImagesOptions, frozen=True, kw_only=True):
    """Verifies that every image is signed by whom we trust.

    Trust stands in the `signing:` section of buildsteps.yaml, or comes by flags, or from
    notation's own `trustpolicy.json`.
    """

    identity: Annotated[
        tuple[str, ...],
        option(
            "Trust this signing profile ARN or `x509.subject: ...` instead of the configuration; "
            "repeatable.",
            metavar="ID",
        ),
    ] = ()
    trust_store: Annotated[
        tuple[str, ...],
        option(
            "Root certificates for --identity: `ca=FILE`, `signingAuthority=FILE`; repeatable.",
            metavar="TYPE=FILE",
            path="format=path",
        ),
    ] = ()
    level: Annotated[
        Level | None, option("The level for --identity: strict, permissive, audit.")
    ] = None
    scope: Annotated[
        tuple[str, ...],
        option("The repositories that --identity speaks for; repeatable.", metavar="SCOPE"),
    ] = ()
    trust_policy: Annotated[
        str,
        option(
            "Use this trustpolicy.json, with the trust store of notation's own configuration.",
            metavar="FILE",
            path="path",
        ),
    ] = ""
    require_all: Annotated[
        tuple[str, ...],
        option(
            "Demand a signature of each of these: a name under `signing: trust`, or an identity; "
            "repeatable.",
            metavar="ID",
        ),
    ] = ()
    require_metadata: Annotated[
        tuple[str, ...],
        option("Metadata that the signature must hold; repeatable.", metavar="KEY=VALUE"),
    ] = ()
    max_age: Annotated[
        str, option("Refuse signatures older than this, such as `30d` or `12h`.", metavar="AGE")
    ] = ""
    platforms: Annotated[
        Literal["index", "all"],
        option("Of a multi-platform image: its index, or each platform's manifest too."),
    ] = "index"
    cluster: Annotated[
        bool,
        option(
            "Ask kubectl what runs and verify that; with --from, ask also whether a server-side "
            "dry run of the files is admitted."
        ),
    ] = False
    namespace: Annotated[
        str, option("The namespace for --cluster; all of them without.", metavar="NAME")
    ] = ""
    saved: Annotated[
        str,
        option(
            "For --cluster: a saved answer of `kubectl get -o json` instead of asking.",
            metavar="FILE",
            path="path",
        ),
    ] = ""
    policy_report: Annotated[
        tuple[str, ...],
        option("Read Kubernetes PolicyReports; repeatable.", metavar="FILE", path="path"),
    ] = ()
    admission_log: Annotated[
        str,
        option("Read the log of kyverno-notation-aws; `-`: stdin.", metavar="FILE", path="path"),
    ] = ""


class SignOptions(ImagesOptions, frozen=True, kw_only=True):
    """Signs images by digest, and verifies the signatures.

    An image that already carries a valid signature of the same identity passes as it is.
    """

    profile: Annotated[
        str,
        option("The AWS Signer profile: arn:aws:signer:...:/signing-profiles/NAME", metavar="ARN"),
    ] = ""
    key: Annotated[str, option("A key of notation's own configuration.", metavar="NAME")] = ""
    plugin: Annotated[str, option("Another signing plugin, with --id.", metavar="NAME")] = ""
    id: Annotated[str, option("The plugin's key.", metavar="KEY")] = ""
    metadata: Annotated[
        tuple[str, ...], option("Metadata to sign; repeatable.", metavar="KEY=VALUE")
    ] = ()
    build_metadata: Annotated[
        bool, option("Sign commit, build and repository of this build too.")
    ] = True
    expiry: Annotated[
        str, option("How long the signature counts, such as `2160h`.", metavar="DURATION")
    ] = ""
    timestamp_url: Annotated[str, option("A time-stamping authority.", metavar="URL")] = ""
    timestamp_root: Annotated[str, option("Its root certificate.", metavar="FILE", path="path")] = (
        ""
    )
    recursive: Annotated[
        bool, option("Sign each platform's manifest of a multi-platform image too.")
    ] = False
    force: Annotated[bool, option("Sign again what is already signed.")] = False
    verify: Annotated[bool, option("Verify right after signing.")] = True
    managed: Annotated[
        Literal["off", "wait"],
        option("`wait`: let ECR's managed signing sign, and wait for it."),
    ] = "off"
    wait: Annotated[float, option("Seconds to wait for managed signing.", metavar="SECONDS")] = (
        300.0
    )
    dry_run: Annotated[bool, option("Say what would be signed.", in_file=False)] = False
