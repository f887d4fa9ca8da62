import json
from typing import Any

from buildsteps.image_reference import parse_reference
from buildsteps.results import Location, Outcome
from buildsteps.steps.signing.cluster.cases import deployed_cases, untold_case
from buildsteps.steps.signing.cluster.live import Live, read_live
from buildsteps.steps.signing.inputs.interface import Input

DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64


def pod(name: str, image: str, image_id: str, **status: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "app", "image": image}]},
        "status": {
            "phase": "Running",
            "containerStatuses": [{"name": "app", "image": "sha256:x", "imageID": image_id}],
            **status,
        },
    }


def live(*pods: dict[str, Any]) -> Live:
    answer = {"apiVersion": "v1", "kind": "List", "items": [*pods, {"kind": "Service"}]}
    return read_live(Input("pods.json", json.dumps(answer).encode()))


def test_the_digest_that_runs_is_read_with_and_without_a_scheme() -> None:
    found = live(
        pod("a", "x.example/web:1", f"x.example/web@{DIGEST}"),
        pod("b", "nginx", f"docker-pullable://nginx@{DIGEST}"),
    )
    assert [(one.where, one.written, str(one.reference)) for one in found.images] == [
        ("Pod shop/a, container app", "x.example/web:1", f"x.example/web@{DIGEST}"),
        ("Pod shop/b, container app", "nginx", f"docker.io/library/nginx@{DIGEST}"),
    ]
    assert found.pods == 2


def test_init_and_ephemeral_containers_run_too() -> None:
    one = pod("a", "nginx", f"nginx@{DIGEST}")
    one["spec"]["initContainers"] = [{"name": "init", "image": "x/init"}]
    one["status"]["initContainerStatuses"] = [{"name": "init", "imageID": f"x/init@{OTHER}"}]
    one["status"]["ephemeralContainerStatuses"] = [{"name": "debug", "imageID": f"x/debug@{OTHER}"}]
    assert [(image.where, str(image.reference)) for image in live(one).images] == [
        ("Pod shop/a, init container init", f"docker.io/x/init@{OTHER}"),
        ("Pod shop/a, container app", f"docker.io/library/nginx@{DIGEST}"),
        ("Pod shop/a, ephemeral container debug", f"docker.io/x/debug@{OTHER}"),
    ]


def test_a_container_whose_digest_nobody_knows_is_told() -> None:
    pending = pod("a", "nginx", "")
    pending["status"] = {"phase": "Pending"}
    found = live(
        pending, pod("b", "nginx", f"docker://{DIGEST}"), pod("c", "nginx", "nginx@sha256:1")
    )
    assert [one.unknown.partition(":")[0] for one in found.images] == [
        "has not started (the pod is Pending)",
        "runs sha256",
        "runs an image whose id is wrong",
    ]
    assert found.images[1].unknown == f"runs {DIGEST}, which is in no registry"


def test_a_container_runs_what_the_deployment_names_or_something_else() -> None:
    found = live(
        pod("a", "nginx", f"mirror.example/nginx@{DIGEST}"),
        pod("b", "nginx:2", f"nginx@{OTHER}"),
        pod("c", "nginx", ""),
        pod("d", "redis", f"redis@{OTHER}"),
    )
    place = Location("pods.json")
    cases = deployed_cases(found.images, [parse_reference(f"nginx@{DIGEST}")], place)
    assert [(case.name, case.outcome, case.kind) for case in cases] == [
        ("Pod shop/a, container app", Outcome.PASSED, ""),
        ("Pod shop/b, container app", Outcome.FAILED, "other-digest"),
    ]
    assert cases[1].message == (
        f"runs docker.io/library/nginx@{OTHER}, not what was named: "
        f"docker.io/library/nginx@{DIGEST}"
    )
    assert cases[0].locations == (place,)


def test_what_nobody_knows_to_run_cannot_be_judged() -> None:
    found = live(pod("c", "nginx", ""), pod("d", "nginx", DIGEST))
    cases = [untold_case(image) for image in found.images]
    assert [(case.outcome, case.kind) for case in cases] == [
        (Outcome.ERROR, "not-running"),
        (Outcome.ERROR, "no-digest"),
    ]
    assert cases[0].message == "has not started (the pod is Running); its image is nginx"


def test_a_pod_has_ended_by_its_phase() -> None:
    phases = ("Succeeded", "Failed", "Running", "Pending", "Unknown")
    found = live(*(pod(one, "nginx", f"nginx@{DIGEST}", phase=one) for one in phases))
    assert [image.ended for image in found.images] == [True, True, False, False, False]
