"""Answers of GetFindings: as the service gives them, or as a file has them.

Only what is used is typed. The model requires nothing of a finding, so nothing is required here
but a word on which rule it is of.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from buildsteps.errors import WorldError

Word = Literal["Critical", "High", "Medium", "Low", "Info"]
Status = Literal["Open", "Closed"]


class CodeLine(Struct, frozen=True):
    """A line of the code that was found."""

    number: int | None = None
    content: str | None = None


class FilePath(Struct, frozen=True, rename="camel"):
    """The place: a name in the archive and lines from 1."""

    name: str | None = None
    path: str | None = None
    start_line: int | None = None
    end_line: int | None = None
    code_snippet: list[CodeLine] | None = None


class Vulnerability(Struct, frozen=True, rename="camel"):
    """What was found, where."""

    id: str | None = None
    reference_urls: list[str] | None = None
    related_vulnerabilities: list[str] | None = None
    file_path: FilePath | None = None


class Recommendation(Struct, frozen=True):
    """What to do, in words and behind an address."""

    text: str | None = None
    url: str | None = None


class SuggestedFix(Struct, frozen=True):
    """Code to replace what was found."""

    description: str | None = None
    code: str | None = None


class Remediation(Struct, frozen=True, rename="camel"):
    """How to mend it."""

    recommendation: Recommendation | None = None
    suggested_fixes: list[SuggestedFix] | None = None


class Finding(Struct, frozen=True, rename="camel"):
    """One finding, in the service's own words."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    severity: Word | None = None
    status: Status | None = None
    rule_id: str | None = None
    detector_id: str | None = None
    detector_name: str | None = None
    detector_tags: list[str] | None = None
    updated_at: Any = None
    vulnerability: Vulnerability | None = None
    remediation: Remediation | None = None

    @property
    def is_named(self) -> bool:
        """Whether it says what it is a finding of."""
        words = (self.rule_id, self.detector_id, self.detector_name, self.title)
        return any(word and word.strip() for word in words)


class Answer(Struct, frozen=True, rename="camel"):
    """One page. ``failed_findings`` is BatchGetFindings'; ``NextToken`` the AWS CLI's own."""

    findings: list[Finding]
    next_token: str | None = None
    cli_token: str | None = msgspec.field(default=None, name="NextToken")
    failed_findings: list[Any] | None = None

    @property
    def has_more(self) -> bool:
        """Whether there are further pages."""
        return bool(self.next_token or self.cli_token)


def live_answer(page: Mapping[str, Any]) -> Answer:
    """A page as botocore gives it; one without findings may lack the list.

    Raises:
        WorldError: it is none that the API gives.
    """
    try:
        answer = msgspec.convert({"findings": [], **page}, Answer)
    except msgspec.ValidationError as error:
        raise WorldError(
            f"the findings of CodeGuru Security are not in the form of its API: {_plain(error)}"
        ) from None
    if not all(finding.is_named for finding in answer.findings):
        raise WorldError("CodeGuru Security gave a finding that names neither rule nor detector")
    return answer


def _plain(error: msgspec.ValidationError) -> str:
    return str(error).replace("`", "")
