"""``codeguru-scan``: ``scan`` with this one engine, by the name that teams know."""

from buildsteps.errors import UsageError
from buildsteps.steps.scan.settings import ScanOptions


def check_alone(options: ScanOptions) -> None:
    """See that nothing is asked for that would need another engine.

    Raises:
        UsageError: it is; in silence it would look scanned.
    """
    given = {
        **{f"--engine {name}": True for name in options.engine if name != "codeguru"},
        "--sarif": options.sarif,
        "scanners": options.scanners,
        "--sbom": options.sbom,
        "--project": options.project,
        "--image": options.image,
    }
    others = [name for name, value in given.items() if value]
    if others:
        raise UsageError(
            f"codeguru-scan asks CodeGuru Security and no other engine: {others[0]} belongs to "
            "`buildsteps scan`"
        )
