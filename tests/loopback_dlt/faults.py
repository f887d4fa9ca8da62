"""What goes wrong on demand, between the client and the solution."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """One way to fail; the messages are API Gateway's."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    TIMED_OUT = "timed out"
    INTERNAL = "internal"
    RESET = "reset"
    LOST = "lost"
    SLOW = "slow"
    NO_JSON = "no json"


GATEWAY = {
    Kind.THROTTLED: (429, "Too Many Requests", "TooManyRequestsException"),
    Kind.BROKEN: (502, "Internal server error", "InternalServerErrorException"),
    Kind.TIMED_OUT: (504, "Endpoint request timed out", ""),
}


class Fault(Struct):
    """The next ``times`` requests of a method to a path that ends so get this.

    ``LOST``: it is carried out, and the connection is reset instead of an answer. ``SLOW`` waits
    ``seconds``. ``after`` requests of this kind pass unharmed first.
    """

    kind: Kind
    method: str = ""
    ending: str = ""
    times: int = 1
    seconds: float = 0.0
    after: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is hit; counts it."""
        if self.times <= 0 or self.method not in ("", method) or not path.endswith(self.ending):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True
