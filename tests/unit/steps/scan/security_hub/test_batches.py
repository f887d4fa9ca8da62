import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.security_hub.batches import MOST_FINDINGS, batches, size_of

FINDINGS = st.lists(
    st.dictionaries(st.sampled_from(["Title", "Id"]), st.text(max_size=40)), max_size=250
)


@given(FINDINGS, st.integers(200, 5000))
def test_pages_keep_order_number_and_bytes(findings: list[Any], most: int) -> None:
    pages = list(batches(findings, most))
    assert [one for page in pages for one in page] == findings
    for page in pages:
        assert 1 <= len(page) <= MOST_FINDINGS
        assert len(json.dumps({"Findings": page})) <= most or len(page) == 1


def test_a_page_is_as_full_as_it_may_be() -> None:
    found = [{"Id": "x" * 100}] * 150
    assert [len(page) for page in batches(found)] == [100, 50]
    own = size_of(found[0]) + 2
    assert [len(page) for page in batches(found[:5], 16 + 2 * own)] == [2, 2, 1]


def test_what_is_not_ascii_counts_as_it_is_sent() -> None:
    assert size_of({"Id": "ä"}) == len(b'{"Id": "\\u00e4"}')
