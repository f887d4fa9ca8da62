"""The commands about scans; what they need is imported when one of them runs."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from buildsteps.step import Step, Text
from buildsteps.steps.scan.settings import CodeguruScanOptions, ScanOptions

if TYPE_CHECKING:
    from buildsteps.results import Report
    from buildsteps.world import World


def _scan(options: ScanOptions, world: "World") -> "Report | Text":
    from buildsteps.garbage import collector_paused
    from buildsteps.steps.scan.scan import collect

    with collector_paused():  # findings all stay
        return collect(options, world)


def _codeguru_scan(options: ScanOptions, world: "World") -> "Report | Text":
    from buildsteps.steps.scan.engines.codeguru.command import check_alone

    check_alone(options)
    return _scan(replace(options, engine=("codeguru",)), world)


SCAN = Step("scan", ScanOptions, _scan, gives_text=lambda options: bool(options.explain))
CODEGURU_SCAN = Step(
    "codeguru-scan",
    CodeguruScanOptions,
    _codeguru_scan,
    gives_text=lambda options: bool(options.explain),
)
