"""The options of ``cedar-validate``."""

from typing import Annotated

from msgspec import field

from buildsteps.options import CommonOptions, option
from buildsteps.steps.cedar.stores.layout import Layout


class ValidateOptions(CommonOptions, frozen=True, kw_only=True):
    """Validates the Cedar policy stores below PATH and runs their tests.

    A store is a folder with a schema; PATH is a folder or a file of a store, by default the
    working folder.
    """

    paths: Annotated[
        tuple[str, ...],
        option("Folders or files to look at.", metavar="PATH", argument=True, path="path"),
    ] = ()
    schema: Annotated[str, option("The schema file.", metavar="FILE", path="path")] = ""
    policies: Annotated[
        tuple[str, ...],
        option("Policy files: file, folder or glob; repeatable.", metavar="GLOB", path="path"),
    ] = ()
    links: Annotated[
        tuple[str, ...],
        option("Template link files; repeatable.", metavar="GLOB", path="path"),
    ] = ()
    entities: Annotated[
        tuple[str, ...],
        option("Entities files for all tests; repeatable.", metavar="GLOB", path="path"),
    ] = ()
    tests: Annotated[
        tuple[str, ...],
        option("Test files: file, folder or glob; repeatable.", metavar="GLOB", path="path"),
    ] = ()
    stores: Annotated[
        dict[str, Layout],
        option("Stores whose layout is not the usual one.", flag=False, key=("cedar", "stores")),
    ] = field(default_factory=dict)
    filter: Annotated[
        tuple[str, ...],
        option(
            "Judge only cases whose `group > name` holds TEXT or matches it as a glob; repeatable.",
            metavar="TEXT",
        ),
    ] = ()
    fail_fast: Annotated[bool, option("Stop at the first case that does not pass.")] = False
    list: Annotated[bool, option("List the cases instead of judging them.", in_file=False)] = False
    init_tests: Annotated[
        bool,
        option(
            "Judge nothing: write a first suite for each store, of what is decided today.",
            in_file=False,
        ),
    ] = False
    dry_run: Annotated[
        bool, option("With --init-tests: print the suites and write nothing.", in_file=False)
    ] = False
    deny_warnings: Annotated[
        bool,
        option("Stop on impossible policies, unused templates and other warnings."),
    ] = False
    strict: Annotated[bool, option("Stop on evaluation errors that no test expects.")] = False
    request_validation: Annotated[
        bool, option("Check requests and entities against the schema.")
    ] = True
    jobs: Annotated[
        int,
        option("Worker processes for many integration tests; 0: as many as cores.", metavar="N"),
    ] = 0
    min_coverage: Annotated[
        float | None,
        option("Stop where fewer of the policies decided a test.", metavar="PERCENT"),
    ] = None
    require_tests: Annotated[bool, option("Stop on a store without tests.")] = False
    mutate: Annotated[
        bool,
        option("Change the policies, one way at a time: would the tests notice?", in_file=False),
    ] = False
    min_mutation_score: Annotated[
        float | None,
        option(
            "With --mutate: stop where the tests notice fewer.", metavar="PERCENT", in_file=False
        ),
    ] = None
    since: Annotated[
        str,
        option("With --mutate: only what changed since this commit.", metavar="REF", in_file=False),
    ] = ""
    mutation_tests: Annotated[
        str,
        option(
            "With --mutate: write the tests that would notice more, as a new suite.",
            metavar="FILE",
            in_file=False,
            path="path",
        ),
    ] = ""
    policy_store: Annotated[
        str,
        option(
            "Judge what this store of Amazon Verified Permissions holds, and compare it.",
            metavar="ID",
        ),
    ] = ""
    region: Annotated[
        str, option("AWS Region of the store of Verified Permissions.", metavar="REGION")
    ] = ""
    saved: Annotated[
        tuple[str, ...],
        option(
            "Take saved answers of Verified Permissions instead of asking; repeatable.",
            metavar="FILE",
            path="path",
            in_file=False,
        ),
    ] = ()
    for_verified_permissions: Annotated[
        bool,
        option("Check the rules and quotas of Amazon Verified Permissions, too."),
    ] = False
