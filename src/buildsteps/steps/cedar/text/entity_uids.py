r"""Entity uids as people write them, made ready for the Cedar engine.

The engine takes a uid as text only in the very spelling in which it would write it itself
(cedar-policy-core's ``FromNormalizedStr``): ``User::"O\'Brien"``, though a policy may just as
well say ``User::"O'Brien"``. Type and id apart may hold anything.
"""

import re
from typing import Any

_PLAIN = re.compile(r"[ -&(-\[\]-~]*+")  # ASCII that is printed, but for ' and \
_NAME = r"[_a-zA-Z][_a-zA-Z0-9]*+"
_UID = re.compile(rf'({_NAME}(?:::{_NAME})*+)::("(?:[^"\\]|\\[^\n])*+")')


def for_engine(uid: Any) -> Any:
    """The uid so that the engine reads it; what is none stays, for the engine to say so."""
    if not isinstance(uid, str) or _PLAIN.fullmatch(uid):
        return uid
    found = _UID.fullmatch(uid)
    if found is None:
        return uid
    from buildsteps.steps.cedar.text import syntax  # needed only for a uid that is not plain

    if syntax.has_unknown_escape(found[2]):
        return uid
    return {"type": found[1], "id": syntax.unescape(found[2])}


def uids_in(text: str) -> frozenset[tuple[str, str]]:
    """Type and id of every entity uid in Cedar text, however it is spelled."""
    from buildsteps.steps.cedar.text import syntax  # needed only for a uid that is not plain

    found = set()
    path: list[str] = []
    for word in syntax.tokens(text):
        after_colons = path[-1:] == ["::"]
        if word.kind == "string" and after_colons:
            found.add(("".join(path[:-1]), syntax.unescape(word.text)))
        if word.text != "::" and not (word.kind == "identifier" and after_colons):
            path.clear()
        if word.text == "::" or word.kind == "identifier":
            path.append(word.text)
    return frozenset(found)
