"""Expressions of the tree as people write them, and where in a policy's text one stands."""

from typing import Any

from buildsteps.steps.cedar.policies.json import rendered
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.text.syntax import Token, tokens

_HEAD = "permit(principal, action, resource) when {"
_WITHOUT_MEANING = frozenset("()")


def expression_text(expression: Any) -> str:
    """An expression as Cedar text, on one line, without parentheses around it.

    Raises:
        ValueError: the engine cannot write it.
    """
    anything = {"op": "All"}
    text = rendered(
        {
            "effect": "permit",
            "principal": anything,
            "action": anything,
            "resource": anything,
            "conditions": [{"kind": "when", "body": expression}],
        }
    )
    inner = text[text.index("{") + 1 : text.rindex("}")]
    return _bare(" ".join(inner.split()))


def _bare(text: str) -> str:
    """Without one pair of parentheses that spans all of it."""
    while text.startswith("(") and text.endswith(")") and _closes_at(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes_at(text: str) -> int:
    depth = 0
    for token in tokens(text):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return token.start
    return -1


def offset_in(policy: Policy, expression: str) -> int | None:
    """Where an expression begins in the text of a policy's file, if it stands there as written.

    Parentheses do not count: the engine writes those that it needs.
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
        token
        for token in tokens(text)
        if token.text not in _WITHOUT_MEANING and token.kind != "comment"
    ]
