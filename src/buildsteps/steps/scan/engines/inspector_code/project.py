"""Which project is meant: by its id, its ARN or its name, as Inspector's coverage lists it.

``StartCodeSecurityScan`` takes an id only, and ``ListFindings`` knows names only, so both are
looked up in ``ListCoverage`` (botocore's model ``inspector2``).
"""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.reporting.text import clipped, printable
from buildsteps.world.aws import Aws, AwsError

_ID = re.compile(r"project-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}", re.ASCII)
_FILTER = {"resourceType": [{"comparison": "EQUALS", "value": "CODE_REPOSITORY"}]}


class Project(Struct, frozen=True, kw_only=True):
    """A connected repository.

    ``resource`` is the id under which Inspector covers it. ``only`` tells that no other has its
    name.
    """

    id: str
    name: str
    resource: str
    only: bool = True


class _Repository(Struct, frozen=True, rename="camel"):
    project_name: str = ""


class _Metadata(Struct, frozen=True, rename="camel"):
    code_repository: _Repository = _Repository()


class _Covered(Struct, frozen=True, rename="camel"):
    resource_id: str = ""
    resource_metadata: _Metadata = _Metadata()


class _Page(Struct, frozen=True, rename="camel"):
    covered_resources: tuple[_Covered, ...] = ()


def project_of(text: str, aws: Aws, region: str) -> Project:
    """Find the project that is meant.

    Raises:
        UsageError: there is none, or more than one.
        AwsError: Inspector refused, or did not answer.
    """
    request = {"filterCriteria": _FILTER}
    covered = [
        one
        for answer in aws.pages("inspector2", "ListCoverage", request, region=region)
        for one in _page(answer).covered_resources
    ]
    projects = [project for one in covered if (project := _project(one)) is not None]
    return chosen(text, projects)


def chosen(text: str, projects: Sequence[Project]) -> Project:
    """The one project of this id, ARN or name.

    Raises:
        UsageError: there is none, or more than one.
    """
    wanted = found[0] if (found := _ID.findall(text)) else ""
    meant = [one for one in projects if (one.id == wanted if wanted else one.name == text)]
    if len({one.id for one in meant}) == 1:
        others = [one for one in projects if one.name == meant[0].name and one.id != meant[0].id]
        return replace(meant[0], only=not others)
    shown = clipped(printable(text), 120)
    if meant:
        ids = ", ".join(sorted({one.id for one in meant}))
        raise UsageError(f"--project {shown}: several projects have this name: {ids}")
    if not projects:
        raise UsageError(
            f"--project {shown}: Amazon Inspector covers no repository in this account and region; "
            "connect one under its Code security"
        )
    hint = suggestion(text, [one.name for one in projects])
    raise UsageError(f"--project {shown}: Amazon Inspector covers no such repository.{hint}")


def _project(covered: _Covered) -> Project | None:
    ids = _ID.findall(covered.resource_id)
    name = covered.resource_metadata.code_repository.project_name
    return Project(id=ids[-1], name=name, resource=covered.resource_id) if ids and name else None


def _page(answer: object) -> _Page:
    try:
        return msgspec.convert(answer, _Page)
    except msgspec.ValidationError as error:
        what = "inspector2:ListCoverage: the answer is none that the API gives"
        raise AwsError(f"{what}: {error}") from None
