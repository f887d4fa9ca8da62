"""Which results are about secrets, so that the secret is neither shown nor kept."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from buildsteps.steps.scan.sarif.log import Rule
from buildsteps.steps.scan.sarif.weaknesses import SECRETS

TOOLS = frozenset(
    {
        "detect-secrets",
        "ggshield",
        "gitguardian",
        "gitleaks",
        "kingfisher",
        "noseyparker",
        "secretlint",
        "talisman",
        "trufflehog",
        "whispers",
    }
)
"""Tools that look for nothing else."""

RULES = (
    ("bandit", "B10[567]"),
    ("ruff", "S10[567]"),
    ("checkov", "CKV_SECRET_*"),
    ("semgrep*", "*secrets.*"),
    ("semgrep*", "*detected-*"),
    ("*", "*hardcoded-credentials*"),
)
"""Rules about secrets of tools that look for more, by globs of tool and rule."""

MASK = "****"

_TAGS = frozenset({"secret", "secrets", "secret-detection", "credentials"})
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"|`([^`]+)`")


def is_about_secrets(tool: str, rule: Rule, name: str, cwes: Iterable[int]) -> bool:
    """Whether results of a rule stand where a secret is: by tool, rule, tags or weakness."""
    if tool in TOOLS or not SECRETS.isdisjoint(cwes):
        return True
    tags = rule.properties.tags if rule.properties else None
    if isinstance(tags, list) and any(isinstance(tag, str) and tag in _TAGS for tag in tags):
        return True
    return any(fnmatchcase(tool, one) and fnmatchcase(name, glob) for one, glob in RULES)


def masked(message: str, snippet: str, tool: str) -> str:
    """A message without what it quotes of the place: bandit's names the password that it found.

    Where the tool shows no snippet, all that is quoted goes; ruff alone quotes names, not values.
    """
    if snippet and snippet.strip() in message:
        message = message.replace(snippet.strip(), MASK)
    if not snippet and tool == "ruff":
        return message
    for groups in _QUOTED.findall(message):
        word = next(group for group in groups if group)
        if not snippet or word in snippet:
            message = message.replace(word, MASK)
    return message
