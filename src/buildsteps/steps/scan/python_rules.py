"""How severe rules of bandit and ruff are, and which are the same rule.

ruff has no severities, and bandit's speak of a rule alone: it puts ``eval`` below MD5. Ours say
whether a team would want to be stopped. *high*: an attacker who reaches the line runs code, reads
secrets or listens in, and what is reported is nearly always that. *medium*: a defect, or a danger
that depends on what the engine cannot see. *low*: worth a look. *info*: a matter of taste, or of
style that hides bugs. Reasons for single rules stand beside them.

ruff's ``S`` rules were made after bandit's and have their numbers: ``S307`` is ``B307``. ruff's own
``B`` rules are flake8-bugbear's, ``B0xx`` and ``B9xx``, and none of bandit's has such a number.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from buildsteps.results import Severity
from buildsteps.steps.scan.sighting import Sighting

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO


class Rule(Struct, frozen=True):
    """A rule that bandit has: how severe it is, and its number in the CWE.

    ``sharp`` is how severe it is where bandit itself is surer, or says HIGH; ``mild`` where the
    engine says that the command is a text that nobody can change.
    """

    severity: Severity
    cwe: int
    sharp: Severity | None = None
    mild: Severity | None = None


SECURITY: Mapping[str, Rule] = {
    "B101": Rule(_LOW, 703),
    "B102": Rule(_HIGH, 78),
    "B103": Rule(_MEDIUM, 732, sharp=_HIGH),
    "B104": Rule(_LOW, 605),  # every service in a container does
    # Names such as `token` hold anything; what looks like a secret is sharp, see looks_secret.
    "B105": Rule(_MEDIUM, 259, sharp=_HIGH),
    "B106": Rule(_MEDIUM, 259, sharp=_HIGH),
    "B107": Rule(_MEDIUM, 259, sharp=_HIGH),
    "B108": Rule(_MEDIUM, 377),
    "B110": Rule(_LOW, 703),
    "B112": Rule(_LOW, 703),
    "B113": Rule(_MEDIUM, 400),
    "B201": Rule(_HIGH, 94),
    "B202": Rule(_MEDIUM, 22, sharp=_HIGH),
    "B301": Rule(_HIGH, 502),
    "B302": Rule(_HIGH, 502),
    "B303": Rule(_MEDIUM, 327),  # mostly checksums, which usedforsecurity=False says
    "B304": Rule(_HIGH, 327),
    "B305": Rule(_MEDIUM, 327),
    "B306": Rule(_MEDIUM, 377),
    "B307": Rule(_HIGH, 78),
    "B308": Rule(_MEDIUM, 79),
    "B310": Rule(_LOW, 22),  # any urlopen with an address that is no literal
    "B311": Rule(_LOW, 330),
    "B312": Rule(_MEDIUM, 319),
    "B313": Rule(_LOW, 20),  # today's expat withstands what the rule is about
    "B314": Rule(_LOW, 20),
    "B315": Rule(_LOW, 20),
    "B316": Rule(_LOW, 20),
    "B317": Rule(_LOW, 20),
    "B318": Rule(_LOW, 20),
    "B319": Rule(_LOW, 20),
    "B321": Rule(_MEDIUM, 319),
    "B323": Rule(_HIGH, 295),
    "B324": Rule(_MEDIUM, 327),  # as B303
    "B401": Rule(_LOW, 319),  # imports do nothing yet: the calls are rules of their own
    "B402": Rule(_LOW, 319),
    "B403": Rule(_INFO, 502),
    "B404": Rule(_INFO, 78),
    "B405": Rule(_INFO, 20),
    "B406": Rule(_INFO, 20),
    "B407": Rule(_INFO, 20),
    "B408": Rule(_INFO, 20),
    "B409": Rule(_INFO, 20),
    "B411": Rule(_LOW, 20),
    "B412": Rule(_MEDIUM, 284),
    "B413": Rule(_MEDIUM, 327),
    "B415": Rule(_LOW, 319),
    "B501": Rule(_HIGH, 295),
    "B502": Rule(_HIGH, 327),
    "B503": Rule(_MEDIUM, 327),
    "B504": Rule(_LOW, 327),
    "B505": Rule(_MEDIUM, 326, sharp=_HIGH),
    "B506": Rule(_HIGH, 20),
    "B507": Rule(_HIGH, 295),
    "B508": Rule(_MEDIUM, 319),
    "B509": Rule(_MEDIUM, 319),
    "B601": Rule(_MEDIUM, 78),
    "B602": Rule(_HIGH, 78, mild=_LOW),
    "B603": Rule(_LOW, 78),
    "B604": Rule(_MEDIUM, 78),
    "B605": Rule(_HIGH, 78, mild=_LOW),
    "B606": Rule(_LOW, 78),
    "B607": Rule(_LOW, 78),
    "B608": Rule(_MEDIUM, 89, sharp=_HIGH),  # sharp where bandit sees it executed
    "B609": Rule(_MEDIUM, 155),
    "B610": Rule(_MEDIUM, 89),
    "B611": Rule(_MEDIUM, 89),
    "B612": Rule(_HIGH, 94),
    "B613": Rule(_HIGH, 838),
    "B614": Rule(_HIGH, 502),
    "B615": Rule(_MEDIUM, 494),
    "B701": Rule(_MEDIUM, 94),  # templates of other things than HTML need no escaping
    "B702": Rule(_MEDIUM, 80),
    "B703": Rule(_MEDIUM, 80),
    "B704": Rule(_MEDIUM, 79),
}
"""bandit's rules, with the CWE numbers that bandit gives them."""

_OTHER_NAMES = {"PLE2502": "B613"}
"""Rules of ruff that are bandit's and do not have its number."""

SECRETS = frozenset({"B105", "B106", "B107"})
"""Rules whose place holds a secret, if they are right."""

BUGS: Mapping[str, Severity] = {
    "ASYNC": _LOW,
    **dict.fromkeys(("ASYNC105", "ASYNC210", "ASYNC212", "ASYNC251"), _MEDIUM),
    **dict.fromkeys(("ASYNC220", "ASYNC221", "ASYNC222", "ASYNC250"), _MEDIUM),
    "B": _LOW,
    **dict.fromkeys(("B002", "B005", "B006", "B012", "B015", "B016", "B018"), _MEDIUM),
    **dict.fromkeys(("B020", "B021", "B022", "B023", "B025", "B029", "B030"), _MEDIUM),
    **dict.fromkeys(("B031", "B032", "B035", "B039"), _MEDIUM),
    **dict.fromkeys(("B007", "B009", "B010", "B011", "B013", "B028"), _INFO),
    **dict.fromkeys(("B904", "B905", "B911", "B912"), _INFO),
    "BLE": _LOW,
    "DTZ": _LOW,
    **dict.fromkeys(("E711", "E712", "E721"), _LOW),
    **dict.fromkeys(("E713", "E714"), _INFO),
    "E722": _MEDIUM,  # catches Ctrl-C and SystemExit, too
    "F50": _MEDIUM,
    "F504": _LOW,
    "F52": _MEDIUM,
    **dict.fromkeys(("F522", "F523"), _LOW),
    "F6": _MEDIUM,
    "F70": _MEDIUM,
    "F82": _MEDIUM,  # names that come in at run time are reported, too
    "LOG": _LOW,
    "NPY": _MEDIUM,
    "NPY002": _INFO,
    "PGH": _INFO,
    "PGH005": _MEDIUM,  # a mock that asserts nothing
    "PLE": _MEDIUM,
    **dict.fromkeys(("PLE2510", "PLE2512", "PLE2513", "PLE2514", "PLE2515"), _LOW),
    **dict.fromkeys(("PLW0602", "PLW0603", "PLW0604"), _INFO),
    "S": _LOW,
    "SIM115": _LOW,
    **dict.fromkeys(("TRY002", "TRY004", "TRY201", "TRY203"), _INFO),
}
"""ruff's rules about bugs, by code or family; the longest that a code begins with counts."""

SELECTED = (
    *("ASYNC", "B", "BLE", "DTZ", "E711", "E712", "E713", "E714", "E721", "E722"),
    *("F50", "F52", "F6", "F70", "F82", "LOG", "NPY", "PGH", "PLE"),
    *("PLW0602", "PLW0603", "PLW0604", "S", "SIM115", "TRY002", "TRY004", "TRY201", "TRY203"),
)
"""What ruff is asked for; rules in preview are not among them."""

_SEVERITIES = list(Severity)
_NUMBERED = re.compile(r"S\d{3}\Z")
_SEEMS_SAFE = "seems safe"  # ruff's words where a command is a literal
_QUOTED = re.compile(r"""(['"])(.*)\1""", re.DOTALL)
_SECRET_LENGTH = 12
_SECRET_BITS = 3.0


@lru_cache(maxsize=4096)
def canonical(rule: str) -> str:
    """The name of a rule of ruff, whoever applies it: bandit's where it has one."""
    if rule in _OTHER_NAMES:
        return _OTHER_NAMES[rule]
    bandits = f"B{rule[1:]}" if _NUMBERED.match(rule) else ""
    return bandits if bandits in SECURITY else rule


def name_of(sighting: Sighting) -> str:
    """The name under which a sighting's rule is known, whichever engine applied it."""
    return canonical(sighting.rule) if sighting.engine.lower() == "ruff" else sighting.rule


def bandit_severity(rule: str, severity: str, confidence: str, quoted: str = "") -> Severity:
    """How severe a result of bandit is; ``severity`` and ``confidence`` are bandit's words.

    A rule that is not in our table, of a plugin, keeps bandit's severity, one lower where bandit
    is not sure. ``quoted`` is the message of a rule about secrets, with what it takes for one.
    """
    ours = SECURITY.get(rule)
    if ours is None:
        own = {"HIGH": _HIGH, "MEDIUM": _MEDIUM}.get(severity, _LOW)
        return _lower(own) if confidence == "LOW" else own
    if ours.mild and severity == "LOW":
        return ours.mild
    if rule in SECRETS:
        is_sharp = looks_secret(quoted)
    elif rule == "B608":
        is_sharp = confidence != "LOW"
    else:
        is_sharp = severity == "HIGH"
    return ours.sharp if ours.sharp and is_sharp else ours.severity


def ruff_severity(rule: str, message: str, quoted: str = "") -> Severity:
    """How severe a result of ruff is; ``quoted`` is the code where a secret is said to be."""
    name = canonical(rule)
    ours = SECURITY.get(name)
    if ours is None:
        return _of_family(rule)
    if ours.mild and _SEEMS_SAFE in message:
        return ours.mild
    return ours.sharp if ours.sharp and name in SECRETS and looks_secret(quoted) else ours.severity


def ruff_cwes(rule: str) -> tuple[int, ...]:
    """The CWE number of ruff's rule, which is that of bandit's equal."""
    ours = SECURITY.get(canonical(rule))
    return (ours.cwe,) if ours else ()


def looks_secret(code: str) -> bool:
    """Whether the quoted text in ``code`` looks made up by a generator, or by somebody careful.

    Most of what is found by name is the name of a variable, an address or a word of a grammar.
    """
    found = _QUOTED.search(code)
    text = found[2] if found else ""
    if len(text) < _SECRET_LENGTH or any(character in " \t\r\n/:{}<>" for character in text):
        return False
    has_both = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    shares = (number / len(text) for number in Counter(text).values())
    return has_both and -sum(share * math.log2(share) for share in shares) >= _SECRET_BITS


def _of_family(rule: str) -> Severity:
    """What the table says of the longest beginning of the rule's code; *low* without one."""
    for length in range(len(rule), 0, -1):
        if rule[:length] in BUGS:
            return BUGS[rule[:length]]
    return _LOW


def _lower(severity: Severity) -> Severity:
    return _SEVERITIES[min(_SEVERITIES.index(severity) + 1, len(_SEVERITIES) - 1)]
