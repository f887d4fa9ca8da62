import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.image_reference import parse_reference
from buildsteps.results import Case
from buildsteps.steps.signing.cluster.admission_log import read_admission_log
from buildsteps.steps.signing.cluster.cases import (
    admission_cases,
    deployed_cases,
    dry_run_cases,
    policy_cases,
    untold_case,
)
from buildsteps.steps.signing.cluster.dry_run import read_dry_run
from buildsteps.steps.signing.cluster.live import read_live
from buildsteps.steps.signing.cluster.policy_report import read_policy_reports
from buildsteps.steps.signing.inputs.interface import Input

NGINX = parse_reference("nginx@sha256:" + "0" * 64)
READERS: list[Callable[[Input], list[Case]]] = [
    lambda file: deployed_cases(read_live(file).images, [NGINX]),
    lambda file: [untold_case(image) for image in read_live(file).images],
    lambda file: policy_cases(read_policy_reports(file)),
    lambda file: admission_cases(read_admission_log(file), "f"),
    lambda file: dry_run_cases(read_dry_run(file)),
]
KEYS = st.sampled_from(
    [
        *[
            "apiVersion",
            "kind",
            "metadata",
            "name",
            "namespace",
            "items",
            "spec",
            "status",
            "phase",
            "containers",
        ],
        *[
            "containerStatuses",
            "initContainerStatuses",
            "imageID",
            "image",
            "results",
            "policy",
            "rule",
        ],
        *["result", "message", "description", "resources", "subjects", "scope", "scored", "msg"],
    ]
)
WORDS = st.sampled_from(
    [
        *[
            "v1",
            "Pod",
            "List",
            "Status",
            "Failure",
            "PolicyReport",
            "Report",
            "wgpolicyk8s.io/v1alpha2",
            "fail",
        ],
        *["openreports.io/v1alpha1", "docker-pullable://x@y", "x.io/y@z"],
        "verification failed for image x: y",
        "Error from server",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
POD: dict[str, Any] = {"kind": "Pod", "metadata": {}, "spec": {}, "status": {}}
REPORT: dict[str, Any] = {"kind": "PolicyReport", "apiVersion": "wgpolicyk8s.io/v1beta1"}
OBJECTS = st.sampled_from([POD, REPORT, {"kind": "Status", "status": "Failure"}]).flatmap(
    lambda base: st.dictionaries(KEYS, VALUES, max_size=6).map(lambda some: {**base, **some})
)


def are_told(data: bytes) -> None:
    for reader in READERS:
        try:
            assert isinstance(reader(Input("f", data)), list)
        except UsageError as error:
            assert "\n" not in str(error)


@given(VALUES | OBJECTS | st.lists(OBJECTS).map(lambda some: {"kind": "List", "items": some}))
def test_any_json_is_read_or_told(value: object) -> None:
    are_told(json.dumps(value).encode())


@given(
    st.binary() | st.text().map(str.encode) | st.lists(WORDS).map(lambda w: "\n".join(w).encode())
)
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    are_told(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"kind":"List","items":[' * 50 + b"]}" * 50,
        b'{"kind":"List","items":[' * 5000,
        b"Error from server " * 100_000,
        b"Error from server\n" * 10_000,
        b"Error from server\n" + b"ValidatingAdmissionPolicy 'x'\n" * 100_000,
        b"2026 INFO failed to verify container x: " + b"failed to verify image x" * 100_000,
    ],
)
def test_what_is_large_deep_or_no_text_is_told_at_once(data: bytes) -> None:
    are_told(data)
