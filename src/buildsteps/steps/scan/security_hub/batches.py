"""Pages of findings as one call takes them.

Source: BatchImportFindings, API reference and quotas: 100 findings, 6 MB a batch, 240 KB a finding.
"""

import json
from collections.abc import Iterable, Iterator

from buildsteps.steps.scan.security_hub.asff import Asff

MOST_FINDINGS = 100
MOST_BYTES = 6_000_000
MOST_BYTES_EACH = 240_000

_AROUND = len(b'{"Findings": []}')
_BETWEEN = len(b", ")


def size_of(finding: Asff) -> int:
    """Bytes of a finding as it is sent: botocore escapes what is not ASCII."""
    return len(json.dumps(finding))


def batches(findings: Iterable[Asff], most_bytes: int = MOST_BYTES) -> Iterator[list[Asff]]:
    """Cut findings into pages, in order."""
    page: list[Asff] = []
    size = _AROUND
    for finding in findings:
        own = size_of(finding) + _BETWEEN
        if page and (len(page) == MOST_FINDINGS or size + own > most_bytes):
            yield page
            page, size = [], _AROUND
        page.append(finding)
        size += own
    if page:
        yield page
