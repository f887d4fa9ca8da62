"""The options of ``cedar-lint``."""

from typing import Annotated, Literal

from msgspec import field

from buildsteps.options import CommonOptions, option
from buildsteps.steps.cedar.stores.layout import Layout

Level = Literal["critical", "high", "medium", "low", "info", "never"]


class LintOptions(CommonOptions, frozen=True, kw_only=True):
    """Looks for policies that are valid and look wrong."""

    paths: Annotated[
        tuple[str, ...],
        option("Folders or files to look at.", metavar="PATH", argument=True, path="path"),
    ] = ()
    stores: Annotated[
        dict[str, Layout],
        option("Stores whose layout is not the usual one.", flag=False, key=("cedar", "stores")),
    ] = field(default_factory=dict)
    fail_on: Annotated[
        Level, option("The least severity that stops the build.", metavar="SEVERITY")
    ] = "medium"
    disable: Annotated[
        tuple[str, ...], option("Leave this rule out; repeatable.", metavar="RULE")
    ] = ()
    only: Annotated[
        tuple[str, ...], option("Apply this rule only; repeatable.", metavar="RULE")
    ] = ()
    enable: Annotated[
        tuple[str, ...],
        option("Apply this rule too, which is off by default; repeatable.", metavar="RULE"),
    ] = ()
    fix: Annotated[bool, option("Mend what can be mended safely.", in_file=False)] = False
    dry_run: Annotated[bool, option("With --fix: show what would be changed.", in_file=False)] = (
        False
    )
    annotations: Annotated[
        tuple[str, ...],
        option(
            "Annotations that every policy must have, such as `id`; repeatable.", metavar="NAME"
        ),
    ] = ()
