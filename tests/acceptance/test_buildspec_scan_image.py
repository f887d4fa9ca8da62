"""buildspecs/scan-image.yml, run as CodeBuild runs it, against a loopback ECR."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.buildspec_runner import BuildResult, run_buildspec
from tests.command_line import ROOT
from tests.junit_files import told
from tests.loopback_aws.server import loopback_aws
from tests.loopback_aws.services.ecr_scanning import (
    ACCOUNT,
    EcrScanning,
    ImageScan,
    basic_finding,
    enhanced_finding,
)

BUILDSPEC = ROOT / "buildspecs" / "scan-image.yml"
APP = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/app"


class Build:
    """A source, a registry, and what the project sets."""

    def __init__(self, folder: Path, ecr: EcrScanning, environ: Mapping[str, str]) -> None:
        self.source = folder
        self.ecr = ecr
        self.environ = environ

    def run(self, **variables: str) -> BuildResult:
        return run_buildspec(BUILDSPEC, self.source, {**self.environ, **variables})


@pytest.fixture
def build(tmp_path: Path, build_environment: Mapping[str, str]) -> Iterator[Build]:
    ecr = EcrScanning()
    with loopback_aws(ecr.service) as aws:
        proxies = {"HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}
        reached = {name: value for name, value in aws.environment().items() if name not in proxies}
        there = {**build_environment, **reached, "AWS_ENDPOINT_URL": aws.url}
        yield Build(tmp_path, ecr, there)


def scan_command(result: BuildResult) -> int:
    return result.phase("build").commands[0].exit_code


def test_the_image_of_the_build_stops_it_for_a_severe_vulnerability(build: Build) -> None:
    found = [basic_finding("CVE-2026-1"), basic_finding("CVE-2026-2", severity="LOW")]
    build.ecr.push("app", "1.0", ImageScan(statuses=["IN_PROGRESS", "COMPLETE"], basic=found))
    (build.source / "imageDetail.json").write_text(json.dumps({"ImageURI": f"{APP}:1.0"}))

    result = build.run()

    assert not result.succeeded
    assert scan_command(result) == 1, result.log
    assert any("CVE-2026-1" in name for name in told(result, "scan-image"))
    sarif = json.loads((build.source / "reports" / "scan-image.sarif").read_text())
    assert {one["ruleId"] for one in sarif["runs"][0]["results"]} == {"CVE-2026-1", "CVE-2026-2"}


def test_images_may_be_named_and_another_severity_stops(build: Build) -> None:
    build.ecr.push("app", "1.0")
    found = [enhanced_finding("CVE-2026-1", severity="HIGH")]
    build.ecr.push("app", "2.0", ImageScan(statuses=["ACTIVE"], enhanced=found))

    result = build.run(IMAGE=f"{APP}:1.0\n{APP}:2.0", SCAN_FAIL_ON="critical")

    assert result.succeeded, result.log
    assert set(told(result, "scan-image").values()) == {"passed"}


def test_a_scan_that_does_not_end_in_time_fails_the_build(build: Build) -> None:
    build.ecr.push("app", "1.0", ImageScan(statuses=["PENDING"]))

    result = build.run(IMAGE=f"{APP}:1.0", SCAN_TIMEOUT="1")

    assert scan_command(result) == 3, result.log
    assert "its status is PENDING" in result.log


def test_without_an_image_nothing_is_judged(build: Build) -> None:
    result = build.run()

    assert not result.succeeded
    assert "imageDetail.json" in result.log
