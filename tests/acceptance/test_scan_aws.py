"""``scan`` with the engines of AWS, on the command line: what they found, and when nobody knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, buildsteps
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.ecr_scanning import (
    ACCOUNT,
    NOT_YET,
    EcrScanning,
    ImageScan,
    basic_finding,
    enhanced_finding,
)

REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
APP = f"{REGISTRY}/app:1.0"


class Cloud:
    """The loopback AWS with the services of the engines, and the command beside it."""

    def __init__(self, aws: LoopbackAws, ecr: EcrScanning, folder: Path) -> None:
        self.aws = aws
        self.ecr = ecr
        self.folder = folder

    def scan(self, *arguments: str) -> Ran:
        return buildsteps("scan", *arguments, cwd=self.folder, environ=self.aws.environment())

    def json(self, *arguments: str) -> Ran:
        return self.scan("--format", "json", *arguments)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    ecr = EcrScanning()
    with loopback_aws(ecr.service) as aws:
        yield Cloud(aws, ecr, tmp_path)


def finding(ran: Ran, rule: str) -> dict[str, Any]:
    return next(one for one in ran.report["findings"] if one["rule"] == rule)


class TestEcr:
    def test_a_severe_vulnerability_of_a_basic_scan_stops_the_build(self, cloud: Cloud) -> None:
        cloud.ecr.push("app", "1.0", ImageScan(basic=[basic_finding("CVE-2026-1")]))

        ran = cloud.json("--image", APP)

        assert ran.code == 1
        found = finding(ran, "CVE-2026-1")
        assert found["severity"] == "high"
        assert "openssl 1.1.1d-0" in found["message"]
        assert found["locations"] == [{"path": f"{REGISTRY}/app"}]

    def test_a_clean_scan_passes(self, cloud: Cloud) -> None:
        cloud.ecr.push("app", "1.0")

        ran = cloud.json("--image", APP)

        assert ran.code == 0
        assert ran.cases("passed") == [("ecr", APP)]

    def test_a_scan_that_has_just_begun_is_waited_for(self, cloud: Cloud) -> None:
        going = ["PENDING", "ACTIVE", "ACTIVE"]
        found = [enhanced_finding("CVE-2026-2", severity="CRITICAL")]
        cloud.ecr.push("app", "1.0", ImageScan(statuses=going, early=2, enhanced=found))

        ran = cloud.json("--image", APP)

        assert ran.code == 1
        assert finding(ran, "CVE-2026-2")["severity"] == "critical"
        assert finding(ran, "CVE-2026-2")["fix"] == "Upgrade openssl to 0:3.0.15-1~deb12u1."

    @pytest.mark.parametrize(
        ("status", "said", "code"),
        [
            ("UNSUPPORTED_IMAGE", "cannot scan this kind of image", 1),
            ("IMAGE_ARCHIVED", "archived", 1),
            ("FAILED", "the scan failed", 3),
            ("FINDINGS_UNAVAILABLE", "cannot be had", 3),
            ("SCAN_ELIGIBILITY_EXPIRED", "no longer", 3),
        ],
    )
    def test_a_scan_that_tells_nothing_never_passes(
        self, cloud: Cloud, status: str, said: str, code: int
    ) -> None:
        cloud.ecr.push("app", "1.0", ImageScan(statuses=[status]))

        ran = cloud.scan("--image", APP)

        assert ran.code == code
        assert said in ran.out

    def test_a_scan_that_never_comes_is_an_error_of_the_world(self, cloud: Cloud) -> None:
        cloud.ecr.push("app", "1.0", ImageScan(statuses=[NOT_YET]))

        ran = cloud.scan("--image", APP, "--timeout", "1")

        assert ran.code == 3
        assert "ECR knows of no scan" in ran.out
