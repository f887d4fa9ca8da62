"""A store in a folder, looked at: what most tests of the rules need."""

from pathlib import Path
from typing import Any

from buildsteps.results import Finding, Report
from buildsteps.steps.cedar.linting.lint import collect
from buildsteps.steps.cedar.linting.settings import LintOptions
from tests.world_double import fake_world

SCHEMA = """
entity Role; entity Group; entity Folder;
entity User in [Group, Role] { name: String, age?: Long } tags String;
entity Album in [Album] { owner: User };
entity Photo in [Album] { owner: User, labels: Set<String>, readers: Set<User> };
action look;
action view in [look] appliesTo { principal: User, resource: [Photo, Album] };
action edit in [look] appliesTo { principal: User, resource: Photo };
"""


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a store."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def lint(folder: Path, **options: Any) -> Report:
    """Look at the folder as the command does."""
    return collect(LintOptions(**options), fake_world(folder))


def found(
    folder: Path, policies: str, *rules: str, schema: str | None = SCHEMA, **options: Any
) -> list[Finding]:
    """What rules find in the policies of one file."""
    files = {"p.cedar": policies} | ({} if schema is None else {"cedarschema": schema})
    write(folder, files)
    return list(lint(folder, only=rules, **options).findings)


def messages(
    folder: Path, policies: str, *rules: str, schema: str | None = SCHEMA, **options: Any
) -> list[str]:
    """The sentences of what rules find."""
    return [one.message for one in found(folder, policies, *rules, schema=schema, **options)]
