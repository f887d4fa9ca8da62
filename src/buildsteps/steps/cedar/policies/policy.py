"""The policies of a store: where each stands, what its id is, how the engine knows it.

The engine numbers the policies of a text by position and knows no files. So the texts of all
files are joined, and a policy's place in this list is its place in the engine.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.acceptances import InlineAcceptance, inline_acceptances
from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.engine_limits import check_statement
from buildsteps.steps.cedar.text.syntax import Statement, comments, split
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.policies.json import JsonPolicy


class PolicyFile(Struct, frozen=True, kw_only=True):
    """A policy file as read; ``unreadable`` says why there is no text."""

    name: str
    source: SourceText
    statements: tuple[Statement, ...] = ()
    from_json: "tuple[JsonPolicy, ...]" = ()
    json_links: tuple[dict[str, Any], ...] = ()
    unreadable: UsageError | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it was read and holds no policy."""
        return not (self.statements or self.from_json or self.unreadable)


class Policy(Struct, frozen=True, kw_only=True):
    """A policy or template: its id for people, and the file and statement it is."""

    id: str
    file: PolicyFile
    statement: Statement
    rendered: str = ""

    @property
    def location(self) -> Location:
        """Where its first token stands."""
        return self.file.source.location(self.statement.start)

    @property
    def text(self) -> str:
        """Its Cedar text, from the first token to the ``;``."""
        return self.rendered or self.file.source.text[self.statement.start : self.statement.end]

    @property
    def effect(self) -> str:
        """``permit`` or ``forbid``, or ``policy`` where even that is not readable."""
        return self.statement.effect or "policy"


def read_policies(paths: Iterable[Path], folder: Path, world: World) -> list[PolicyFile]:
    """Read and split policy files; one that cannot be read is kept, with the reason."""
    files = []
    for path in paths:
        inside = path.parent == folder or not path.is_relative_to(folder)
        name = path.name if inside else path.relative_to(folder).as_posix()
        shown = world.shown(path)
        try:
            files.append(policy_file(name, SourceText(shown, world.files.read_text(path))))
        except UsageError as error:
            source = SourceText(shown, "")
            files.append(PolicyFile(name=name, source=source, unreadable=error))
    return files


def standard_input(world: World) -> PolicyFile:
    """The policies on standard input."""
    try:
        text = world.read_stdin().decode("utf-8-sig")
        return policy_file("stdin", SourceText("stdin", text))
    except UnicodeDecodeError:
        error = UsageError("is not UTF-8", Location(path="stdin"))
    except UsageError as caught:
        error = caught
    return PolicyFile(name="stdin", source=SourceText("stdin", ""), unreadable=error)


def policy_file(name: str, source: SourceText) -> PolicyFile:
    """Split a policy file; JSON where its first character is ``{``.

    Raises:
        UsageError: it begins like JSON and holds no policies in that format, or a policy is too
            much for the engine.
    """
    if not source.text.lstrip().startswith("{"):
        statements = split(source.text)
        for statement in statements:
            check_statement(source, statement)
        return PolicyFile(name=name, source=source, statements=statements)
    from buildsteps.steps.cedar.policies.json import parse_json_policies

    policies, links = parse_json_policies(source)
    return PolicyFile(name=name, source=source, from_json=tuple(policies), json_links=tuple(links))


def policies_of(files: Iterable[PolicyFile]) -> list[Policy]:
    """Name each policy: its ``@id``, else the file's stem, from the second on with ``#2``.

    In a JSON policy set the set's own ids count.
    """
    named = []
    for file in files:
        for number, statement in enumerate(file.statements, 1):
            name = statement.id_annotation or _stem(file.name, number)
            named.append(Policy(id=name, file=file, statement=statement))
        for one in file.from_json:
            name = one.id or one.statement.id_annotation or _stem(file.name, 1)
            named.append(Policy(id=name, file=file, statement=one.statement, rendered=one.text))
    return named


def acceptances_in(files: Iterable[PolicyFile]) -> list[InlineAcceptance]:
    """The acceptances in comments; each speaks for the policy that it precedes or is in."""
    found: list[InlineAcceptance] = []
    for file in files:
        if "buildsteps:" not in file.source.text:
            continue
        for comment in comments(file.source.text):
            place = file.source.location(comment.start)
            ends = (one.end for one in file.statements if one.end > comment.start)
            last_line, _ = file.source.line_column(next(ends, comment.start))
            found += inline_acceptances(comment.text, place, last_line)
    return found


def _stem(name: str, number: int) -> str:
    stem = name.rsplit("/", 1)[-1].removesuffix(".json").removesuffix(".cedar")
    return stem if number == 1 else f"{stem}#{number}"


def joined(policies: Sequence[Policy]) -> str:
    """The policies as one text; the n-th of the list is the n-th of the text."""
    return "\n".join(policy.text for policy in policies)


def duplicates(policies: Iterable[Policy]) -> list[tuple[Policy, Policy]]:
    """Policies whose id another one has already: each with the first of that id."""
    first: dict[str, Policy] = {}
    found = []
    for policy in policies:
        if policy.id in first:
            found.append((policy, first[policy.id]))
        first.setdefault(policy.id, policy)
    return found


class PolicyIndex(Struct, frozen=True, kw_only=True):
    """What the engine's ids mean: positions of ``policies``, and the links we added."""

    policies: tuple[Policy, ...]
    links: Mapping[str, "LinkedPolicy"]

    def describe(self, engine_id: str) -> str:
        """A policy as messages show it: ``permit `JaneVacation` (path:2:1)``."""
        linked = self.links.get(engine_id)
        if linked is not None:
            return f"{linked.template.effect} `{linked.id}` ({linked.location})"
        policy = self.policies[engine.position(engine_id)]
        return f"{policy.effect} `{policy.id}` ({policy.location})"

    def called(self, engine_id: str, name: str) -> bool:
        """Whether tests may call the policy so: its id, or ``policyN`` where it has no ``@id``."""
        if self.name(engine_id) == name:
            return True
        if engine_id in self.links or engine_id != name:
            return False
        return not self.policies[engine.position(engine_id)].statement.id_annotation

    def name(self, engine_id: str) -> str:
        """The id that people know."""
        linked = self.links.get(engine_id)
        return linked.id if linked else self.policies[engine.position(engine_id)].id

    def names(self) -> tuple[str, ...]:
        """All ids that people know, of templates too."""
        links = (link.id for link in self.links.values())
        return (*(policy.id for policy in self.policies), *links)

    def location(self, engine_id: str) -> Location:
        """Where the policy, or the link that made it, stands."""
        linked = self.links.get(engine_id)
        return linked.location if linked else self.policies[engine.position(engine_id)].location


class LeftOut(Struct, frozen=True, kw_only=True):
    """A policy, or a whole file, which has no ``id``, that the tests run without, and why."""

    what: str
    why: str
    id: str = ""
    effect: str | None = None

    def may_explain(self, decision: str) -> bool:
        """Whether its absence can lead to ``decision``: a missing forbid to ALLOW."""
        return self.effect is None or (self.effect == "forbid") == (decision == "ALLOW")


class LinkedPolicy(Struct, frozen=True, kw_only=True):
    """A policy that a template link makes."""

    id: str
    template: Policy
    location: Location
    values: Mapping[str, str]
