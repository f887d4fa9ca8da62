"""How a finding is accepted: the lines of ``buildsteps.yaml``, or a comment in its file."""

import json
import re
from pathlib import PurePosixPath

from buildsteps.results import Finding

REASON = "why it does no harm here"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_GLOB = re.compile(r"[*?\[]")
_SLASHES = {".c", ".cc", ".cpp", ".cs", ".go", ".h", ".java", ".js", ".jsx", ".kt", ".mjs", ".php"}
_SLASHES |= {".cjs", ".proto", ".rs", ".scala", ".swift", ".ts", ".tsx"}
_HASHES = {".bash", ".cfg", ".conf", ".hcl", ".ini", ".pl", ".properties", ".ps1", ".py", ".pyi"}
_HASHES |= {".rb", ".sh", ".tf", ".tfvars", ".toml", ".yaml", ".yml"}
_DASHES = {".lua", ".sql"}
_MARKUP = {".htm", ".html", ".md", ".svg", ".vue", ".xml"}


def in_configuration(finding: Finding) -> str:
    """The entry for ``accept:`` of ``buildsteps.yaml``."""
    lines = ["accept:", f"  - rule: {_yaml(finding.rule)}"]
    if finding.locations and finding.locations[0].path:
        lines.append(f"    path: {_yaml(finding.locations[0].path.removeprefix('./'))}")
    return "\n".join([*lines, f"    reason: {REASON}"])


def in_comment(finding: Finding) -> str:
    """The comment for its line; nothing where its file has no comments that we know of."""
    if not finding.locations or finding.locations[0].line is None:
        return ""
    said = f"buildsteps: accept[{finding.rule}] {REASON}"
    path = PurePosixPath(finding.locations[0].path)
    suffix = path.suffix.lower()
    if suffix in _HASHES or path.name.startswith(("Dockerfile", "Makefile")):
        return f"# {said}"
    if suffix in _SLASHES:
        return f"// {said}"
    if suffix in _DASHES:
        return f"-- {said}"
    return f"<!-- {said} -->" if suffix in _MARKUP else ""


def _yaml(text: str) -> str:
    """A text as a glob of itself in YAML, in quotes (JSON's) where it could mean something else."""
    glob = _GLOB.sub(lambda sign: f"[{sign[0]}]", text)
    plain = _PLAIN.fullmatch(glob) and glob.lower() not in _WORDS
    return glob if plain else json.dumps(glob)
