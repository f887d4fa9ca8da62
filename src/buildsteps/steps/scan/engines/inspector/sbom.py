"""A software bill of materials in CycloneDX JSON, held to what Amazon Inspector can judge.

Sources: the JSON schema of CycloneDX 1.5; ``ScanSbom`` in Inspector's API reference.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.reporting.text import clipped, counted, printable
from buildsteps.results import Location
from buildsteps.steps.scan.engines.json_file import object_in
from buildsteps.steps.scan.engines.purl import Purl, parse_purl

WANTED_VERSION = "1.5"
"""The version of CycloneDX that ``ScanSbom`` is documented to take."""

AT_ONCE = 2000
"""Components that are sent at once: the API reference allows 5,000, the service's model 2,000."""


class Component(Struct, frozen=True, kw_only=True):
    """One component; ``reference`` is its ``bom-ref``, ``path`` the file that it was found in."""

    name: str
    version: str = ""
    purl: Purl | None = None
    reference: str = ""
    path: str = ""

    @property
    def package(self) -> str:
        """The package's name, as its package manager writes it."""
        return self.purl.name if self.purl else self.name


class Sbom(Struct, frozen=True, kw_only=True):
    """A checked bill of materials; ``source`` says where it is from, ``path`` is its file if any.

    ``document`` is what was read, ``components`` all that it lists, nested ones, too.
    """

    source: str
    document: dict[str, Any]
    components: tuple[Component, ...]
    path: str = ""

    @property
    def version(self) -> str:
        """The version of CycloneDX."""
        return str(self.document["specVersion"])

    @property
    def unversioned(self) -> list[str]:
        """The packages without a version, of which nobody knows anything."""
        return [one.package for one in self.components if one.purl and not _version(one)]


class _Property(Struct, frozen=True):
    name: str | None = None
    value: str | None = None


class RawComponent(Struct, frozen=True, rename={"reference": "bom-ref"}):
    """A component as CycloneDX writes it, as far as it is read."""

    name: str | None = None
    version: str | None = None
    group: str | None = None
    purl: str | None = None
    type: str | None = None
    reference: str | None = None
    properties: tuple[_Property, ...] | None = None
    components: tuple["RawComponent", ...] | None = None

    def property(self, name: str) -> str:
        """The value of a property, by the end of its name; empty where there is none."""
        return next(
            (
                one.value or ""
                for one in self.properties or ()
                if one.name and one.name.endswith(f":{name}")
            ),
            "",
        )


class _Raw(Struct, frozen=True):
    components: tuple[RawComponent, ...] | None = None


def read_sbom(text: str, path: str, source: str = "") -> Sbom:
    """Check a bill of materials.

    Raises:
        UsageError: it is none in CycloneDX JSON, or holds nothing that can be judged.
    """
    if text.lstrip().startswith("<"):
        raise UsageError("is XML; Amazon Inspector takes CycloneDX in JSON", Location(path, 1))
    document = object_in(text, path)
    _check_format(document, path)
    try:
        raw = msgspec.convert(document, _Raw)
    except (msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"is no CycloneDX: {printable(str(error))}", Location(path)) from None
    components = tuple(component_of(one) for one in flattened(raw.components or ()))
    if not components:
        raise UsageError("lists no component, so there is nothing to judge", Location(path))
    sbom = Sbom(source=source or path, document=document, components=components, path=path)
    if not any(_version(one) for one in components):
        number = counted(len(components), "component")
        raise UsageError(
            f"gives no version of any of its {number}, so nothing can be known of them; "
            "make it of an environment, or of a lock file",
            Location(path),
        )
    return sbom


def flattened(components: Sequence[RawComponent]) -> Iterator[RawComponent]:
    """All components, nested ones after those that hold them."""
    waiting = list(reversed(components))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.components or ())


def component_of(raw: RawComponent) -> Component:
    """What is read of a component."""
    path = raw.property("path") or raw.property("source_path")
    return Component(
        name="/".join(part for part in (raw.group, raw.name) if part) or "unnamed",
        version=raw.version or "",
        purl=parse_purl(raw.purl or ""),
        reference=raw.reference or "",
        path=path,
    )


def parts_of(sbom: Sbom) -> list[dict[str, Any]]:
    """The documents to send: the one that was read, or several where it lists too much.

    The operating system goes with each part, because Inspector judges its packages by it.
    """
    if len(sbom.components) <= AT_ONCE:
        return [sbom.document]
    flat = list(_flat(sbom.document["components"]))
    systems = [one for one in flat if one.get("type") == "operating-system"]
    others = [one for one in flat if one.get("type") != "operating-system"]
    size = max(AT_ONCE - len(systems), 1)
    names = ("bomFormat", "specVersion", "version", "metadata")
    kept: dict[str, Any] = {name: sbom.document[name] for name in names if name in sbom.document}
    return [
        {**kept, "components": [*systems, *others[start : start + size]]}
        for start in range(0, len(others), size)
    ]


def _flat(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    waiting = list(reversed(components))
    while waiting:
        one = waiting.pop()
        yield {key: value for key, value in one.items() if key != "components"}
        waiting += reversed(one.get("components") or ())


def _version(component: Component) -> str:
    return component.version or (component.purl.version if component.purl else "")


def _check_format(document: dict[str, Any], path: str) -> None:
    if "spdxVersion" in document or "@context" in document:
        raise UsageError("is SPDX; Amazon Inspector takes CycloneDX in JSON", Location(path))
    found = document.get("bomFormat")
    if found != "CycloneDX":
        what = f"bomFormat is {clipped(printable(repr(found)), 40)}" if found else "no bomFormat"
        raise UsageError(f"is no CycloneDX: {what}", Location(path))
    version = document.get("specVersion")
    if not isinstance(version, str) or not version:
        raise UsageError("is no CycloneDX: specVersion is missing", Location(path))
