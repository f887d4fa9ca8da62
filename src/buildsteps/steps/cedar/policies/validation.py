"""Are these policies valid? Syntax first, then the schema, with the place of each mistake."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from buildsteps.results import Finding, Location, Severity
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.policy import Policy, PolicyFile, joined

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel
    from buildsteps.steps.cedar.text.culprits import Validate

IMPOSSIBLE = "impossible-policy"

_ECHO = "unable to find an applicable action"
_MOST_ASKED = 5_000_000
"""Characters of policies that the validator is asked about to find places: some two seconds."""

_ILL_TYPED = ' when { "a" < 1 };'


class Mistake(Struct, frozen=True):
    """What is wrong with a policy, where, and the source line with a caret."""

    message: str
    location: Location
    excerpt: str

    def detail(self) -> str:
        """The mistake as a paragraph."""
        return f"{self.location}: {self.message}\n{self.excerpt}"


def syntax_mistakes(file: PolicyFile) -> list[Mistake]:
    """What the parser says of each statement; a sound statement says nothing."""
    from buildsteps.steps.cedar.text import positions  # needed only where something is wrong

    source = file.source
    found = []
    for statement in file.statements:
        text = source.text[statement.start : statement.end]
        message = engine.parse_error(text)
        if message is not None:
            span = positions.syntax_error_span(text, message, engine.parse_error) or (0, 1)
            found.append(_mistake(source, statement.start, span, positions.clean_message(message)))
    return found


def _mistake(source: SourceText, start: int, span: tuple[int, int], message: str) -> Mistake:
    first, last = start + span[0], start + span[1]
    return Mistake(message, source.location(first, last), source.excerpt(first, last))


def schema_mistakes(
    policies: Sequence[Policy], schema: engine.Schema, model: Callable[[], "SchemaModel | None"]
) -> dict[int, list[Mistake]]:
    """What the validator says, by the policy's position; ``model`` is asked for suggestions."""
    found: dict[int, list[Mistake]] = {}
    errors = engine.validate(joined(policies), schema)
    if not errors:
        return found
    said: dict[int, list[str]] = {}
    for error in errors:
        said.setdefault(error.policy, []).append(error.message)
    asker = _Asker(schema)
    for number, messages in said.items():
        mistakes = _mistakes_of(policies[number], messages, asker.ask, model)
        found[number] = _without_echo(mistakes)
    return found


def _mistakes_of(
    policy: Policy,
    messages: Sequence[str],
    ask: "Validate",
    model: Callable[[], "SchemaModel | None"],
) -> list[Mistake]:
    from buildsteps.steps.cedar.text import positions  # needed only where something is wrong
    from buildsteps.steps.cedar.text.known_names import nearest_name

    if policy.rendered:  # the engine read text that stands in no file
        spans = [(0, 1)] * len(messages)
    else:
        spans = positions.validation_error_spans(policy.text, messages, ask)
    mistakes = []
    for span, message in sorted(zip(spans, map(positions.clean_message, messages), strict=True)):
        told = message + nearest_name(message, model())
        mistakes.append(_mistake(policy.file.source, policy.statement.start, span, told))
    return mistakes


class _Asker:
    """Asks the validator about parts of wrong policies, as long as that takes seconds at most."""

    def __init__(self, schema: engine.Schema) -> None:
        self.schema = schema
        self.left = _MOST_ASKED

    def ask(self, texts: Sequence[str]) -> list[list[str]] | None:
        """The cleaned messages for each text; None where it is too much, or one does not parse."""
        from buildsteps.steps.cedar.text.engine_messages import clean_message

        size = sum(map(len, texts))
        if size > self.left:
            return None
        self.left -= size
        said: list[list[str]] = [[] for _ in texts]
        try:
            for error in engine.validate("\n".join(texts), self.schema):
                said[error.policy].append(clean_message(error.message))
        except ValueError:
            return None
        return said


def _without_echo(mistakes: list[Mistake]) -> list[Mistake]:
    kept = telling([one.message for one in mistakes])
    return [one for one in mistakes if one.message in kept]


def telling(messages: Sequence[str]) -> list[str]:
    """Leave out the complaint that a wrong name in the scope always has for company."""
    return [one for one in messages if not one.startswith(_ECHO)] or list(messages)


def impossible(policies: Sequence[Policy], schema: engine.Schema) -> list[Finding]:
    """Valid policies that can never apply, such as ``permit`` ``when { false }``.

    The engine's warning of them does not reach Python. But the type checker skips what it knows
    to be unreachable: so each policy gets one more, ill-typed condition, and a policy in which
    nobody complains of it can never apply.
    """
    if not policies:
        return []
    text = "\n".join(policy.text[:-1] + f"\n{_ILL_TYPED}" for policy in policies)
    reached = {error.policy for error in engine.validate(text, schema)}
    return [
        Finding(
            rule=IMPOSSIBLE,
            severity=Severity.MEDIUM,
            message=f"{policy.effect} `{policy.id}` can never apply: it is false for every request"
            " that the schema allows",
            locations=(policy.location,),
            detail=policy.file.source.excerpt(policy.statement.start, policy.statement.start + 6),
            fingerprint=f"{IMPOSSIBLE}:{policy.file.source.path}:{policy.id}",
        )
        for number, policy in enumerate(policies)
        if number not in reached
    ]
