"""Random mistakes of syntax in a policy that has none."""

import re
from random import Random

_TOKENS = re.compile(
    r'//[^\n]*|"(?:[^"\\]|\\.)*"|\?\w+|\w+|::|==|!=|<=|>=|\|\||&&|\s+|.', re.DOTALL
)
_STRAY = (
    ")",
    "(",
    "}",
    "{",
    "]",
    "[",
    ",",
    ";",
    "==",
    "=",
    "&&",
    "::",
    ".",
    "@",
    "!",
    "-",
    "/",
    "%",
    "#",
    "like",
    "in",
    "has",
    "is",
    "if",
    "then",
    "else",
    "true",
    "when",
    "permit",
    "principal",
    "?slot",
    "?principal",
    "1",
    "99999999999999999999",
    '"text"',
    '"\\q"',
    "__cedar",
    "foo",
    "context",
    "'",
    "&",
)
_REPLACED = (
    ("permit", "permitt"),
    ("forbid", "deny"),
    ("when", "where"),
    ("unless", "unles"),
    ("principal", "principl"),
    ("resource", "ressource"),
    ("action", "actoin"),
    ("==", "="),
    ("&&", "and"),
    ("||", "or"),
    ("contains", "contain"),
    ("ip(", "ipp("),
    (".isEmpty()", ".isEmpty"),
    ("like", "matches"),
    ("hasTag", "hastag"),
    ('"', "'"),
    (" is ", " isa "),
    ("decimal(", "decimal "),
    ("};", "}"),
    (");", ")"),
    ("{", "("),
    ("true", "True"),
    ("has", "has not"),
    ("+", "/"),
    ("<", "=<"),
    ("context", "contxt"),
    ("@id(", "@id(@"),
    ('@note("', '@id("x") @id("'),
    (" in ", " in ? "),
)


def broken(rng: Random, text: str) -> str:
    """The text with one mistake, or two; now and then it is none after all."""
    for _ in range(rng.choice([1, 1, 1, 2])):
        text = rng.choice([_without, _with, _instead, _swapped, _cut, _misspelt, _misspelt])(
            rng, text
        )
    return text


def _parts(text: str) -> tuple[list[str], list[int]]:
    parts = _TOKENS.findall(text)
    return parts, [number for number, one in enumerate(parts) if not one.isspace()]


def _without(rng: Random, text: str) -> str:
    parts, words = _parts(text)
    parts[rng.choice(words)] = ""
    return "".join(parts)


def _with(rng: Random, text: str) -> str:
    parts, words = _parts(text)
    parts.insert(rng.choice(words), f" {rng.choice(_STRAY)} ")
    return "".join(parts)


def _instead(rng: Random, text: str) -> str:
    parts, words = _parts(text)
    parts[rng.choice(words)] = f" {rng.choice(_STRAY)} "
    return "".join(parts)


def _swapped(rng: Random, text: str) -> str:
    parts, words = _parts(text)
    one = rng.randrange(len(words) - 1)
    left, right = words[one], words[one + 1]
    parts[left], parts[right] = parts[right], parts[left]
    return "".join(parts)


def _cut(rng: Random, text: str) -> str:
    return text[: rng.randint(1, len(text) - 1)]


def _misspelt(rng: Random, text: str) -> str:
    fitting = [one for one in _REPLACED if one[0] in text]
    old, new = rng.choice(fitting)
    places = [match.start() for match in re.finditer(re.escape(old), text)]
    at = rng.choice(places)
    return text[:at] + new + text[at + len(old) :]
