"""Facts of a report as flat names and values, for formats that know nothing deeper."""

from collections.abc import Iterator, Mapping
from typing import Any


def flat_facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each fact that is text or a number; inner mappings give dotted names.

    ``{"engine": {"name": "cedar"}}`` gives ``("engine.name", "cedar")``. Lists, empty texts and
    what is neither text nor number are left to the JSON report.
    """
    for name, value in facts.items():
        match value:
            case bool():
                yield name, str(value).lower()
            case str() | int() | float():
                if value != "":
                    yield name, str(value)
            case Mapping():
                for inner, text in flat_facts(value):
                    yield f"{name}.{inner}", text
            case _:
                continue
