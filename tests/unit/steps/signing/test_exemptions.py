import datetime

import pytest

from buildsteps.acceptances import Acceptance, settle
from buildsteps.image_reference import parse_reference
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.signing.exemptions import Failing, exemptions

TODAY = datetime.date(2026, 3, 1)
DIGEST = "sha256:" + "0123456789abcdef" * 4
PROXY = Failing(parse_reference(f"public.ecr.aws/istio/proxy:1.2@{DIGEST}"), "unsigned")


@pytest.mark.parametrize(
    "image",
    [
        "public.ecr.aws/istio/proxy",
        "public.ecr.aws/*",
        "istio/*",
        "proxy",
        "proxy:1.*",
        f"*@{DIGEST}",
        "*",
    ],
)
def test_a_glob_covers_the_name_or_its_end_with_or_without_the_tag(image: str) -> None:
    one = Acceptance(rule="unsigned", image=image, reason="side-car", until=TODAY)
    assert exemptions([PROXY], [one], TODAY).accepted == ("side-car, until 2026-03-01",)


@pytest.mark.parametrize("image", ["public.ecr.aws", "roxy", "istio", "proxy:2*", "*/proxy:1"])
def test_a_glob_that_is_about_other_images_covers_nothing_and_is_told(image: str) -> None:
    found = exemptions([PROXY], [Acceptance(rule="*", image=image, reason="r")], TODAY)
    assert found.accepted == ("",)
    assert [one.rule for one in found.findings] == ["unused-acceptance"]


@pytest.mark.parametrize(
    ("glob", "image"),
    [
        ("public.ecr.aws/istio/*", "evil.test/public.ecr.aws/istio/proxy"),
        ("*.ecr.aws/istio/*", "evil.test/x.ecr.aws/istio/proxy"),
        ("*.ecr.aws/istio/*", "x.ecr.aws.evil.test/istio/proxy"),
        ("public.ecr.aws/istio/proxy:1", "evil.test/public.ecr.aws/istio/proxy:1"),
        ("localhost:5000/*", "evil.test/localhost/5000/x"),
        ("docker.io/library/nginx", "evil.test/docker.io/library/nginx"),
    ],
)
def test_a_registry_in_a_glob_is_not_the_folder_of_another_registry(glob: str, image: str) -> None:
    accepted = [Acceptance(rule="*", image=glob, reason="r")]
    evil = Failing(parse_reference(image), "unsigned")
    assert exemptions([evil], accepted, TODAY).accepted == ("",)


def test_a_registry_in_a_glob_may_have_a_star_and_upper_case() -> None:
    accepted = [Acceptance(rule="*", image="*.ECR.aws/istio/*", reason="r")]
    assert exemptions([PROXY], accepted, TODAY).accepted == ("r",)


def test_another_class_of_failure_is_not_covered() -> None:
    one = Acceptance(rule="unsigned", image="*", reason="r")
    revoked = Failing(PROXY.reference, "revoked")
    assert exemptions([PROXY, revoked], [one], TODAY).accepted == ("r", "")


def test_an_exemption_that_ran_out_stops() -> None:
    yesterday = TODAY - datetime.timedelta(days=1)
    found = exemptions(
        [PROXY], [Acceptance(rule="*", image="*", reason="r", until=yesterday)], TODAY
    )
    assert found.accepted == ("",)
    assert [case.message for case in found.cases] == [
        "the acceptance of * ran out on 2026-02-28: r"
    ]


def test_images_and_places_in_files_are_apart() -> None:
    image = Acceptance(rule="*", image="*", reason="r")
    place = Acceptance(rule="*", reason="r")
    finding = Finding(rule="x", severity=Severity.LOW, message="m", locations=(Location("f"),))
    assert settle([finding], [image], [], TODAY).findings == (finding,)
    assert exemptions([PROXY], [place], TODAY).accepted == ("",)
    assert not exemptions([PROXY], [place], TODAY).findings
