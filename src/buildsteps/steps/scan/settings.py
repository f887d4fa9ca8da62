"""The options of ``scan`` and ``codeguru-scan``."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from buildsteps.options import CommonOptions, option

EngineName = Literal[
    "bandit", "ruff", "sarif", "scanners", "inspector", "inspector-code", "ecr", "codeguru"
]
Level = Literal["critical", "high", "medium", "low", "info", "never"]
Word = Literal["critical", "high", "medium", "low", "info"]


class Scanner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that writes SARIF: ``run`` is its argument list, no shell sees it.

    It writes to standard output, or to ``output``. ``success`` are its exit statuses for a scan
    that came to its end, with findings or without. ``files`` are globs of what it should read.
    """

    run: Annotated[tuple[str, ...], Meta(min_length=1)]
    output: Annotated[str, option("Where it writes SARIF.", path="path")] = ""
    success: tuple[int, ...] = (0, 1)
    files: tuple[str, ...] = ()
    timeout: float = 600.0


class RuleSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different for a rule: its ``severity``, or from which one on it stops the build."""

    severity: Word | None = None
    fail_on: Level | None = None


class EngineSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different for an engine: from which severity on its findings stop the build."""

    fail_on: Level | None = None


class ScanOptions(CommonOptions, frozen=True, kw_only=True):
    """Scans code, or reads what a scanner found, and stops on what is new, severe and unaccepted.

    Without --engine, those are asked that something was given for: --sarif, scanners of the
    configuration, --sbom, --project, --image. Where nothing was: bandit and ruff, of
    pip install 'buildsteps[scan]'.
    """

    paths: Annotated[
        tuple[str, ...],
        option(
            "Files and folders to scan; by default all of this one.",
            metavar="PATH",
            argument=True,
            path="path",
        ),
    ] = ()
    engine: Annotated[
        tuple[EngineName, ...], option("Scan with this engine; repeatable.", metavar="ENGINE")
    ] = ()
    sarif: Annotated[
        tuple[str, ...],
        option(
            "Read what a scanner wrote in SARIF 2.1.0; repeatable.", metavar="FILE", path="path"
        ),
    ] = ()
    scanners: Annotated[
        dict[str, Scanner], option("Programs that write SARIF, by name.", flag=False)
    ] = field(default_factory=dict)
    source_root: Annotated[
        str,
        option(
            "What relative paths of SARIF begin at; by default this folder.",
            metavar="FOLDER",
            path="path",
        ),
    ] = ""
    exclude: Annotated[
        tuple[str, ...], option("Leave out files that match; repeatable.", metavar="GLOB")
    ] = ()
    fail_on: Annotated[
        Level, option("The least severity that stops the build.", metavar="SEVERITY")
    ] = "high"
    max: Annotated[
        int, option("How many findings that would stop the build are let pass.", metavar="N")
    ] = 0
    engines: Annotated[
        dict[str, EngineSetting], option("What is different for engines, by name.", flag=False)
    ] = field(default_factory=dict)
    rules: Annotated[
        dict[str, RuleSetting], option("What is different for rules, by glob.", flag=False)
    ] = field(default_factory=dict)
    baseline: Annotated[
        str,
        option(
            "The file of old findings; by default .buildsteps-baseline.json beside "
            "buildsteps.yaml.",
            metavar="FILE",
            path="path",
        ),
    ] = ""
    write_baseline: Annotated[
        bool, option("Record today's findings as old ones.", in_file=False)
    ] = False
    prune_baseline: Annotated[
        bool, option("Drop what was fixed from the baseline.", in_file=False)
    ] = False
    ignore_baseline: Annotated[bool, option("Judge old findings as new ones.", in_file=False)] = (
        False
    )
    since: Annotated[
        str,
        option("Only findings on lines changed since this commit.", metavar="REF", in_file=False),
    ] = ""
    explain: Annotated[
        str,
        option(
            "Tell all about the finding of this fingerprint or rule.",
            metavar="FINDING",
            in_file=False,
        ),
    ] = ""
    sbom: Annotated[
        str,
        option(
            "Inspector: a CycloneDX file in JSON; by default one is made of this environment.",
            metavar="FILE",
            path="path",
        ),
    ] = ""
    project: Annotated[
        str, option("Inspector code security: the id of the connected project.", metavar="ID")
    ] = ""
    image: Annotated[
        tuple[str, ...],
        option(
            "ECR: an image of a private registry, by tag or digest; repeatable.", metavar="IMAGE"
        ),
    ] = ()
    scan_name: Annotated[
        str,
        option(
            "CodeGuru Security: the scan's name, the same again for a new revision.", metavar="NAME"
        ),
    ] = ""
    region: Annotated[
        str, option("AWS Region of the engines that run there.", metavar="REGION")
    ] = ""
    timeout: Annotated[float, option("Seconds that each engine may take.", metavar="SECONDS")] = (
        1800.0
    )
    saved: Annotated[
        tuple[str, ...],
        option(
            "Take a saved answer of the service, its own JSON, instead of asking; repeatable.",
            metavar="FILE",
            path="path",
            in_file=False,
        ),
    ] = ()
    security_hub: Annotated[
        Literal["none", "import", "dry-run"],
        option(
            "Import the findings into Security Hub CSPM, or with `dry-run` say what would be.",
            metavar="import|dry-run|none",
            bare="import",
        ),
    ] = "none"
    repository: Annotated[
        str,
        option(
            "Security Hub CSPM: the repository the findings are of; by default git's `origin`.",
            metavar="ADDRESS",
        ),
    ] = ""
