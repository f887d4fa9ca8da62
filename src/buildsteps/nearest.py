"""Which known word somebody meant who wrote an unknown one."""

from collections.abc import Iterable

_LONGEST = 200


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Give the candidate that is most like ``word``, or None where none is like it.

    A candidate that differs in case and dashes only comes first, then the only one that has
    ``word`` as its last part (``User`` for ``Shop::User``), then the nearest in spelling. A
    word that is itself a candidate needs no other.
    """
    known = list(dict.fromkeys(candidates))
    if word in known or not word or len(word) > _LONGEST:
        return None
    return _same_letters(word, known) or _last_part(word, known) or _nearest(word, known)


def suggestion(word: str, candidates: Iterable[str]) -> str:
    """Give the sentence that offers :func:`did_you_mean`, to append to a message, or nothing."""
    found = did_you_mean(word, candidates)
    return "" if found is None else f" Did you mean `{found}`?"


def _letters(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "")


def _same_letters(word: str, known: list[str]) -> str | None:
    letters = _letters(word)
    return next((one for one in known if letters and _letters(one) == letters), None)


def _last_part(word: str, known: list[str]) -> str | None:
    ending = tuple(separator + word.casefold() for separator in ("::", ".", "/"))
    found = [one for one in known if one.casefold().endswith(ending)]
    return found[0] if len(found) == 1 else None


def _nearest(word: str, known: list[str]) -> str | None:
    import difflib

    by_folded = {one.casefold(): one for one in reversed(known) if len(one) <= _LONGEST}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None
