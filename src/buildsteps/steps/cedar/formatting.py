r"""Cedar's formatter, applied a policy at a time and held to what it must not change.

The formatter takes time that grows with the square of the text, so each policy goes through it
alone. That gives what it makes of the whole file, because it lets no policy influence another and
gives comments to tokens by lines: up to the first ``\n`` after a ``;`` they belong to that ``;``,
from there on to the next policy (cedar-policy-formatter, ``pprint/lexer.rs`` and ``fmt.rs``).

In two things the result is better than the formatter's own. A comment before or after a trailing
comma, which the formatter drops, is kept. And where it would format its own result once more
otherwise, which comments inside a policy can lead to, the result is the one that it leaves alone.
"""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from msgspec import Struct

from buildsteps.steps.cedar.syntax import comments, split, tokens

FormatOne = Callable[[str], str]
r"""Formats policies and ends them with ``\n``; raises ValueError where it cannot."""

DEEPEST = 250
"""The engine, which recurses, ends the process at several times this depth."""
LONGEST = 20_000
"""It does so too at about three times as many words in one policy."""

_WORD = re.compile(
    r'"(?:[^"\\]++|\\.)*+"|//[^\r\n]*+|[_a-zA-Z0-9]++|::|[=!<>]=|\|\||&&|\S', re.DOTALL
)
_LEADING_COMMENTS = re.compile(r"(?:\s*//[^\n]*\n)*+")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_MOST_ROUNDS = 5


class UnformattableError(Exception):
    """A policy that is not formatted, and why; ``offset`` is where in the file the reason is.

    ``unparsable`` says that Cedar cannot read it; there may be more such policies then.
    """

    def __init__(self, message: str, offset: int = 0, *, unparsable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.unparsable = unparsable


class Piece(Struct, frozen=True):
    """A part of a file before and after; the parts joined are the whole file."""

    before: str
    after: str


def format_source(text: str, format_one: FormatOne) -> str:
    r"""Format a policy file; ``\r\n`` stays where all its lines end so.

    A file without policies stays as it is.

    Raises:
        UnformattableError: a policy that cannot be formatted, or not without a loss.
    """
    return "".join(piece.after for piece in format_pieces(text, format_one))


def format_pieces(text: str, format_one: FormatOne) -> list[Piece]:
    """Format a policy file as :func:`format_source` does, and keep its policies apart."""
    spans = _spans(text)
    for start, end in spans:
        _refuse_excess(text[start:end], start)
    line_end = "\r\n" if 0 < text.count("\n") == text.count("\r\n") else "\n"
    pieces = []
    for start, end in spans:
        before = text[start:end]
        try:
            after = _formatted(before, format_one)
        except ValueError as error:
            raise UnformattableError(str(error), start, unparsable=True) from None
        except UnformattableError as error:
            raise UnformattableError(error.message, start + error.offset) from None
        parted = f"\n{after}" if pieces else after
        pieces.append(Piece(before, parted.replace("\n", line_end)))
    return pieces or [Piece(text, text)]


def _spans(text: str) -> list[tuple[int, int]]:
    """Cut a file into its policies, each with its comments; the last one has all that follows."""
    statements = split(text)
    if not statements:
        return []
    starts = [0]
    for one, following in pairwise(statements):
        line_end = text.find("\n", one.end, following.start)
        starts.append(following.start if line_end < 0 else line_end + 1)
    return list(pairwise([*starts, len(text)]))


def _refuse_excess(policy: str, start: int) -> None:
    """Refuse what would overflow the engine's stack and so end the process."""
    if len(policy) <= DEEPEST:
        return
    openings = policy.count("(") + policy.count("[") + policy.count("{") + policy.count("if")
    if openings <= DEEPEST and len(policy) <= LONGEST:
        return
    words = _words(policy)
    if len(words) > LONGEST:
        raise UnformattableError(f"is a policy of more than {LONGEST:,} words: too long", start)
    depth = deepest = 0
    for word in words:
        depth += (word in _OPENING or word == "if") - (word in _CLOSING)
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise UnformattableError(f"is nested more than {DEEPEST} levels deep: too deep", start)


def _formatted(policy: str, format_one: FormatOne) -> str:
    """Format one policy, without a loss and so that formatting it again changes nothing."""
    after = format_one(policy)
    if after == policy.replace("\r\n", "\n").lstrip():
        return after
    words = _words(policy)
    if _comments(words) != _comments(_words(after)):
        after = format_one(_without_trailing_commas(policy))
    after = _settled(after, format_one)
    _refuse_loss(policy, words, _words(after))
    return after


def _settled(formatted: str, format_one: FormatOne) -> str:
    """Format again until nothing changes; only comments inside a policy can make it necessary."""
    for _ in range(_MOST_ROUNDS):
        if "//" not in formatted[_LEADING_COMMENTS.match(formatted).end() :]:  # type: ignore[union-attr]
            return formatted
        again = format_one(formatted)
        if again == formatted:
            return formatted
        formatted = again
    raise UnformattableError("comes out of Cedar's formatter differently each time")


def _refuse_loss(policy: str, before: list[str], after: list[str]) -> None:
    """Refuse a result that lacks a comment, or has other words than the policy had."""
    lost = _comments(before) - _comments(after)
    if lost:
        place = next(one for one in comments(policy) if one.text.rstrip() in lost)
        raise UnformattableError(
            f"Cedar's formatter would drop the comment `{place.text.rstrip()}`; move it",
            place.start,
        )
    if _code(before) != _code(after):
        raise UnformattableError("Cedar's formatter would change what this policy says")


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text)
    return found


def _comments(words: list[str]) -> Counter[str]:
    return Counter(word.rstrip() for word in words if word.startswith("//"))


def _code(words: list[str]) -> list[str]:
    """The words that mean something: no comments, and no comma at the end of a list."""
    code = [word for word in words if not word.startswith("//")]
    return [
        word
        for word, following in pairwise([*code, ""])
        if word != "," or following not in _CLOSING
    ]


def _without_trailing_commas(policy: str) -> str:
    """Take out the commas that mean nothing, for the formatter drops comments beside them."""
    kept, position = [], 0
    for token, following in pairwise(tokens(policy)):
        if token.text == "," and following.text in _CLOSING:
            kept.append(policy[position : token.start])
            position = token.end
    return "".join([*kept, policy[position:]])
