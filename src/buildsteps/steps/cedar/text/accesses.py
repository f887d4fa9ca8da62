"""Which attribute access in a policy a message of the validator means."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from buildsteps.steps.cedar.text.engine_messages import AttributePath
from buildsteps.steps.cedar.text.phrases import Span, Words
from buildsteps.steps.cedar.text.syntax import Token, unescape

_VARIABLES = frozenset({"principal", "action", "resource", "context"})
_KEYWORDS = frozenset({"in", "like", "has", "is", "if", "then", "else"})


class Access(Struct, frozen=True):
    """An attribute access: ``.name``, ``["name"]`` or ``has name``.

    ``names`` are the attributes from the root to this one; ``root`` is the variable before them,
    or empty. ``span`` covers the name.
    """

    root: str
    names: tuple[str, ...]
    span: Span
    tested: bool = False


def find_access(words: Words, attribute: AttributePath, occurrence: int = 1) -> Span | None:
    """Find the n-th of the accesses that fit, the best first; a test with ``has`` comes last."""
    ends_so = [
        access
        for access in _accesses(words.tokens)
        if access.names[-len(attribute.names) :] == attribute.names
    ]
    types = _scope_types(words)
    ordered = sorted(ends_so, key=lambda access: _misfit(access, attribute, types))
    return ordered[min(occurrence, len(ordered)) - 1].span if ordered else None


def _accesses(found: Sequence[Token]) -> Iterator[Access]:
    ending_at: dict[int, Access] = {}
    for index in range(1, len(found) - 1):
        name = _accessed(found, index)
        if name is None:
            continue
        before, token = ending_at.get(index - 1), found[index + 1]
        value = unescape(token.text) if token.kind == "string" else token.text
        access = Access(
            before.root if before else _root(found, index - 1),
            (*(before.names if before else ()), value),
            (token.start, token.end),
            found[index].text == "has" or (before is not None and before.tested),
        )
        ending_at[index + name] = access
        yield access


def _accessed(found: Sequence[Token], index: int) -> int | None:
    """Say how many tokens after ``index`` an access that begins there ends, if one does."""
    token, name = found[index], found[index + 1]
    after = found[index + 2].text if index + 2 < len(found) else ""
    if token.text == "." and name.kind == "identifier" and after != "(":
        return 1
    if token.text == "has" and token.kind == "identifier":
        return 1 if name.kind in ("identifier", "string") else None
    indexed = found[index - 1].kind in ("identifier", "string") or found[index - 1].text in ")]}"
    if token.text == "[" and name.kind == "string" and after == "]" and indexed:
        return None if found[index - 1].text in _KEYWORDS else 2
    return None


def _root(found: Sequence[Token], index: int) -> str:
    variable = found[index].text in _VARIABLES and (index == 0 or found[index - 1].text != "::")
    return found[index].text if variable else ""


def _scope_types(words: Words) -> dict[str, str]:
    """Read which entity type the scope demands of a variable: ``resource is Album``."""
    types = {}
    for element in words.scope_elements():
        if len(element) > 2 and element[1].text in ("is", "=="):
            names = []
            for token in element[2:]:
                if token.text == "in" or token.kind == "string":
                    break
                names.append(token.text)
            types[element[0].text] = "".join(names).removesuffix("::")
    return types


def _misfit(access: Access, attribute: AttributePath, types: dict[str, str]) -> tuple[bool, int]:
    direct = len(access.names) == len(attribute.names)
    if attribute.action:
        return access.tested, 0 if direct and access.root == "context" else 1
    if not direct or not access.root:
        return access.tested, 1
    if access.root in ("context", "action") or not attribute.entity_type:
        return access.tested, 3
    demanded = types.get(access.root)
    return access.tested, 2 if demanded is None else 0 if demanded == attribute.entity_type else 4
