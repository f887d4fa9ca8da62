"""The engine ``ecr``: scans waited for and started, indexes, and what can never be judged."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import UsageError
from buildsteps.results import Cause, Severity
from buildsteps.steps.scan.engines.ecr.engine import scan
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from tests.loopback_aws.in_process import InProcessAws
from tests.loopback_aws.services.ecr_scanning import (
    ACCOUNT,
    NOT_YET,
    EcrScanning,
    ImageScan,
    basic_finding,
    enhanced_finding,
)
from tests.world_double import fake_world

REPOSITORY = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/app"
APP = f"{REPOSITORY}:1.0"


class Registry:
    """ECR with an engine in front of it."""

    def __init__(self, folder: Path) -> None:
        self.ecr = EcrScanning()
        self.folder = folder
        self.failing: dict[str, Exception] = {}
        self.aws = InProcessAws.of(self.ecr.service)
        self.progress: list[str] = []

    def scan(self, *images: str, **options: Any) -> tuple[Scanned, ...]:
        self.aws = InProcessAws.of(self.ecr.service, **self.failing)
        world = fake_world(self.folder, aws=self.aws, progress=self.progress)
        asked = ScanOptions(image=images or (APP,), **options)
        return scan(Subjects(files=()), asked, world)

    def one(self, found: ImageScan, **options: Any) -> Scanned:
        self.ecr.push("app", "1.0", found)
        return self.scan(**options)[0]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


class TestFindings:
    def test_an_image_is_asked_for_in_its_own_account_and_region(self, registry: Registry) -> None:
        registry.one(ImageScan())

        name, request, region = registry.aws.calls[-1]
        assert name == "ecr:DescribeImageScanFindings"
        assert (request["registryId"], request["repositoryName"]) == (ACCOUNT, "app")
        assert region == "eu-central-1"

    def test_a_tag_is_resolved_once_and_its_digest_told(self, registry: Registry) -> None:
        digest = registry.ecr.push("app", "1.0")

        (scanned,) = registry.scan()

        assert registry.aws.asked("BatchGetImage") == 1
        assert registry.aws.calls[-1][1]["imageId"] == {"imageDigest": digest}
        assert scanned.notes == (f"{APP} is {digest}",)
        assert scanned.facts["digest"] == digest

    def test_an_image_may_be_named_by_its_digest(self, registry: Registry) -> None:
        digest = registry.ecr.push("app", "1.0")

        (scanned,) = registry.scan(f"{REPOSITORY}@{digest}")

        assert scanned.cases == ()

    def test_all_pages_are_read(self, registry: Registry) -> None:
        registry.ecr.page_size = 2
        found = [basic_finding(f"CVE-2026-{number}") for number in range(5)]

        scanned = registry.one(ImageScan(basic=found))

        assert [one.rule for one in scanned.sightings] == [one["name"] for one in found]

    def test_the_place_has_neither_tag_nor_digest_which_change_with_each_build(
        self, registry: Registry
    ) -> None:
        scanned = registry.one(ImageScan(basic=[basic_finding("CVE-2026-1")]))

        assert [str(place) for place in scanned.sightings[0].locations] == [REPOSITORY]
        assert scanned.sightings[0].identity == "openssl"

    def test_each_package_of_a_vulnerability_is_a_finding_and_its_versions_are_not(
        self, registry: Registry
    ) -> None:
        found = [
            basic_finding("CVE-2026-1", "libssl3", "3.0.1"),
            basic_finding("CVE-2026-1", "libssl3", "3.0.2"),
            basic_finding("CVE-2026-1", "openssl", "3.0.1"),
        ]

        scanned = registry.one(ImageScan(basic=found))

        assert [one.identity for one in scanned.sightings] == ["libssl3", "openssl"]
        assert scanned.sightings[0].message.startswith("libssl3 3.0.1, 3.0.2: ")

    @pytest.mark.parametrize(
        ("word", "severity"),
        [
            ("CRITICAL", Severity.CRITICAL),
            ("HIGH", Severity.HIGH),
            ("MEDIUM", Severity.MEDIUM),
            ("LOW", Severity.LOW),
            ("INFORMATIONAL", Severity.INFO),
        ],
    )
    def test_severities_are_those_of_ecr(
        self, registry: Registry, word: str, severity: Severity
    ) -> None:
        scanned = registry.one(ImageScan(basic=[basic_finding("CVE-2026-1", severity=word)]))

        assert scanned.sightings[0].severity == severity

    def test_an_undefined_severity_is_that_of_the_score(self, registry: Registry) -> None:
        found = basic_finding("CVE-2026-1", severity="UNDEFINED")
        found["attributes"][-1] = {"key": "CVSS3_SCORE", "value": "9.1"}

        scanned = registry.one(ImageScan(basic=[found]))

        assert scanned.sightings[0].severity == Severity.CRITICAL

    def test_what_nobody_rated_is_medium(self, registry: Registry) -> None:
        found = enhanced_finding("CVE-2026-1", severity="UNTRIAGED", score=0.0)

        scanned = registry.one(ImageScan(statuses=["ACTIVE"], enhanced=[found]))

        assert scanned.sightings[0].severity == Severity.MEDIUM

    def test_a_missing_fix_is_told(self, registry: Registry) -> None:
        found = enhanced_finding("CVE-2026-1", fixed="NotAvailable", fixAvailable="NO")

        scanned = registry.one(ImageScan(statuses=["ACTIVE"], enhanced=[found]))

        assert scanned.sightings[0].fix == ""
        assert scanned.sightings[0].message.endswith("No version without it is known.")

    def test_what_inspector_suppresses_is_accepted_and_what_it_closed_is_gone(
        self, registry: Registry
    ) -> None:
        found = [
            enhanced_finding("CVE-2026-1", status="SUPPRESSED"),
            enhanced_finding("CVE-2026-2", status="CLOSED"),
        ]

        scanned = registry.one(ImageScan(statuses=["ACTIVE"], enhanced=found))

        (only,) = scanned.sightings
        assert only.rule == "CVE-2026-1"
        assert only.suppressed == "suppressed in Amazon Inspector"

    def test_two_names_of_one_call_are_judged_each(self, registry: Registry) -> None:
        registry.ecr.push("app", "1.0")
        registry.ecr.push("app", "2.0", ImageScan(basic=[basic_finding("CVE-2026-1")]))

        first, second = registry.scan(APP, f"{REPOSITORY}:2.0", APP)

        assert (len(first.sightings), len(second.sightings)) == (0, 1)


class TestIndexes:
    def test_each_platform_is_judged_and_attestations_are_passed_over(
        self, registry: Registry
    ) -> None:
        both, one = enhanced_finding("CVE-2026-1"), enhanced_finding("CVE-2026-2")
        registry.ecr.push_index(
            "app",
            "1.0",
            {
                "linux/amd64": ImageScan(statuses=["ACTIVE"], enhanced=[both, one]),
                "linux/arm64": ImageScan(statuses=["ACTIVE"], enhanced=[both]),
            },
        )

        (scanned,) = registry.scan()

        messages = {one.rule: one.message for one in scanned.sightings}
        assert "linux" not in messages["CVE-2026-1"]
        assert "(linux/amd64)" in messages["CVE-2026-2"]
        assert [scan["platform"] for scan in scanned.facts["scans"]] == [
            "linux/amd64",
            "linux/arm64",
        ]

    def test_a_platform_without_a_scan_takes_no_finding_of_another_away(
        self, registry: Registry
    ) -> None:
        registry.ecr.push_index(
            "app",
            "1.0",
            {
                "linux/amd64": ImageScan(basic=[basic_finding("CVE-2026-1")]),
                "windows/amd64": ImageScan(statuses=["UNSUPPORTED_IMAGE"]),
            },
        )

        (scanned,) = registry.scan()

        assert [one.rule for one in scanned.sightings] == ["CVE-2026-1"]
        assert [case.name for case in scanned.cases] == [f"{APP} (windows/amd64)"]
        assert scanned.partial

    def test_an_index_without_an_image_cannot_be_judged(self, registry: Registry) -> None:
        registry.ecr.push_index("app", "1.0", {})

        (scanned,) = registry.scan()

        assert scanned.cases[0].message == "it is an index without an image"


class TestWaiting:
    def test_an_active_scan_without_an_end_has_not_begun_to_tell(self, registry: Registry) -> None:
        found = [enhanced_finding("CVE-2026-1")]
        going = ["PENDING", "ACTIVE", "ACTIVE", "ACTIVE"]

        scanned = registry.one(ImageScan(statuses=going, early=3, enhanced=found))

        assert [one.rule for one in scanned.sightings] == ["CVE-2026-1"]
        assert registry.aws.asked("DescribeImageScanFindings") == 4

    def test_a_scan_on_push_gets_time_to_show_before_one_is_started(
        self, registry: Registry
    ) -> None:
        registry.one(ImageScan(statuses=[NOT_YET, NOT_YET, "COMPLETE"]))

        assert registry.aws.asked("StartImageScan") == 0

    def test_a_scan_that_nobody_started_is_started_once(self, registry: Registry) -> None:
        scanned = registry.one(ImageScan(statuses=[NOT_YET], basic=[basic_finding("CVE-2026-1")]))

        assert registry.aws.asked("StartImageScan") == 1
        assert [one.rule for one in scanned.sightings] == ["CVE-2026-1"]

    def test_enhanced_scanning_starts_no_scan_and_is_waited_for(self, registry: Registry) -> None:
        found = ImageScan(statuses=[NOT_YET] * 12 + ["ACTIVE"], starts=["ValidationException"])

        scanned = registry.one(found)

        assert scanned.cases == ()
        assert registry.aws.asked("StartImageScan") == 1

    def test_a_repository_without_enhanced_scanning_is_told_at_the_end(
        self, registry: Registry
    ) -> None:
        never = ImageScan(statuses=[NOT_YET], starts=["ValidationException"])

        scanned = registry.one(never, timeout=90)

        assert scanned.cases[0].cause == Cause.WORLD
        assert "did not come within 90 seconds" in scanned.cases[0].message
        assert "does a filter of the registry's scanning configuration" in scanned.cases[0].message

    @pytest.mark.parametrize(
        ("code", "cause", "said"),
        [
            ("LimitExceededException", Cause.WORLD, "once in 24 hours"),
            ("UnsupportedImageTypeException", Cause.SUBJECT, "cannot scan this kind"),
            ("ImageArchivedException", Cause.SUBJECT, "archived"),
            ("ServerException", Cause.WORLD, "ServerException"),
        ],
    )
    def test_a_scan_that_cannot_be_started_says_why(
        self, registry: Registry, code: str, cause: Cause, said: str
    ) -> None:
        scanned = registry.one(ImageScan(statuses=[NOT_YET], starts=[code]))

        assert scanned.cases[0].cause == cause
        assert said in scanned.cases[0].message

    def test_who_may_not_start_a_scan_hears_that_there_is_none(self, registry: Registry) -> None:
        denied = AccessDeniedError("ecr:StartImageScan is not allowed", "AccessDeniedException")
        registry.failing = {"StartImageScan": denied}

        scanned = registry.one(ImageScan(statuses=[NOT_YET]))

        assert scanned.cases[0].message == (
            "nobody scanned the image, and ecr:StartImageScan is not allowed"
        )

    def test_people_hear_that_it_takes_a_while(self, registry: Registry) -> None:
        registry.one(ImageScan(statuses=["IN_PROGRESS", "IN_PROGRESS", "COMPLETE"]))

        assert registry.progress == ["note: waiting for Amazon ECR to end the scan"]


class TestNothingToJudge:
    @pytest.mark.parametrize(
        ("status", "cause"),
        [
            ("UNSUPPORTED_IMAGE", Cause.SUBJECT),
            ("IMAGE_ARCHIVED", Cause.SUBJECT),
            ("IMAGE_SIZE_EXCEEDED", Cause.SUBJECT),
            ("FAILED", Cause.WORLD),
            ("SCAN_ELIGIBILITY_EXPIRED", Cause.WORLD),
            ("FINDINGS_UNAVAILABLE", Cause.WORLD),
            ("LIMIT_EXCEEDED", Cause.WORLD),
        ],
    )
    def test_a_status_that_never_has_findings_is_an_error(
        self, registry: Registry, status: str, cause: Cause
    ) -> None:
        scanned = registry.one(ImageScan(statuses=[status], description="It is so."))

        assert [case.cause for case in scanned.cases] == [cause]
        assert scanned.cases[0].message.endswith(": It is so.")
        assert registry.aws.asked("DescribeImageScanFindings") == 1

    def test_a_failed_scan_of_an_unsupported_image_is_the_fault_of_the_image(
        self, registry: Registry
    ) -> None:
        said = "UnsupportedImageError: The operating system is not supported."

        scanned = registry.one(ImageScan(statuses=["FAILED"], description=said))

        assert scanned.cases[0].cause == Cause.SUBJECT

    def test_counted_findings_that_do_not_come_are_an_error(self, registry: Registry) -> None:
        scanned = registry.one(ImageScan(counts={"HIGH": 3}))

        assert (
            scanned.cases[0].message == "ECR counts 3 findings of the scan, and gives none of them"
        )

    def test_an_image_that_is_not_there_takes_nothing_from_the_others(
        self, registry: Registry
    ) -> None:
        registry.ecr.push("app", "1.0")

        there, absent, nowhere = registry.scan(
            APP, f"{REPOSITORY}:9", f"{REPOSITORY.replace('app', 'other')}:1"
        )

        assert there.cases == ()
        assert absent.cases[0].message.startswith("there is no such image in ECR")
        assert nowhere.cases[0].message.startswith("there is no such image in ECR")

    def test_an_outage_is_a_case_of_the_world(self, registry: Registry) -> None:
        registry.failing = {"BatchGetImage": AwsError("ECR failed at ecr:BatchGetImage")}

        (scanned,) = registry.scan()

        assert scanned.cases[0].cause == Cause.WORLD

    @pytest.mark.parametrize("operation", ["BatchGetImage", "DescribeImageScanFindings"])
    def test_without_credentials_the_engine_fails_and_not_each_image(
        self, registry: Registry, operation: str
    ) -> None:
        registry.failing = {operation: NoAwsCredentialsError("no credentials")}

        with pytest.raises(NoAwsCredentialsError):
            registry.one(ImageScan())

    @pytest.mark.parametrize("image", ["nginx", "public.ecr.aws/docker/library/nginx:1", "A B"])
    def test_an_image_of_another_registry_is_a_wrong_call(
        self, registry: Registry, image: str
    ) -> None:
        with pytest.raises(UsageError):
            registry.scan(image)
