"""JSON for machines: all of a result, never folded, with a schema that is public.

Additions raise the minor version of :data:`SCHEMA_VERSION`, removals the major one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

import buildsteps
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.text import encodable
from buildsteps.results import Case, Counts, Finding, RunResult, Table, Verdict

SCHEMA_VERSION = "1.1"


class Tool(Struct, frozen=True, kw_only=True):
    """Which program wrote the report."""

    name: str
    version: str


class JsonReport(Struct, frozen=True, kw_only=True):
    """What one run of a buildsteps command found, and its verdict."""

    schema_version: Annotated[str, Meta(pattern=r"^1\.[0-9]+$")]
    tool: Tool
    command: str
    name: str
    verdict: Verdict
    counts: Counts
    facts: Mapping[str, Any]
    cases: Sequence[Case]
    findings: Sequence[Finding]
    notes: tuple[str, ...]
    tables: tuple[Table, ...]


_ALWAYS_WHOLE = (JsonReport, Tool, Verdict, Counts, Case, Finding, Table)
_ENCODER = msgspec.json.Encoder(enc_hook=str)


def render(result: RunResult, _rendering: Rendering) -> Iterator[str]:
    """Yield the result as one JSON object, a line for each key, case and finding."""
    whole = document(result)
    separator = "{\n"
    for name in JsonReport.__struct_fields__:
        yield f"{separator}{encoded(name)}: "
        value = getattr(whole, name)
        if name in ("cases", "findings"):
            yield from _array(value)
        else:
            yield encoded(value)
        separator = ",\n"
    yield "\n}\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what :func:`render` writes."""
    derived = msgspec.json.schema(JsonReport)
    for struct in _ALWAYS_WHOLE:
        definition = derived["$defs"][struct.__name__]
        definition["required"] = list(definition["properties"])
        for member in definition["properties"].values():
            member.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **derived}


def encoded(value: object) -> str:
    """Return ``value`` as JSON on one line; a lone surrogate in it becomes U+FFFD."""
    try:
        return _ENCODER.encode(value).decode()
    except UnicodeEncodeError:
        builtins = msgspec.to_builtins(value, enc_hook=str, str_keys=True)
        return _ENCODER.encode(_without_surrogates(builtins)).decode()


def document(result: RunResult) -> JsonReport:
    """The result in the shape of the JSON report."""
    report = result.report
    return JsonReport(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="buildsteps", version=buildsteps.__version__),
        command=result.command,
        name=result.name,
        verdict=result.verdict,
        counts=Counts.of(report),
        facts=report.facts,
        cases=report.cases,
        findings=report.findings,
        notes=report.notes,
        tables=report.tables,
    )


def _array(members: Iterable[Struct]) -> Iterator[str]:
    separator = "[\n"
    for member in members:
        yield separator + encoded(member)
        separator = ",\n"
    yield "[]" if separator == "[\n" else "\n]"


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            return encodable(value)
        case list() | tuple():
            return [_without_surrogates(member) for member in value]
        case dict():
            return {encodable(str(key)): _without_surrogates(v) for key, v in value.items()}
        case _:
            return value
