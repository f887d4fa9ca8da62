"""How a store that convention does not find is described."""

from typing import Annotated

from msgspec import Struct

from buildsteps.options import option


class Layout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the parts of a store are, as far as they are not where convention has them.

    Each of ``policies``, ``links``, ``entities`` and ``tests`` is a file, a folder or a glob.
    """

    path: Annotated[str, option("The folder of the store.", path="path")] = ""
    schema: Annotated[str, option("The schema file.", path="path")] = ""
    policies: Annotated[tuple[str, ...], option("Policy files.", path="path")] = ()
    links: Annotated[tuple[str, ...], option("Template link files.", path="path")] = ()
    entities: Annotated[tuple[str, ...], option("Entities files.", path="path")] = ()
    tests: Annotated[tuple[str, ...], option("Test files.", path="path")] = ()
