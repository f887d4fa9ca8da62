"""A file that is no SARIF is said to be none, in one sentence with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.results import Cause, Outcome
from tests.sarif_logs import log, messages, result, scan, scans, sighting


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: the scanner wrote nothing"),
        (b" \n", "is empty: the scanner wrote nothing"),
        (b"no JSON", "is no SARIF: "),
        (b'{"version": "2.1.0", "runs": [', "is no SARIF: it ends in the middle"),
        (b'{"results": []}', "is JSON but no SARIF: `version` and `runs` are missing"),
        (b"[]", "is no SARIF: expected an object, got a list"),
        (b'{"version": "1.0.0", "runs": []}', "is SARIF 1.0.0, not 2.1.0: write 2.1.0"),
        (
            b'{"version": "2.1.0", "runs": []}',
            "is SARIF without a run: no scanner says that it looked",
        ),
        (
            b'{"version": "2.1.0", "runs": 5}',
            "is no SARIF at runs: expected a list, got a whole number",
        ),
        (
            b'{"version": "2.1.0", "runs": [{"tool": 5}]}',
            "is broken SARIF at runs[0].tool: expected an object, got a whole number",
        ),
        (
            b'{"version": "2.1.0", "runs": [{"columnKind": "\xff"}]}',
            "is broken SARIF at runs[0]: it is not UTF-8 (byte 0xff)",
        ),
        ("{}".encode("utf-16-le"), "is no UTF-8, perhaps UTF-16 without its mark"),
        (b"[" * 5_000_000, "is no SARIF: expected an object, got a list"),
        (b'{"x":' * 1_000_000, "is no SARIF: it is nested too deeply"),
        (b"\xff\xfea", "begins as UTF-16 and goes on otherwise"),
    ],
)
def test_what_is_no_sarif_is_a_case_that_says_why(data: bytes, said: str, tmp_path: Path) -> None:
    found = scan(data, tmp_path)
    (case,) = found.cases
    assert case.message.startswith(said)
    assert (case.outcome, case.cause) == (Outcome.ERROR, Cause.SUBJECT)
    assert case.locations[0].path == "results.sarif"
    assert found.partial
    assert found.sightings == ()


def test_broken_sarif_of_a_scanner_of_ours_is_the_worlds_fault(tmp_path: Path) -> None:
    (found,) = scans(b"{}", tmp_path, Cause.WORLD)
    assert found.cases[0].cause is Cause.WORLD


def test_the_line_of_a_mistake_in_the_json_is_told(tmp_path: Path) -> None:
    (case,) = scan(b'{"version":\n\n nope}', tmp_path).cases
    assert case.locations[0].line == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_and_what_powershell_writes_are_read(
    encoding: str, tmp_path: Path
) -> None:
    text = log(result(message={"text": "größe"})).decode()
    assert sighting(text.encode(encoding), tmp_path).message == "größe"


def test_half_of_a_surrogate_pair_is_replaced_and_a_whole_one_kept(tmp_path: Path) -> None:
    data = log(result(message={"text": "?"})).replace(
        b'"?"', b'"\\ud83d\\udce6 \\ud83d \\\\ud800 \\udce6"'
    )
    assert sighting(data, tmp_path).message == "\N{PACKAGE} \ufffd \\ud800 \ufffd"


def test_a_broken_result_is_a_case_with_its_number_and_hides_no_other(tmp_path: Path) -> None:
    found = scan(log(result(), result(level=5), 7, result()), tmp_path)
    assert len(found.sightings) == 2
    assert messages(found) == [
        "is broken SARIF at runs[0].results[1].level, and 1 further result:"
        " expected text, got a whole number"
    ]


def test_a_number_that_no_line_has_is_a_broken_result(tmp_path: Path) -> None:
    data = log(result(line=1)).replace(b'"startLine": 1', b'"startLine": 1e999')
    (said,) = messages(scan(data, tmp_path))
    assert said.startswith("is broken SARIF at runs[0].results[0].locations[")
    assert said.endswith(".physicalLocation.region.startLine: number out of range")


def test_results_that_are_missing_or_null_are_no_clean_scan(tmp_path: Path) -> None:
    said = "has a run without `results`: that scanner did not scan"
    assert messages(scan(log(results=None), tmp_path)) == [said]
    (case,) = scan(json.dumps({"version": "2.1.0", "runs": [{}]}).encode(), tmp_path).cases
    assert (case.message, case.cause) == (said, Cause.SUBJECT)


def test_an_empty_list_of_results_is_a_clean_scan(tmp_path: Path) -> None:
    found = scan(log(), tmp_path)
    assert (found.cases, found.sightings, found.partial) == ((), [], False)


def test_results_that_stand_in_other_files_are_not_passed_over(tmp_path: Path) -> None:
    elsewhere = {"results": [{"location": {"uri": "more.sarif-external-properties"}}]}
    data = log(results=None, externalPropertyFileReferences=elsewhere)
    assert "in other files" in messages(scan(data, tmp_path))[0]


def test_each_run_of_a_file_is_a_scan_of_its_own(tmp_path: Path) -> None:
    runs = [{"tool": {"driver": {"name": name}}, "results": []} for name in ("One", "Two Tools")]
    found = scans(json.dumps({"version": "2.1.0", "runs": runs}).encode(), tmp_path)
    assert [one.engine for one in found] == ["one", "two-tools"]


def test_null_in_every_place_is_as_good_as_nothing(tmp_path: Path) -> None:
    nulls: dict[str, Any] = dict.fromkeys(
        ("level", "kind", "locations", "properties", "fingerprints", "suppressions", "taxa")
    )
    one = sighting(log(result(**nulls), tool=None, artifacts=None, invocations=None), tmp_path)
    assert (one.engine, one.locations) == ("unnamed-tool", ())
