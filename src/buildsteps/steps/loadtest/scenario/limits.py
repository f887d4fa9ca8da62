"""What Distributed Load Testing would refuse of a scenario, said before it is asked.

The limits are those of the API's own schema in version 4 (``POST /scenarios``).
"""

import re
from urllib.parse import urlsplit

from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.remarks import Remarks

MAX_REQUESTS = 100
MAX_CONCURRENCY = 25_000
MAX_TAGS = 5
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")


def check_name(name: str, place: Location | None, remarks: Remarks) -> None:
    """The name of a scenario: 3 to 255 characters."""
    if not 3 <= len(name.strip()) <= 255:
        remarks.wrong("the name must have 3 to 255 characters", place)


def check_description(text: str, place: Location | None, remarks: Remarks) -> None:
    """The description of a scenario: 3 to 60,000 characters."""
    if not 3 <= len(text.strip()) <= 60_000:
        remarks.wrong("the description must have 3 to 60,000 characters", place)


def check_number(
    number: int, low: int, high: int, what: str, place: Location | None, remarks: Remarks
) -> None:
    """A count within limits."""
    if not low <= number <= high:
        remarks.wrong(f"{what} must be {low:,} to {high:,}, not {number:,}", place)


def check_region(region: str, place: Location | None, remarks: Remarks) -> None:
    """The name of an AWS region, by its form."""
    if not _REGION.fullmatch(region):
        remarks.wrong(f"`{region}` is no region; one looks like eu-west-1", place)


def check_tags(tags: tuple[str, ...], place: Location | None, remarks: Remarks) -> None:
    """At most five tags."""
    if len(tags) > MAX_TAGS:
        remarks.wrong(f"at most {MAX_TAGS} tags are allowed, not {len(tags)}", place)


def check_count(number: int, place: Location | None, remarks: Remarks) -> None:
    """One to a hundred requests."""
    if not 1 <= number <= MAX_REQUESTS:
        remarks.wrong(f"a scenario has 1 to {MAX_REQUESTS} requests, not {number}", place)


def check_url(url: str, place: Location | None, remarks: Remarks) -> None:
    """An http or https address with a host."""
    try:
        parts = urlsplit(url)
        right = parts.scheme.lower() in ("http", "https") and bool(parts.netloc)
        _ = parts.port
    except ValueError:
        right = False
    if not right or any(character.isspace() or ord(character) < 32 for character in url):
        remarks.wrong("the url must be an http:// or https:// address without spaces", place)


def checked_method(method: str, place: Location | None, remarks: Remarks) -> str:
    """The method in capitals, one of the seven."""
    capitals = method.strip().upper()
    if capitals not in METHODS:
        near = suggestion(capitals, METHODS)
        remarks.wrong(f"`{method}` is no method of HTTP that can be asked.{near}", place)
    elif capitals != method:
        remarks.mended(f"the method `{method}` is sent as {capitals}", place)
    return capitals


def check_header(name: str, value: str, place: Location | None, remarks: Remarks) -> None:
    """A header as HTTP has them: no line ends, which could smuggle another one in."""
    if not _HEADER.fullmatch(name):
        remarks.wrong(f"`{name}` is no name of a header", place)
    elif any(character in value for character in "\r\n\0"):
        remarks.wrong(f"the header {name} must be one line", place)
