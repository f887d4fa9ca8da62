"""The options of ``cedar-format``."""

from typing import Annotated

from buildsteps.options import CommonOptions, option


class FormatOptions(CommonOptions, frozen=True, kw_only=True):
    """Rewrites Cedar policy files in place, or with --check says which ones it would rewrite.

    PATH is a folder, in which all *.cedar files are meant that git does not ignore, a file, or
    `-` for standard input; by default the working folder.
    """

    paths: Annotated[
        tuple[str, ...],
        option("Folders or files to format.", metavar="PATH", argument=True, path="path"),
    ] = ()
    check: Annotated[
        bool, option("Write nothing; stop on a file that would be reformatted, and show how.")
    ] = False
    line_width: Annotated[int, option("Break lines longer than N characters.", metavar="N")] = 80
    indent_width: Annotated[int, option("Indent by N spaces.", metavar="N")] = 2
