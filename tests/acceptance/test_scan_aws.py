"""``scan`` with the engines of AWS, on the command line: what they found, and when nobody knows."""

import json
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
from tests.loopback_aws.services.inspector2 import (
    OTHER_SCAN,
    SCAN,
    SHOP,
    Inspector2,
    Repository,
    code_finding,
    package_finding,
)
from tests.loopback_aws.services.inspector_scan import InspectorScan, Known

REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
APP = f"{REGISTRY}/app:1.0"


class Cloud:
    """The loopback AWS with the services of the engines, and the command beside it."""

    def __init__(self, folder: Path) -> None:
        self.aws: LoopbackAws
        self.ecr = EcrScanning()
        self.inspector = InspectorScan()
        self.code = Inspector2()
        self.folder = folder

    def scan(self, *arguments: str) -> Ran:
        return buildsteps("scan", *arguments, cwd=self.folder, environ=self.aws.environment())

    def json(self, *arguments: str) -> Ran:
        return self.scan("--format", "json", *arguments)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path)
    services = (cloud.ecr.service, cloud.inspector.service, cloud.code.service)
    with loopback_aws(*services) as aws:
        cloud.aws = aws
        yield cloud


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


def sbom(folder: Path, *packages: str, **members: Any) -> str:
    """An SBOM of PyPI packages, each written ``name@version``; its name."""
    components = []
    for package in packages:
        name, _, version = package.partition("@")
        told = {"version": version} if version else {}
        purl = f"pkg:pypi/{package}"
        components.append({"type": "library", "name": name, "purl": purl, **told})
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}
    (folder / "sbom.json").write_text(json.dumps(document | members))
    return "sbom.json"


URLLIB3 = Known(
    id="CVE-2021-33503", packages=("urllib3",), fixed_in="1.26.5", versions=("1.24.1", "1.25.0")
)


class TestInspector:
    def test_a_vulnerable_package_stops_the_build_where_it_is_named(self, cloud: Cloud) -> None:
        cloud.inspector.known = (URLLIB3,)
        (cloud.folder / "requirements.txt").write_text("requests==2.0\nUrlLib3 == 1.24.1\n")

        ran = cloud.json("--sbom", sbom(cloud.folder, "requests@2.0", "urllib3@1.24.1"))

        assert ran.code == 1
        found = finding(ran, "CVE-2021-33503")
        assert found["locations"] == [{"path": "requirements.txt", "line": 2}]
        assert found["fix"] == "Upgrade urllib3 to 1.26.5."
        assert found["cwes"] == [400, 20]
        assert found["help"] == "https://nvd.nist.gov/vuln/detail/CVE-2021-33503"

    def test_an_sbom_without_known_vulnerabilities_passes(self, cloud: Cloud) -> None:
        ran = cloud.json("--sbom", sbom(cloud.folder, "urllib3@2.5.0"))

        assert ran.code == 0
        assert ran.cases("passed") == [("inspector", "sbom.json")]

    def test_the_sbom_of_this_environment_is_made_where_none_is_given(self, cloud: Cloud) -> None:
        cloud.inspector.known = (Known(id="CVE-2099-1", packages=("msgspec",)),)

        ran = cloud.json("--engine", "inspector")

        assert ran.code == 1
        assert ran.rules() == ["CVE-2099-1"]


class TestInspectorCode:
    def test_the_scan_is_waited_for_and_its_findings_stop_the_build(self, cloud: Cloud) -> None:
        found = [code_finding(), package_finding()]
        cloud.code.repositories[SHOP] = Repository(findings=found)
        (cloud.folder / "requirements.txt").write_text("flask\nDjango==2.0\n")

        ran = cloud.json("--project", SHOP)

        assert ran.code == 1
        flaw = finding(ran, "python/sql-injection")
        assert flaw["locations"] == [{"path": "shop/orders.py", "line": 12, "end_line": 13}]
        assert flaw["cwes"] == [89]
        assert flaw["fix"] == "Use parameters."
        package = finding(ran, "CVE-2019-19844")
        assert package["severity"] == "critical"
        assert package["locations"] == [{"path": "requirements.txt", "line": 2}]
        assert "An exploit is known." in package["message"]

    def test_a_project_may_be_called_by_its_name(self, cloud: Cloud) -> None:
        cloud.code.repositories[SHOP] = Repository(name="shop")

        ran = cloud.json("--project", "shop")

        assert ran.code == 0
        started = cloud.aws.asked("StartCodeSecurityScan")
        assert started[0].parameters["resource"] == {"projectId": SHOP}

    def test_a_scan_that_goes_on_already_is_waited_for(self, cloud: Cloud) -> None:
        cloud.code.repositories[SHOP] = Repository(conflicts=1, conflict_id=OTHER_SCAN)

        ran = cloud.json("--project", SHOP)

        assert ran.code == 0
        asked = {call.parameters["scanId"] for call in cloud.aws.asked("GetCodeSecurityScan")}
        assert asked == {OTHER_SCAN}

    def test_the_own_scan_follows_one_that_has_no_name(self, cloud: Cloud) -> None:
        cloud.code.repositories[SHOP] = Repository(conflicts=1)

        ran = cloud.json("--project", SHOP)

        assert ran.code == 0
        asked = {call.parameters["scanId"] for call in cloud.aws.asked("GetCodeSecurityScan")}
        assert asked == {SCAN}

    def test_what_is_suppressed_in_inspector_is_counted_as_accepted(self, cloud: Cloud) -> None:
        cloud.code.repositories[SHOP] = Repository(findings=[code_finding(status="SUPPRESSED")])

        ran = cloud.json("--project", SHOP)

        assert ran.code == 0
        assert finding(ran, "python/sql-injection")["accepted"] == "suppressed in Amazon Inspector"

    @pytest.mark.parametrize("status", ["FAILED", "SKIPPED"])
    def test_a_scan_without_findings_of_a_commit_never_passes(
        self, cloud: Cloud, status: str
    ) -> None:
        repository = Repository(statuses=[status], reason="The repository is too large", commit="")
        cloud.code.repositories[SHOP] = repository

        ran = cloud.scan("--project", SHOP)

        assert ran.code == 3
        assert "The repository is too large" in ran.out


def save(folder: Path, answer: Any, name: str = "saved.json") -> str:
    """An answer as the AWS CLI prints it; its name."""
    (folder / name).write_text(json.dumps(answer, default=str))
    return name


def saved_scan(**members: Any) -> dict[str, Any]:
    """What the AWS CLI prints of a scan in ECR that has ended."""
    return {
        "registryId": ACCOUNT,
        "repositoryName": "app",
        "imageId": {"imageDigest": f"sha256:{'0' * 64}", "imageTag": "1.0"},
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {
            "imageScanCompletedAt": "2026-02-28T09:30:00+00:00",
            "findings": [basic_finding("CVE-2026-1")],
        },
    } | members


class TestSaved:
    """Each engine judges offline what the service answered once; nothing is asked."""

    def scan(self, folder: Path, *arguments: str) -> Ran:
        return buildsteps("scan", "--format", "json", *arguments, cwd=folder)

    def test_a_scan_of_ecr_is_judged_again(self, tmp_path: Path) -> None:
        path = save(tmp_path, saved_scan())

        ran = self.scan(tmp_path, "--engine", "ecr", "--saved", path)

        assert ran.code == 1
        assert finding(ran, "CVE-2026-1")["locations"] == [{"path": "app"}]

    def test_the_name_of_an_image_gives_findings_the_place_they_have_in_ecr(
        self, tmp_path: Path
    ) -> None:
        path = save(tmp_path, saved_scan())

        ran = self.scan(tmp_path, "--image", APP, "--saved", path)

        assert finding(ran, "CVE-2026-1")["locations"] == [{"path": f"{REGISTRY}/app"}]

    def test_a_scan_that_had_not_ended_never_passes(self, tmp_path: Path) -> None:
        going = saved_scan(imageScanStatus={"status": "IN_PROGRESS"})
        del going["imageScanFindings"]

        ran = self.scan(tmp_path, "--engine", "ecr", "--saved", save(tmp_path, going))

        assert ran.code == 1
        assert "before the scan had ended" in ran.report["cases"][0]["message"]

    def test_a_report_of_inspector_is_judged_again(self, tmp_path: Path) -> None:
        service = InspectorScan(URLLIB3)
        document = json.loads((tmp_path / sbom(tmp_path, "urllib3@1.24.1")).read_text())
        answer = service.service.handlers["ScanSbom"]({"sbom": document}, None)  # type: ignore[arg-type]  # not read

        ran = self.scan(tmp_path, "--engine", "inspector", "--saved", save(tmp_path, answer))

        assert ran.code == 1
        assert ran.rules() == ["CVE-2021-33503"]

    def test_a_bill_that_nobody_scanned_is_no_report(self, tmp_path: Path) -> None:
        path = sbom(tmp_path, "urllib3@1.24.1")

        ran = self.scan(tmp_path, "--engine", "inspector", "--saved", path)

        assert ran.code == 2
        assert "nobody scanned it" in ran.err

    def test_findings_of_a_repository_are_judged_again(self, tmp_path: Path) -> None:
        found = {**code_finding(), "resources": [{"type": "CODE_REPOSITORY", "id": SHOP}]}
        path = save(tmp_path, {"findings": [found]})

        ran = self.scan(tmp_path, "--engine", "inspector-code", "--saved", path)

        assert ran.code == 1
        assert ran.rules() == ["python/sql-injection"]

    def test_findings_of_anything_else_are_not_judged(self, tmp_path: Path) -> None:
        found = {**code_finding(), "resources": [{"type": "AWS_LAMBDA_FUNCTION", "id": "f"}]}
        path = save(tmp_path, {"findings": [found]})

        ran = self.scan(tmp_path, "--engine", "inspector-code", "--saved", path)

        assert ran.code == 2
        assert "none of a code repository" in ran.err

    def test_a_saved_answer_needs_an_engine(self, tmp_path: Path) -> None:
        ran = self.scan(tmp_path, "--saved", save(tmp_path, saved_scan()))

        assert ran.code == 2
        assert "--engine" in ran.err

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "is empty"),
            ("<xml/>", "saved.json:1:1: is no JSON"),
            ("[]", "not an object"),
            ("{}", "is no answer of ecr:DescribeImageScanFindings"),
            ("[" * 100_000, "nested too deeply"),
            ('{"sbom": {}}', "is an answer of inspector-scan:ScanSbom; --engine inspector"),
            ('{"imageScanFindings": 7}', "Expected `object`, got `int`"),
            ('{"imageScanFindings": {}, "NextToken": "x"}', "only a part"),
            ('{"imageScanStatus": {"status": "COMPLETE"}}', "of which image"),
        ],
    )
    def test_what_is_no_answer_is_a_wrong_call(
        self, tmp_path: Path, content: str, said: str
    ) -> None:
        (tmp_path / "saved.json").write_text(content)

        ran = self.scan(tmp_path, "--engine", "ecr", "--saved", "saved.json")

        assert ran.code == 2
        assert said in ran.err

    def test_inspectors_other_format_is_told_as_such(self, tmp_path: Path) -> None:
        other = {"sbom": {"vulnerability_count": {"high": 0}, "vulnerabilities": []}}

        ran = self.scan(tmp_path, "--engine", "inspector", "--saved", save(tmp_path, other))

        assert ran.code == 2
        assert "ask for --output-format CYCLONE_DX_1_5" in ran.err


class TestWhenAwsFails:
    """The same for every engine: exit 3, one sentence, and never a pass."""

    CALLS = (
        ("ecr", "BatchGetImage"),
        ("ecr", "DescribeImageScanFindings"),
        ("inspector", "ScanSbom"),
        ("inspector-code", "ListCoverage"),
        ("inspector-code", "StartCodeSecurityScan"),
        ("inspector-code", "GetCodeSecurityScan"),
        ("inspector-code", "ListFindings"),
    )

    def arguments(self, cloud: Cloud, engine: str) -> list[str]:
        cloud.ecr.push("app", "1.0")
        cloud.code.repositories[SHOP] = Repository()
        given = {
            "ecr": ["--image", APP],
            "inspector": ["--sbom", sbom(cloud.folder, "urllib3@1.24.1")],
            "inspector-code": ["--project", SHOP],
        }
        return [*given[engine], "--timeout", "30"]

    @pytest.mark.parametrize(("engine", "operation"), CALLS)
    def test_a_right_that_is_missing_is_named(
        self, cloud: Cloud, engine: str, operation: str
    ) -> None:
        arguments = self.arguments(cloud, engine)
        cloud.aws.deny(operation)

        ran = cloud.scan(*arguments)

        assert ran.code == 3
        assert f":{operation} is not allowed" in ran.out

    @pytest.mark.parametrize("engine", ["ecr", "inspector", "inspector-code"])
    def test_credentials_that_have_run_out_are_told(self, cloud: Cloud, engine: str) -> None:
        arguments = self.arguments(cloud, engine)
        cloud.aws.expire_credentials()

        ran = cloud.scan(*arguments)

        assert ran.code == 3
        assert "the AWS credentials have run out" in ran.out

    @pytest.mark.parametrize("operation", ["ScanSbom", "ListFindings", "BatchGetImage"])
    def test_throttling_is_waited_out(self, cloud: Cloud, operation: str) -> None:
        engines = {"ScanSbom": "inspector", "ListFindings": "inspector-code"}
        arguments = self.arguments(cloud, engines.get(operation, "ecr"))
        cloud.aws.throttle(operation, times=1)

        ran = cloud.scan(*arguments)

        assert ran.code == 0
        assert len(cloud.aws.asked(operation)) == 2

    def test_an_outage_is_told(self, cloud: Cloud) -> None:
        arguments = self.arguments(cloud, "inspector")
        cloud.aws.break_down("ScanSbom")

        ran = cloud.scan(*arguments)

        assert ran.code == 3
        assert "Amazon Inspector failed at inspector-scan:ScanSbom" in ran.out

    @pytest.mark.parametrize("engine", ["inspector", "inspector-code"])
    def test_a_missing_region_is_told(self, cloud: Cloud, engine: str) -> None:
        arguments = self.arguments(cloud, engine)
        nowhere = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}
        there = cloud.aws.environment()
        environ = {name: value for name, value in there.items() if name not in nowhere}

        ran = buildsteps("scan", *arguments, cwd=cloud.folder, environ=environ)

        assert ran.code == 3
        assert "needs a region" in ran.out

    def test_the_region_of_the_call_counts(self, cloud: Cloud) -> None:
        arguments = self.arguments(cloud, "inspector")

        ran = cloud.scan(*arguments, "--region", "eu-west-3")

        assert ran.code == 0
        assert cloud.aws.asked("ScanSbom")[0].scope.region == "eu-west-3"

    def test_one_engine_that_fails_takes_nothing_from_the_others(self, cloud: Cloud) -> None:
        found = [basic_finding("CVE-2026-1")]
        cloud.ecr.push("app", "1.0", ImageScan(basic=found))
        cloud.aws.deny("ScanSbom")

        ran = cloud.json("--image", APP, "--sbom", sbom(cloud.folder, "urllib3@1.24.1"))

        assert ran.rules() == ["CVE-2026-1"]
        assert len(ran.cases("error")) == 1
        assert ran.code == 1  # a stop outranks what could not be judged


class TestIndexes:
    def test_each_platform_of_an_index_is_judged(self, cloud: Cloud) -> None:
        scans = {
            "linux/amd64": ImageScan(),
            "linux/arm64": ImageScan(statuses=["ACTIVE"], enhanced=[enhanced_finding("CVE-2")]),
        }
        cloud.ecr.push_index("app", "1.0", scans)

        ran = cloud.json("--image", APP)

        assert ran.code == 1
        assert "(linux/arm64)" in finding(ran, "CVE-2")["message"]


class TestAcceptances:
    def test_a_vulnerability_may_be_accepted_by_its_id(self, cloud: Cloud) -> None:
        cloud.ecr.push("app", "1.0", ImageScan(basic=[basic_finding("CVE-2026-1")]))
        accepted = {"rule": "CVE-2026-1", "reason": "not reachable", "until": "2099-01-01"}
        (cloud.folder / "buildsteps.yaml").write_text(json.dumps({"accept": [accepted]}))

        ran = cloud.json("--image", APP)

        assert ran.code == 0
        assert finding(ran, "CVE-2026-1")["accepted"] == "not reachable, until 2099-01-01"
