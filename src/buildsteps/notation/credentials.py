"""The credentials of one registry, for one run of notation."""

from typing import Protocol

from msgspec import Struct


class UserAndPassword(Protocol):
    """What any kind of registry credentials gives."""

    @property
    def username(self) -> str:
        """The user's name; ``AWS`` for ECR."""
        ...

    @property
    def password(self) -> str:
        """The password or token; never shown."""
        ...


class Credentials(Struct, frozen=True):
    """User and password of one registry; never printed."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, '***')"
