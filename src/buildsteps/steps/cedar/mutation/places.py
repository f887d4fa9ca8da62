"""Where in a policy's file the clause stands that a mutant changes."""

from collections.abc import Sequence

from buildsteps.results import Location
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.originals import effect_word
from buildsteps.steps.cedar.mutation.tree import nodes
from buildsteps.steps.cedar.policies.cedar_text import expression_text
from buildsteps.steps.cedar.text.syntax import Token, tokens, unescape

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_WITHOUT_MEANING = frozenset("(),")


def placed(mutant: Mutant) -> Location:
    """The clause that is changed, or what it is in: its condition, its policy.

    The clause is found where the policy has it as the engine writes it.
    """
    if mutant.link is not None:
        return mutant.link
    path = mutant.change.path
    if not path or mutant.policy.rendered:  # then its file holds JSON
        return mutant.policy.location
    text = mutant.policy.text
    words = list(tokens(text))
    first = effect_word(text)
    begin = words.index(first)
    if path[0] == "conditions":
        found = _in_condition(mutant, words, begin)
    else:
        found = first if path[0] == "effect" else _scope_word(str(path[0]), words, begin)
    start = mutant.policy.statement.start
    return mutant.policy.file.source.location(start + found.start, start + found.end)


def _scope_word(variable: str, words: Sequence[Token], begin: int) -> Token:
    """The whole scope of a variable, such as ``action in [...]``."""
    depth, first, last = 0, words[begin], words[begin]
    for word in words[begin:]:
        if depth == 1 and word.text == variable:
            first = word
        if first is not words[begin] and depth == 1 and word.text in ",)":
            break
        depth += (word.text in _OPENING) - (word.text in _CLOSING)
        last = word
    return Token(first.start, last.end, "punctuation", "")


def _in_condition(mutant: Mutant, words: Sequence[Token], begin: int) -> Token:
    number = int(mutant.change.path[1])
    inside = _condition(number, words, begin)
    if mutant.change.old is None:
        return Token(inside[0].start, inside[-1].end, "punctuation", "")
    body = [word for word in inside[2:-1] if word.text not in _WITHOUT_MEANING]
    wanted = _meaning(expression_text(mutant.change.old))
    known = [_known(word) for word in body]
    steps = range(len(body) - len(wanted) + 1)
    places = [n for n in steps if known[n : n + len(wanted)] == wanted]
    if not places:  # written otherwise than the engine writes it
        return Token(inside[0].start, inside[-1].end, "punctuation", "")
    at = places[min(_earlier(mutant, wanted), len(places) - 1)]
    return Token(body[at].start, body[at + len(wanted) - 1].end, "punctuation", "")


def _condition(number: int, words: Sequence[Token], begin: int) -> list[Token]:
    """The words of a condition, from ``when`` or ``unless`` to its closing brace."""
    depth, found, inside = 0, -1, list[Token]()
    for word in words[begin:]:
        if depth == 0 and word.text in ("when", "unless"):
            found, inside = found + 1, []
        inside.append(word)
        depth += (word.text in _OPENING) - (word.text in _CLOSING)
        if depth == 0 and word.text == "}" and found == number:
            break
    return inside


def _earlier(mutant: Mutant, wanted: list[tuple[str, str]]) -> int:
    """How many expressions of the condition read so before the one that is changed."""
    path = mutant.change.path
    number = int(path[1])
    count = 0
    for place, node in nodes(mutant.original["conditions"][number]["body"], path[:3]):
        if place == path:
            break
        count += _meaning(expression_text(node)) == wanted
    return count


def _meaning(text: str) -> list[tuple[str, str]]:
    return [_known(word) for word in tokens(text) if word.text not in _WITHOUT_MEANING]


def _known(word: Token) -> tuple[str, str]:
    """A token by what it means: strings may be written in several ways."""
    return word.kind, unescape(word.text) if word.kind == "string" else word.text
