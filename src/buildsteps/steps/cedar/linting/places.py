"""Places in policy files: lines that belong to a policy, expressions, annotations."""

import re
from itertools import islice

from buildsteps.results import Location
from buildsteps.steps.cedar.linting.subject import Member
from buildsteps.steps.cedar.linting.terms import Tree
from buildsteps.steps.cedar.policies.cedar_text import expression_text
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.text.syntax import Statement, Token, tokens

_COMMENT_LINES = re.compile(r"(?:^[^\S\n]*//[^\n]*\n)+\Z", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n[^\S\n]*\Z")
_REST_OF_LINE = re.compile(r"[^\S\n]*(?://[^\n]*)?(?:\n|\Z)")


def whole_lines(text: str, statement: Statement) -> tuple[int, int]:
    """From where to where a policy stands with its comments, and the blank line before it.

    Its comments are the lines right above it and what follows on its last line. What else stands
    on its lines stays.
    """
    start, end = statement.start, statement.end
    line = text.rfind("\n", 0, start) + 1
    rest = _REST_OF_LINE.match(text, end)
    lone_returns = "\r" in text and "\r" in text.replace("\r\n", "")  # they end lines, too
    if text[line:start].strip() or rest is None or lone_returns:
        return start, end
    above = _COMMENT_LINES.search(text[:line])
    start = above.start() if above else line
    blank = _BLANK_LINES.search(text[:start])
    return (blank.start() + 1 if blank else start), rest.end()


def place_of(member: Member, expression: Tree) -> tuple[Location, str, str]:
    """Where an expression stands, the line of it with carets, and the expression as text."""
    try:
        text = expression_text(expression)
    except ValueError:
        return member.location, "", "an expression"
    source = member.policy.file.source
    start = offset_in(member.policy, text)
    if start is None:
        return member.location, "", text
    words = len([one for one in tokens(text) if one.text not in "()"])
    end = start
    found = tokens(source.text[start : member.policy.statement.end])
    for token in islice((one for one in found if one.text not in "()"), words):
        end = start + token.end
    written = " ".join(source.text[start:end].split())
    return source.location(start, end), source.excerpt(start, end), written


def offset_in(policy: Policy, expression: str) -> int | None:
    """Where an expression begins in the text of a policy's file, if it stands there as written.

    Parentheses do not count: a tree has none, so those that it is written with are others.
    """
    if policy.rendered:
        return None  # its file holds JSON
    wanted = [token.text for token in _meaning(expression)]
    start, end = policy.statement.start, policy.statement.end
    found = _meaning(policy.file.source.text[start:end])
    texts = [token.text for token in found]
    for number in range(len(texts) - len(wanted) + 1):
        if texts[number : number + len(wanted)] == wanted:
            return start + found[number].start
    return None


def _meaning(text: str) -> list[Token]:
    return [
        token for token in tokens(text) if token.text not in ("(", ")") and token.kind != "comment"
    ]
