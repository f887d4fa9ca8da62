"""buildspecs/verify-deploy.yml, run as CodeBuild runs it: only kubectl is played."""

import pytest

from tests.acceptance.fake_kubectl import pod
from tests.acceptance.test_verify_cluster import ADMITTED
from tests.buildspec_runner import BuildResult, Status
from tests.junit_files import told
from tests.real_parts.images import Image
from tests.signing_build import SigningBuild

CLUSTER = [
    "get pods --namespace=default --output=json",
    "apply --dry-run=server --namespace=default --output=json --filename=-",
]


@pytest.fixture
def deployment(signing_build: SigningBuild) -> SigningBuild:
    """A source whose manifest names the stage's image, and a cluster that takes it and runs it."""
    build, image = signing_build, signing_build.stage.image
    build.deploys(image.tagged)
    build.kubectl.answers("apply", ADMITTED)
    build.kubectl.answers("rollout", 'deployment "web" successfully rolled out\n')
    runs(build, image)
    return build


def runs(build: SigningBuild, image: Image) -> None:
    """Say which image the cluster runs."""
    build.kubectl.runs(pod("web-1", image.tagged, image.digest, namespace="default"))


def commands(result: BuildResult) -> list[int]:
    """How the commands of the build phase ended."""
    return [one.exit_code for one in result.phase("build").commands]


def sign(build: SigningBuild) -> None:
    """Sign the image of the stage with its profile, by notation alone."""
    build.stage.sign_by_signer()


def test_a_signed_image_is_verified_deployed_by_digest_and_verified_where_it_runs(
    deployment: SigningBuild,
) -> None:
    sign(deployment)
    image = deployment.stage.image
    result = deployment.run("verify-deploy", WORKLOAD="deployment/web")
    assert result.succeeded, result.log
    assert deployment.kubectl.calls == [
        "apply --namespace=default --filename=deployment.yaml",
        "rollout status deployment/web --namespace=default --timeout=5m",
        *CLUSTER,
    ]
    manifest = (deployment.source / "deployment.yaml").read_text()
    assert f'image: "{image.tagged}@{image.digest}"' in manifest
    assert told(result, "verify") == {image.tagged: "passed"}
    cluster = told(result, "verify-cluster")
    assert set(cluster.values()) == {"passed"}
    assert len(cluster) > 1


def test_an_unsigned_image_stops_before_kubectl_is_called(deployment: SigningBuild) -> None:
    image = deployment.stage.image
    result = deployment.run("verify-deploy")
    assert not result.succeeded
    assert commands(result) == [1], result.log
    assert deployment.kubectl.calls == []
    assert "is not signed" in told(result, "verify")[image.tagged]
    assert result.reports["verify-cluster"] == ()
    assert "@sha256" not in (deployment.source / "deployment.yaml").read_text()


def test_one_unsigned_image_beside_a_signed_one_stops_and_is_the_one_named(
    deployment: SigningBuild,
) -> None:
    sign(deployment)
    stage = deployment.stage
    other = stage.repository.push_image(tag="other")
    deployment.deploys(stage.image.tagged, other.tagged)
    result = deployment.run("verify-deploy")
    assert deployment.kubectl.calls == []
    verdicts = told(result, "verify")
    assert verdicts[stage.image.tagged] == "passed"
    assert verdicts[other.tagged].startswith("failure: ")


def test_the_signature_of_another_profile_stops_before_kubectl_is_called(
    deployment: SigningBuild,
) -> None:
    sign(deployment)
    release = deployment.stage.signer.profile("release")
    deployment.trust(release.arn)
    result = deployment.run("verify-deploy")
    assert commands(result) == [1], result.log
    assert deployment.kubectl.calls == []
    assert "signed, but by somebody else" in told(result, "verify")[deployment.stage.image.tagged]


def test_a_revoked_signature_stops_before_kubectl_is_called(deployment: SigningBuild) -> None:
    sign(deployment)
    (job,) = deployment.stage.signer.jobs
    deployment.stage.signer.revoked.add(job)
    result = deployment.run("verify-deploy")
    assert commands(result) == [1], result.log
    assert deployment.kubectl.calls == []
    assert "was revoked" in told(result, "verify")[deployment.stage.image.tagged]


def test_a_notation_with_another_checksum_stops_before_anything_is_verified(
    deployment: SigningBuild,
) -> None:
    sign(deployment)
    result = deployment.run("verify-deploy", BUILDSTEPS_NOTATION_INSTALL_SHA256="0" * 64)
    phases = {phase.name: phase.status for phase in result.phases}
    assert phases == {
        "install": Status.FAILED,
        "pre_build": Status.SKIPPED,
        "build": Status.SKIPPED,
    }
    assert deployment.kubectl.calls == []
    assert "is not what was meant" in told(result, "notation-install")["notation 1.3.2"]
    assert "notation" not in deployment.installed


def test_another_image_that_runs_in_the_cluster_fails_the_build_after_the_deployment(
    deployment: SigningBuild,
) -> None:
    sign(deployment)
    smuggled = deployment.stage.repository.push_image(tag="v2")
    runs(deployment, smuggled)
    result = deployment.run("verify-deploy")
    assert commands(result) == [0, 0, 0, 1], result.log
    cluster = told(result, "verify-cluster")
    assert any("is not signed" in verdict for verdict in cluster.values()), cluster


def test_what_the_cluster_refuses_ends_the_build(deployment: SigningBuild) -> None:
    sign(deployment)
    deployment.kubectl.answers("apply", err="Error from server: denied\n", status=1)
    result = deployment.run("verify-deploy")
    assert commands(result) == [0, 1], result.log
    assert len(deployment.kubectl.calls) == 1


def test_without_a_manifest_nothing_is_deployed(deployment: SigningBuild) -> None:
    result = deployment.run("verify-deploy", MANIFEST="gone.yaml")
    assert commands(result) == [2], result.log
    assert deployment.kubectl.calls == []
