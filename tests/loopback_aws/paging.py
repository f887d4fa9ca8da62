"""Lists in pages."""

from collections.abc import Mapping
from typing import Any


def page(found: list[Any], name: str, given: Mapping[str, Any], most: int) -> dict[str, Any]:
    """One page of a list; the token is the number of the first entry of the next."""
    start = int(given.get("nextToken") or 0)
    end = start + given.get("maxResults", most)
    return {name: found[start:end]} | ({"nextToken": str(end)} if end < len(found) else {})
