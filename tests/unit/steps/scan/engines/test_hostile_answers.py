"""Whatever a service or a file says: findings, or a sentence, and never anything else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.reporting.text import printable
from buildsteps.steps.scan.engines import package_shapes
from buildsteps.steps.scan.engines.ecr import engine as ecr
from buildsteps.steps.scan.engines.ecr import shapes as ecr_shapes
from buildsteps.steps.scan.engines.inspector import engine as inspector
from buildsteps.steps.scan.engines.inspector import sbom
from buildsteps.steps.scan.engines.inspector_code import engine as inspector_code
from buildsteps.steps.scan.engines.inspector_code import findings
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from tests.world_double import ScriptedAws, fake_world

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\x1b[2J", "../..", "COMPLETE", "ACTIVE", "HIGH", "C" * 5000])
)
SHAPES = (
    ecr_shapes.Page,
    ecr_shapes.Findings,
    ecr_shapes.BasicFinding,
    ecr_shapes.EnhancedFinding,
    ecr_shapes.Attribute,
    package_shapes.PackageVulnerability,
    package_shapes.Package,
    sbom.RawComponent,
    findings.Finding,
)
KNOWN = sorted({field.encode_name for one in SHAPES for field in msgspec.structs.fields(one)})
KEYS = st.sampled_from(KNOWN) | st.text(max_size=4)
TEXTS = st.dictionaries(st.sampled_from(KNOWN), st.text(max_size=8), max_size=6)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
OBJECTS = st.dictionaries(KEYS, ANYTHING, max_size=6)

Scan = Callable[..., tuple[Scanned, ...]]
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:1.0"

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


def scanned(scan: Scan, options: ScanOptions, folder: Path, aws: ScriptedAws) -> None:
    """A scan that ends in findings that can be shown, or in an error of ours."""
    world = fake_world(folder, aws=aws)
    try:
        answers = scan(Subjects(files=()), options, world)
    except BuildstepsError as error:
        assert str(error)
        return
    for answer in answers:
        for one in answer.sightings:
            assert one.rule
            assert one.message
            shown = one.rule + one.message + one.title + one.identity + one.fix + one.help
            assert printable(shown) == shown


@pytest.mark.parametrize(
    ("name", "scan"),
    [
        ("ecr", ecr.scan),
        ("inspector", inspector.scan),
        ("inspector-code", inspector_code.scan),
    ],
)
@given(answer=OBJECTS)
@relaxed
def test_any_saved_answer_is_judged_or_refused(
    tmp_path: Path, name: Any, scan: Scan, answer: dict[str, Any]
) -> None:
    (tmp_path / "saved.json").write_text(json.dumps(answer))
    options = ScanOptions(engine=(name,), saved=("saved.json",))

    scanned(scan, options, tmp_path, ScriptedAws())


SAVED = {
    "ecr": {"imageScanStatus": {"status": "COMPLETE"}, "repositoryName": "app"},
    "inspector": {"sbom": {}},
    "inspector-code": {"findings": [{"findingArn": "arn"}]},
}


@pytest.mark.parametrize("name", ["ecr", "inspector", "inspector-code"])
@given(more=OBJECTS | TEXTS, inner=TEXTS | OBJECTS)
@relaxed
def test_any_answer_of_the_right_kind_is_judged_or_refused(
    tmp_path: Path, name: Any, more: dict[str, Any], inner: dict[str, Any]
) -> None:
    scans: dict[str, Scan] = {
        "ecr": ecr.scan,
        "inspector": inspector.scan,
        "inspector-code": inspector_code.scan,
    }
    answer: dict[str, Any] = json.loads(json.dumps(SAVED[name]))
    if name == "ecr":
        finding = {"name": "CVE", **inner}
        ended = {"imageScanCompletedAt": 1, "findings": [finding], "enhancedFindings": [inner]}
        answer["imageScanFindings"] = {**ended, **more}
    elif name == "inspector":
        counts = {"name": "amazon:inspector:sbom_scanner:critical_vulnerabilities", "value": "1"}
        answer["sbom"] = {
            "metadata": {"properties": [counts]},
            "components": [{"bom-ref": "c", "name": "a", "purl": "pkg:pypi/a"}],
            "vulnerabilities": [{"id": "C", "affects": [{"ref": "c"}], **inner}],
            **more,
        }
    else:
        code = {"type": "CODE_REPOSITORY", "id": "x"}
        answer["findings"][0].update({"resources": [code], **inner, **more})
    (tmp_path / "saved.json").write_text(json.dumps(answer))

    scanned(
        scans[name], ScanOptions(engine=(name,), saved=("saved.json",)), tmp_path, ScriptedAws()
    )


@given(document=OBJECTS)
@relaxed
def test_any_sbom_is_sent_or_refused(tmp_path: Path, document: dict[str, Any]) -> None:
    (tmp_path / "sbom.json").write_text(
        json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", **document})
    )

    scanned(inspector.scan, ScanOptions(sbom="sbom.json"), tmp_path, ScriptedAws())


@given(manifest=st.one_of(OBJECTS.map(json.dumps), st.text(max_size=20)), answer=OBJECTS)
@relaxed
def test_any_answer_of_ecr_is_judged_or_refused(
    tmp_path: Path, manifest: str, answer: dict[str, Any]
) -> None:
    image = {"imageManifest": manifest, "imageManifestMediaType": "x"}
    aws = ScriptedAws(
        {
            "ecr:BatchGetImage": {"images": [image]},
            "ecr:DescribeImageScanFindings": [answer],
        }
    )

    scanned(ecr.scan, ScanOptions(image=(IMAGE,), timeout=1), tmp_path, aws)


@given(covered=OBJECTS, started=OBJECTS, got=OBJECTS, listed=OBJECTS)
@relaxed
def test_any_answer_of_inspector_is_judged_or_refused(
    tmp_path: Path, **answers: dict[str, Any]
) -> None:
    project = "project-66594973-ce57-42e7-90d4-a0c317f05c5c"
    metadata = {"codeRepository": {"projectName": "shop"}}
    there = {"resourceId": project, "resourceMetadata": metadata}
    scan_id = "4691197b-4608-40aa-95e2-e66e818e87c0"
    aws = ScriptedAws(
        {
            "inspector2:ListCoverage": [{"coveredResources": [there], **answers["covered"]}],
            "inspector2:StartCodeSecurityScan": {"scanId": scan_id, **answers["started"]},
            "inspector2:GetCodeSecurityScan": {"status": "SUCCESSFUL", **answers["got"]},
            "inspector2:ListFindings": [answers["listed"]],
        }
    )

    scanned(inspector_code.scan, ScanOptions(project=project, timeout=1), tmp_path, aws)


def test_an_sbom_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sbom.json").open("wb") as file:
        file.truncate(65 * 1024 * 1024)

    with pytest.raises(UsageError, match="too large"):
        inspector.scan(Subjects(files=()), ScanOptions(sbom="sbom.json"), fake_world(tmp_path))
