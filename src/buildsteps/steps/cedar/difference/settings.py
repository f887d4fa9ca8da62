"""The options of ``cedar-diff``."""

from typing import Annotated, Literal

from msgspec import field

from buildsteps.options import CommonOptions, option
from buildsteps.steps.cedar.stores.layout import Layout


class DiffOptions(CommonOptions, frozen=True, kw_only=True):
    """Lists the requests that two versions of the policies decide differently.

    BASE and HEAD are folders, commits of git (`origin/main`, `HEAD~1:policies`) or stores of Amazon
    Verified Permissions (`avp:ID`). It says what it tried, and proves nothing beyond.
    """

    base: Annotated[
        str, option("What to compare with.", metavar="BASE", argument=True, in_file=False)
    ] = ""
    head: Annotated[
        str,
        option(
            "What is compared; by default the folder of the work tree.",
            metavar="HEAD",
            argument=True,
            in_file=False,
        ),
    ] = ""
    stores: Annotated[
        dict[str, Layout],
        option("Stores whose layout is not the usual one.", flag=False, key=("cedar", "stores")),
    ] = field(default_factory=dict)
    entities: Annotated[
        tuple[str, ...],
        option(
            "Entities that take part, instead of those of the stores; repeatable.",
            metavar="FILE",
            path="path",
        ),
    ] = ()
    fail_on: Annotated[
        Literal["decision", "reason", "widening", "none"],
        option("What stops: another decision, another reason, something newly allowed, nothing."),
    ] = "decision"
    max_requests: Annotated[
        int, option("Try so many requests at most, a sample of them beyond.", metavar="N")
    ] = 1_000_000
    seed: Annotated[int, option("Which sample.", metavar="N")] = 0
    jobs: Annotated[
        int, option("Worker processes; 0: as many as cores where it is worth it.", metavar="N")
    ] = 0
    region: Annotated[
        str, option("AWS Region of stores of Verified Permissions.", metavar="REGION")
    ] = ""
