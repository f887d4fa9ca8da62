"""Which attributes a policy reads without a ``has`` that comes before and guards it."""

from collections.abc import Iterator

from buildsteps.steps.cedar.linting.terms import Tree, operands

_Fact = tuple[str, str]
_Facts = frozenset[_Fact]

_VARIABLES = frozenset({"principal", "resource"})


def unguarded(tree: Tree) -> Iterator[tuple[Tree, str, str]]:
    """Each read of an attribute of the principal or resource that nothing guards.

    Gives the expression, the variable and the attribute. What ``has`` proved stays proved where the
    engine gets past it: behind ``&&``, in the branch of an ``if``, in later conditions.
    """
    known: _Facts = frozenset()
    for condition in tree.get("conditions", ()):
        body, truth = condition["body"], condition["kind"] == "when"
        yield from _reads(body, known)
        known |= _proved(body, truth=truth)


def _reads(body: Tree, known: _Facts) -> Iterator[tuple[Tree, str, str]]:
    waiting = [(body, known)]
    while waiting:
        node, facts = waiting.pop()
        ((operator, content),) = node.items()
        if operator == ".":
            variable = content["left"].get("Var")
            if variable in _VARIABLES and (variable, content["attr"]) not in facts:
                yield node, variable, content["attr"]
        if operator in ("&&", "||"):
            after = facts | _proved(content["left"], truth=operator == "&&")
            waiting += [(content["right"], after), (content["left"], facts)]
        elif operator == "if-then-else":
            then = facts | _proved(content["if"], truth=True)
            other = facts | _proved(content["if"], truth=False)
            waiting += [(content["else"], other), (content["then"], then), (content["if"], facts)]
        else:
            waiting += [(one, facts) for one in reversed(list(operands(node)))]


def _proved(expression: Tree, *, truth: bool) -> _Facts:
    """The attributes that are there where an expression is true, or false."""
    found = set()
    waiting = [(expression, truth)]
    while waiting:
        node, wanted = waiting.pop()
        ((operator, content),) = node.items()
        if operator == ("&&" if wanted else "||"):
            waiting += [(content["left"], wanted), (content["right"], wanted)]
        elif operator == "!":
            waiting.append((content["arg"], not wanted))
        elif operator == "has" and wanted and "Var" in content["left"]:
            found.add((content["left"]["Var"], content["attr"]))
    return frozenset(found)
