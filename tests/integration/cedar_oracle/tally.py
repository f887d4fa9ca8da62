"""Counting how often two answers are the same, and showing where they are not."""

from msgspec import Struct, field

_SHOWN = 5


class Tally(Struct):
    """How many things were compared, how many were the same, and the others in words."""

    what: str
    same: int = 0
    total: int = 0
    others: list[str] = field(default_factory=list)

    def add(self, where: str, ours: object, theirs: object) -> None:
        """Compare one thing; ``where`` names the store, and with it the seed."""
        self.total += 1
        if ours == theirs:
            self.same += 1
        else:
            self.others.append(f"{where}\n    ours    {ours}\n    oracle  {theirs}")

    def __str__(self) -> str:
        rate = self.same / max(self.total, 1)
        lines = [f"{self.what}: {self.same:,} of {self.total:,} the same ({rate:.1%})"]
        return "\n  ".join([*lines, *self.others[:_SHOWN]])

    def check(self, usual: bool, counts: tuple[int, int], at_least: float = 1.0) -> None:
        """Hold the rate against the least, and for the usual seeds the exact counts as well.

        The rate is printed, so that ``pytest -s`` shows what a larger run gives.
        """
        print(self)
        assert self.total > 0, f"{self.what}: nothing was compared"
        assert self.same >= at_least * self.total, f"{self}\n  less than {at_least:.0%}"
        assert not usual or (self.same, self.total) == counts, f"{self}\n  expected {counts}"
