"""Sending the archive: one PUT to the address that the service gave, with the headers it gave."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.scan.codeguru.sizes import size_text
from buildsteps.world import World
from buildsteps.world.heartbeat import SECONDS_IN_A_LOG
from buildsteps.world.http import Response, Sendable, Timeouts, without_query

TIMEOUTS = Timeouts(connect=10.0, read=300.0, whole=300.0)
"""S3 answers when it has stored the whole; gigabytes take it a while."""

_CODE = re.compile(rb"<Code>([^<]{1,100})</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]{1,1000})</Message>")
_EXPIRED = re.compile(r"expired", re.IGNORECASE)


class Door(Struct, frozen=True, kw_only=True):
    """Where the archive goes: an address and the headers that its signature is for, so secret.

    ``artifact`` is what the archive is called from then on.
    """

    url: str
    headers: Mapping[str, str]
    artifact: str


class ExpiredDoorError(WorldError):
    """The address was good for a while, which is over."""


class Watched:
    """A file that is sent, and says once a minute how far that is."""

    def __init__(self, file: Sendable, world: World) -> None:
        self._file = file
        self._world = world
        self._size = file.seek(0, os.SEEK_END)
        self._due = world.clock.monotonic() + SECONDS_IN_A_LOG

    def read(self, size: int = -1, /) -> bytes:
        """See :meth:`Sendable.read`."""
        piece = self._file.read(size)
        if self._world.clock.monotonic() >= self._due:
            self._due = self._world.clock.monotonic() + SECONDS_IN_A_LOG
            sent = f"{size_text(self.tell())} of {size_text(self._size)}"
            self._world.progress(f"codeguru: {sent} of the archive are sent")
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """See :meth:`Sendable.seek`."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """See :meth:`Sendable.tell`."""
        return self._file.tell()


def upload(door: Door, archive: Sendable, world: World, *, plain: bool = False) -> None:
    """Send the archive; with ``plain`` also by http, as a stand-in may want it.

    Raises:
        ExpiredDoorError: a new address is needed.
        WorldError: it was refused, or there was no way (HttpError).
    """
    place = without_query(door.url)
    if urlsplit(door.url).scheme not in (("https", "http") if plain else ("https",)):
        raise WorldError(f"the archive is not sent to {printable(place)}: that is not https")
    body = Watched(archive, world)
    answer = world.http.request(
        "PUT", door.url, headers=door.headers, body=body, timeouts=TIMEOUTS, follow=False
    )
    if 200 <= answer.status < 300:
        return
    said = _said(answer)
    sentence = f"the archive was refused by {place}: status {answer.status}{said and f', {said}'}"
    raise (ExpiredDoorError if _EXPIRED.search(said) else WorldError)(sentence)


def _said(answer: Response) -> str:
    """Code and message of S3's error document."""
    parts = [found[1] for shape in (_CODE, _MESSAGE) if (found := shape.search(answer.body))]
    text = ": ".join(part.decode("utf-8", "replace") for part in parts)
    return clipped(printable(text), 300)
