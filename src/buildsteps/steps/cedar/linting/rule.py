"""What a rule is, and what it says of a place."""

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from buildsteps.results import Location, Severity
from buildsteps.steps.cedar.linting.subject import Subject
from buildsteps.steps.cedar.policies.policy import PolicyFile

Need = Literal["schema", "whole", "policies"]
"""What a rule may need.

``schema``: there is one, and it is valid; ``whole``: nothing of the store was left out, for the
rule speaks of what is missing; ``policies``: there is at least one.
"""


class Edit(Struct, frozen=True):
    """A change of a policy file: ``text`` for what stands from ``start`` up to ``end``."""

    file: PolicyFile
    start: int
    end: int
    text: str


class Problem(Struct, frozen=True, kw_only=True):
    """What a rule found: a sentence with its places, the first of which is the one to look at.

    ``key`` tells problems of the same rule apart, whatever moves in the file. ``severity`` is that
    of the rule where it is None.
    """

    message: str
    locations: tuple[Location, ...]
    key: str
    detail: str = ""
    fix: str = ""
    severity: Severity | None = None
    edit: Edit | None = None


class Rule(Struct, frozen=True, kw_only=True):
    """A rule: ``why`` says in a sentence what may go wrong with what it finds.

    ``by_default`` is false for a rule that must be asked for by name.
    """

    id: str
    title: str
    severity: Severity
    why: str
    check: Callable[[Subject], Iterable[Problem]]
    needs: frozenset[Need] = frozenset()
    by_default: bool = True

    def lacks(self, subject: Subject) -> str:
        """What the rule needs and the store has not; empty where it applies."""
        if "policies" in self.needs and not subject.policies:
            return "it has no policy that could be looked at"
        if "schema" in self.needs and subject.model is None:
            return "its schema is not valid" if subject.inputs.schema_path else "it has no schema"
        if "whole" in self.needs and not subject.whole:
            return "not all of it could be looked at"
        return ""
