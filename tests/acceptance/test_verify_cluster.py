"""``verify --cluster``: whether what runs is signed, and is what the deployment names."""

import json
from pathlib import Path

import pytest

from tests.acceptance.fake_kubectl import FakeKubectl, pod, pod_list
from tests.command_line import Ran
from tests.real_parts.certificates import Chain
from tests.real_parts.images import Image
from tests.signing_project import Project

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{template: {{spec: {{containers: [{{name: app, image: '{}'}}]}}}}}}
"""
ADMITTED = json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}})
DENIED = """\
Error from server: error when creating "STDIN": admission webhook "validate.kyverno.svc-fail" \
denied the request: resource Deployment/shop/web was blocked due to the following policies
check-images: 'failed to verify image r.test/web:2: no signature'
"""
FORBIDDEN = (
    'Error from server (Forbidden): pods is forbidden: User "gate" cannot list resource "pods" '
    'in API group "" in the namespace "shop"'
)


@pytest.fixture
def kubectl(tmp_path: Path) -> FakeKubectl:
    return FakeKubectl(tmp_path / "bin")


@pytest.fixture
def image(project: Project, ours: Chain) -> Image:
    """A signed image of a project that trusts its signer."""
    project.trust(ours)
    return project.signed(ours)


def ask(project: Project, kubectl: FakeKubectl, *arguments: str) -> Ran:
    return project.verify("--cluster", "--format", "json", *arguments, environ=kubectl.environ)


def outcomes(ran: Ran) -> list[tuple[str, str, str]]:
    return [(one["group"], one["name"], one["kind"]) for one in ran.report["cases"]]


def test_every_digest_that_runs_is_verified_once_with_the_pods_that_run_it(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    kubectl.runs(pod("a", image.tagged, image.digest), pod("b", image.tagged, image.digest))
    ran = ask(project, kubectl)
    (case,) = ran.report["cases"]
    assert (ran.code, case["outcome"], case["name"]) == (0, "passed", image.reference)
    assert "used by   Pod shop/a, container app" in case["detail"]
    assert "used by   Pod shop/b, container app" in case["detail"]
    assert "the cluster: 2 pods, 2 containers" in ran.report["notes"]
    assert kubectl.calls == ["get pods --all-namespaces --output=json"]
    assert ran.report["facts"]["kubectl_path"] == str(kubectl.folder / "kubectl")


def test_an_unsigned_digest_that_runs_stops_and_names_the_pod(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    bad = project.repository.push_image(tag="bad")
    kubectl.runs(pod("good", image.tagged, image.digest), pod("bad", bad.tagged, bad.digest))
    ran = ask(project, kubectl)
    assert ran.code == 1
    (failed,) = [one for one in ran.report["cases"] if one["outcome"] == "failed"]
    assert (failed["name"], failed["kind"]) == (bad.reference, "unsigned")
    assert "Pod shop/bad, container app" in failed["detail"]


def test_an_image_that_the_registry_does_not_have_names_the_pod_too(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    kubectl.runs(pod("a", image.tagged, "sha256:" + "0" * 64))
    (case,) = ask(project, kubectl).report["cases"]
    assert case["kind"] == "no-such-image"
    assert "used by   Pod shop/a, container app" in case["detail"]


def test_one_namespace_is_asked_for(project: Project, kubectl: FakeKubectl, image: Image) -> None:
    kubectl.runs(pod("a", image.tagged, image.digest))
    assert ask(project, kubectl, "--namespace", "shop").code == 0
    assert kubectl.calls == ["get pods --namespace=shop --output=json"]


def test_a_container_that_has_not_started_cannot_be_judged_unless_accepted(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    kubectl.runs(
        pod("a", image.tagged, image.digest),
        pod("b", "r.test/later:1", phase="Pending"),
        pod("job", "r.test/job:1", phase="Succeeded"),
    )
    ran = ask(project, kubectl)
    assert ran.code == 1
    assert ("cluster", "Pod shop/b, container app", "not-running") in outcomes(ran)
    assert "1 pod that ended left out" in " ".join(ran.report["notes"])
    path = project.folder / "buildsteps.yaml"
    accepted = {"rule": "not-running", "image": "r.test/later", "reason": "starts at night"}
    path.write_text(json.dumps({**json.loads(path.read_text()), "accept": [accepted]}))
    assert ask(project, kubectl).code == 0


def test_another_digest_than_the_deployment_names_is_told_though_it_is_signed(
    project: Project, kubectl: FakeKubectl, ours: Chain, image: Image
) -> None:
    new = project.signed(ours, "2")
    (project.folder / "web.yaml").write_text(DEPLOYMENT.format(new.tagged))
    kubectl.answers("apply", ADMITTED)
    kubectl.runs(pod("old", image.tagged, image.digest), pod("new", new.tagged, new.digest))
    ran = ask(project, kubectl, "--from", "web.yaml")
    assert ran.code == 1
    told = {one["name"]: one for one in ran.report["cases"]}
    assert told[image.reference]["outcome"] == "passed"
    assert told["Pod shop/new, container app"]["outcome"] == "passed"
    old = told["Pod shop/old, container app"]
    assert (old["outcome"], old["kind"]) == ("failed", "other-digest")
    assert old["message"] == f"runs {image.reference}, not what was named: {new.reference}"


def test_the_manifests_are_put_to_the_server_without_changing_it(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    text = DEPLOYMENT.format(image.tagged)
    (project.folder / "web.yaml").write_text(text)
    (project.folder / "imageDetail.json").write_text(json.dumps({"ImageURI": image.tagged}))
    kubectl.runs(pod("a", image.tagged, image.digest))
    kubectl.answers("apply", ADMITTED)
    files = ("--from", "web.yaml", "--from", "imageDetail.json")
    ran = ask(project, kubectl, *files)
    assert ran.code == 0
    assert ("dry run", "Deployment web", "") in outcomes(ran)
    assert kubectl.calls[1:] == ["apply --dry-run=server --output=json --filename=-"]
    assert (kubectl.folder / "stdin").read_text() == text
    kubectl.answers("apply", "", DENIED, 1)
    ran = ask(project, kubectl, *files)
    assert ran.code == 1
    assert ("dry run", "r.test/web:2", "denied") in outcomes(ran)


@pytest.mark.parametrize(
    ("out", "err", "status", "told"),
    [
        ("", "The connection to the server localhost:8080 was refused", 1, "server localhost:8080"),
        ("", "", 0, "answered for 0 of 1 objects"),
        ("{", "", 0, "kubectl answered something else"),
    ],
)
def test_a_dry_run_without_an_answer_is_the_worlds_failure(
    project: Project,
    kubectl: FakeKubectl,
    image: Image,
    out: str,
    err: str,
    status: int,
    told: str,
) -> None:
    (project.folder / "web.yaml").write_text(DEPLOYMENT.format(image.tagged))
    kubectl.runs(pod("a", image.tagged, image.digest))
    kubectl.answers("apply", out, err, status)
    ran = ask(project, kubectl, "--from", "web.yaml")
    assert ran.code == 3
    (case,) = [one for one in ran.report["cases"] if one["outcome"] == "error"]
    assert (case["group"], case["cause"], case["kind"]) == ("dry run", "world", "kubectl")
    assert told in case["message"]


@pytest.mark.parametrize(
    ("out", "err", "status", "told"),
    [
        ("", FORBIDDEN, 1, 'cannot list resource "pods"'),
        ("", "", 7, "it said nothing (exit status 7)"),
        ("<html>", "", 0, "answered no list of pods: <html>"),
        ("[" * 100_000, "", 0, "answered no list of pods"),
        ("\0", "", 0, "answered no list of pods"),
        ("", "", 0, "answered no list of pods"),
    ],
)
def test_kubectl_without_an_answer_is_the_worlds_failure_and_the_images_are_judged(
    project: Project,
    kubectl: FakeKubectl,
    image: Image,
    out: str,
    err: str,
    status: int,
    told: str,
) -> None:
    kubectl.answers("get", out, err, status)
    ran = ask(project, kubectl, "--namespace", "shop", image.tagged)
    assert ran.code == 3
    judged, failed = ran.report["cases"]
    assert (judged["name"], judged["outcome"]) == (image.tagged, "passed")
    assert (failed["group"], failed["cause"], failed["kind"]) == ("cluster", "world", "kubectl")
    assert told in failed["message"]


def test_no_kubectl_is_told_with_the_way_out(project: Project, tmp_path: Path, ours: Chain) -> None:
    project.trust(ours)
    (tmp_path / "empty").mkdir()
    (tmp_path / "project" / "kubectl").write_text("#!/bin/sh\necho '{\"items\": []}'\n")
    (tmp_path / "project" / "kubectl").chmod(0o755)
    environ = {"PATH": f"{tmp_path / 'empty'}:."}
    ran = project.verify("--cluster", environ=environ)
    assert ran.code == 3
    assert "kubectl is not on PATH" in ran.out
    assert "--saved" in ran.out


def test_kubectl_that_hangs_is_ended(project: Project, kubectl: FakeKubectl, ours: Chain) -> None:
    project.trust(ours)
    (kubectl.folder / "kubectl").write_text("#!/bin/sh\nsleep 60\n")
    ran = ask(project, kubectl, "--timeout", "0.5")
    assert ran.code == 3
    assert "did not end within 0.5 seconds" in ran.report["cases"][0]["message"]


def test_kubectl_does_not_get_the_registrys_password(
    project: Project, kubectl: FakeKubectl, image: Image
) -> None:
    kubectl.runs(pod("a", image.tagged, image.digest))
    secret = {"NOTATION_USERNAME": "me", "NOTATION_PASSWORD": "open-sesame"}
    project.verify("--cluster", environ={**kubectl.environ, **secret})
    assert "open-sesame" not in (kubectl.folder / "environment").read_text()


def test_a_saved_answer_needs_no_kubectl(project: Project, tmp_path: Path, image: Image) -> None:
    (tmp_path / "empty").mkdir()
    environ = {"PATH": str(tmp_path / "empty")}
    other = pod("b", "r.test/other:1", "sha256:" + "0" * 64, namespace="other")
    (project.folder / "pods.json").write_text(pod_list(pod("a", image.tagged, image.digest), other))
    saved = ("--cluster", "--saved", "pods.json", "--namespace", "shop", "--format", "json")
    ran = project.verify(*saved, environ=environ)
    (case,) = ran.report["cases"]
    assert (ran.code, case["outcome"]) == (0, "passed")
    assert case["locations"] == [{"path": "pods.json"}]
    assert "namespace shop of pods.json: 1 pod, 1 container" in ran.report["notes"]


@pytest.mark.parametrize("content", ["", "hello", "{}", "[1, 2]", pod_list(), "kind: Service"])
def test_nothing_that_runs_is_not_green(project: Project, image: Image, content: str) -> None:
    (project.folder / "pods.json").write_text(content)
    ran = project.verify("--cluster", "--saved", "pods.json")
    assert ran.code == 2
    assert "nothing was judged: no container runs in pods.json" in ran.out
    assert project.verify("--cluster", "--saved", "pods.json", "--allow-empty").code == 0
    beside = ("--cluster", "--saved", "pods.json", "--format", "json", image.tagged)
    ran = project.verify(*beside)
    assert ran.code == 1
    assert ("cluster", "cluster", "nothing-judged") in outcomes(ran)
    assert project.verify(*beside, "--allow-empty").code == 0


def test_an_empty_cluster_is_not_green(project: Project, kubectl: FakeKubectl, ours: Chain) -> None:
    project.trust(ours)
    kubectl.runs()
    ran = project.verify("--cluster", environ=kubectl.environ)
    assert ran.code == 2
    assert "no container runs in the cluster" in ran.out


def test_pods_without_images_are_no_reason_to_be_green(
    project: Project, kubectl: FakeKubectl, ours: Chain
) -> None:
    project.trust(ours)
    nameless = pod("a", "")
    nameless["spec"] = nameless["status"] = {}
    kubectl.runs(nameless)
    assert ask(project, kubectl).code == 2
    kubectl.runs(pod("a", "", phase="Pending"))
    ran = ask(project, kubectl)
    assert ran.code == 1
    assert outcomes(ran) == [("cluster", "Pod shop/a, container app", "not-running")]


def test_what_runs_beyond_require_all_is_a_case_not_a_wrong_call(
    project: Project, kubectl: FakeKubectl, ours: Chain
) -> None:
    project.trust(ours, scopes=["r.test/*"])
    image = project.signed(ours)
    kubectl.runs(pod("a", image.tagged, image.digest))
    ran = ask(project, kubectl, "--require-all", "build")
    (case,) = ran.report["cases"]
    assert (ran.code, case["kind"], case["cause"]) == (1, "no-trust-policy", "subject")
    assert "cannot have what --require-all demands: the trust `build` has no" in case["message"]
    assert project.verify(image.tagged, "--require-all", "build").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--saved", "pods.json"), "--saved says more about --cluster"),
        (("--namespace", "shop"), "--namespace says more about --cluster"),
        (("--cluster", "--namespace", "--all"), "--namespace takes lower-case letters"),
        (("--cluster", "--namespace", "Shop"), "--namespace takes lower-case letters"),
        (("--cluster", "--saved", "no.json"), "no.json: cannot be read"),
        (("--cluster", "--saved", "-", "--from", "-"), "standard input can be read once"),
    ],
)
def test_a_wrong_call_about_the_cluster_asks_nobody(
    project: Project, kubectl: FakeKubectl, ours: Chain, arguments: tuple[str, ...], told: str
) -> None:
    project.trust(ours)
    ran = project.verify(*arguments, environ=kubectl.environ)
    assert ran.code == 2
    assert told in ran.err
    assert kubectl.calls == []
