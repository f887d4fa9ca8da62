r"""Cedar's formatter, applied to a few policies at a time and held to what it must not change.

The formatter takes time that grows with the square of the text, so a file goes through it in
parts, each policy together with the comments that belong to it. That gives what it makes of the
whole file, because it lets no policy influence another and gives comments to tokens by lines: up to
the first ``\n`` after a ``;`` they belong to that ``;``, from there on to the next policy
(cedar-policy-formatter, ``pprint/lexer.rs`` and ``fmt.rs``).

In two things the result is better than the formatter's own. A comment beside a trailing comma,
which the formatter drops, is kept. And where it would format its own result otherwise once more,
which comments inside a policy can lead to, the result is the one that it leaves alone.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct

from buildsteps.steps.cedar.text.syntax import Statement, comments, split, tokens

FormatOne = Callable[[str], str]
r"""Formats policies and ends them with ``\n``; raises ValueError where it cannot."""

LONGEST = 20_000
"""How many words a policy may have: the formatter ends the process at about four times as many."""

_POLICIES_AT_A_TIME, _CHARACTERS_AT_A_TIME = 8, 3000
"""A call costs as much as formatting a policy; eight are the fastest (1,000: 0.07 s, not 0.15)."""

_WORD = re.compile(
    r'"(?:[^"\\]++|\\.)*+"|//[^\r\n]*+|[_a-zA-Z0-9]++|::|[=!<>]=|\|\||&&|\S', re.DOTALL
)
_LEADING_COMMENTS = re.compile(r"\A(?:\s*//[^\n]*\n)*+")
_CLOSING = frozenset(")]}")
_MOST_ROUNDS = 5


class UnformattableError(Exception):
    """Policies that are not formatted, and why; ``offset`` is where in the file the reason is.

    ``unparsable`` says that Cedar cannot read them.
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
    return "".join(piece.after for piece in format_pieces(text, split(text), format_one))


def format_pieces(text: str, statements: Sequence[Statement], format_one: FormatOne) -> list[Piece]:
    """Format a policy file as :func:`format_source` does, and keep its parts apart."""
    _refuse_long(text, statements)
    line_end = "\r\n" if 0 < text.count("\n") == text.count("\r\n") else "\n"
    pieces: list[Piece] = []
    for start, end in _spans(text, statements):
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


def _refuse_long(text: str, statements: Sequence[Statement]) -> None:
    for one in statements:
        if one.end - one.start > LONGEST and len(_words(text[one.start : one.end])) > LONGEST:
            raise UnformattableError(
                f"a policy of more than {LONGEST:,} words is more than Cedar's formatter can take",
                one.start,
            )


def _spans(text: str, statements: Sequence[Statement]) -> list[tuple[int, int]]:
    """Cut a file into a few policies each, with their comments; the last has all that follows."""
    if not statements:
        return []
    starts, policies = [0], 0
    for one, following in pairwise(statements):
        policies += 1
        if policies < _POLICIES_AT_A_TIME and following.end - starts[-1] < _CHARACTERS_AT_A_TIME:
            continue
        line_end = text.find("\n", one.end, following.start)
        starts.append(following.start if line_end < 0 else line_end + 1)
        policies = 0
    return list(pairwise([*starts, len(text)]))


def _formatted(policies: str, format_one: FormatOne) -> str:
    """Format policies without a loss, and so that formatting them again changes nothing."""
    after = format_one(policies)
    if after == policies.replace("\r\n", "\n").lstrip():
        return after
    if after.count("//") != policies.count("//"):
        after = format_one(_without_trailing_commas(policies))
    after = _settled(after, format_one)
    _refuse_loss(policies, after)
    return after


def _settled(formatted: str, format_one: FormatOne) -> str:
    """Format again until nothing changes; only comments inside a policy can make it necessary."""
    for _ in range(_MOST_ROUNDS):
        if not _has_inner_comment(formatted):
            return formatted
        again = format_one(formatted)
        if again == formatted:
            return formatted
        formatted = again
    raise UnformattableError("comes out of Cedar's formatter differently each time")


def _has_inner_comment(formatted: str) -> bool:
    """Whether a comment stands elsewhere than before a policy; rather yes than no."""
    return any(
        "//" in _LEADING_COMMENTS.sub("", policy, count=1) for policy in formatted.split("\n\n")
    )


def _refuse_loss(policies: str, formatted: str) -> None:
    """Refuse a result that lacks a comment, or has other words than the policies had."""
    before, after = _words(policies), _words(formatted)
    if before == after:  # nearly always
        return
    lost = _comments(before) - _comments(after)
    if lost:
        place = next(one for one in comments(policies) if one.text.rstrip() in lost)
        raise UnformattableError(
            f"Cedar's formatter would drop the comment `{place.text.rstrip()}`; move it",
            place.start,
        )
    if _code(before) != _code(after):
        raise UnformattableError("Cedar's formatter would change what these policies say")


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


def _without_trailing_commas(policies: str) -> str:
    """Take out the commas that mean nothing, for the formatter drops comments beside them."""
    kept, position = [], 0
    for token, following in pairwise(tokens(policies)):
        if token.text == "," and following.text in _CLOSING:
            kept.append(policies[position : token.start])
            position = token.end
    return "".join([*kept, policies[position:]])
