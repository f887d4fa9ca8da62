import json

import pytest

from buildsteps.errors import UsageError
from tests.unit.steps.signing.reading import place, read, spans, told

DIGEST = "sha256:" + "0123456789abcdef" * 4

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - name: setup
          image: example.com/setup:1
      containers:
        - name: app
          image: "example.com/web:v1"  # the app
          env: [{name: A, value: 0x_}]
      volumes:
        - name: data
          image: {reference: example.com/data:2, pullPolicy: Always}
        - name: other
          emptyDir: {}
"""


def test_every_image_of_a_deployment_is_read_with_its_place() -> None:
    uses = read(DEPLOYMENT)
    assert told(uses) == [
        ("Deployment shop/web, init container setup", "example.com/setup:1"),
        ("Deployment shop/web, container app", "example.com/web:v1"),
        ("Deployment shop/web, image volume data", "example.com/data:2"),
    ]
    assert spans(DEPLOYMENT, uses) == [use.written for use in uses.uses]
    assert [place(use) for use in uses.uses] == [(9, 18), (12, 19), (16, 30)]
    assert not uses.findings


POD = {"containers": [{"name": "a", "image": "x/y:1"}]}


@pytest.mark.parametrize(
    ("version", "kind", "body"),
    [
        ("v1", "Pod", {"spec": POD}),
        ("v1", "PodTemplate", {"template": {"spec": POD}}),
        ("v1", "ReplicationController", {"spec": {"template": {"spec": POD}}}),
        ("apps/v1", "StatefulSet", {"spec": {"template": {"spec": POD}}}),
        ("apps/v1", "DaemonSet", {"spec": {"template": {"spec": POD}}}),
        ("apps/v1", "ReplicaSet", {"spec": {"template": {"spec": POD}}}),
        ("batch/v1", "Job", {"spec": {"template": {"spec": POD}}}),
        ("batch/v1", "CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": POD}}}}}),
        ("argoproj.io/v1alpha1", "Rollout", {"spec": {"template": {"spec": POD}}}),
        ("serving.knative.dev/v1", "Service", {"spec": {"template": {"spec": POD}}}),
        ("batch.volcano.sh/v1alpha1", "Job", {"spec": {"tasks": [{"template": {"spec": POD}}]}}),
        ("example.com/v1", "Anything", {"spec": {"a": {"b": [{"podTemplate": POD}]}}}),
    ],
)
def test_every_kind_that_holds_a_pod_is_read(
    version: str, kind: str, body: dict[str, object]
) -> None:
    thing = {"apiVersion": version, "kind": kind, "metadata": {"name": "n"}, **body}
    assert told(read(json.dumps(thing))) == [(f"{kind} n, container a", "x/y:1")]
    listed = {"apiVersion": "v1", "kind": "List", "items": [thing, thing]}
    assert told(read(json.dumps(listed))) == [(f"{kind} n, container a", "x/y:1")] * 2


def test_ephemeral_containers_of_a_pod_are_read() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: {ephemeralContainers: [{name: d, image: busybox}]}\n"
    assert told(read(text)) == [("Pod, ephemeral container d", "busybox")]


def test_helm_output_of_several_documents_is_read_through() -> None:
    text = (
        "---\n# Source: chart/templates/service.yaml\napiVersion: v1\nkind: Service\n"
        "metadata: {name: s}\n---\n# only a comment\n---\n"
        + DEPLOYMENT
        + "---\n...\n---\n"
        + DEPLOYMENT
    )
    uses = read(text)
    assert len(uses.uses) == 6
    assert spans(text, uses) == [use.written for use in uses.uses]


def test_json_documents_that_follow_each_other_are_read_through() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "😀"}, "spec": POD}
    text = json.dumps(pod) + "\n" + json.dumps(pod, indent="\t")
    uses = read(text)
    assert [where for where, _ in told(uses)] == ["Pod 😀, container a"] * 2
    assert spans(text, uses) == ["x/y:1"] * 2


def containers(text: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n{text}"


@pytest.mark.parametrize(
    ("image", "points"),
    [
        ("x/y:1", True),
        ('"x/y:1"', True),
        ("'x/y:1'", True),
        ("&anchor x/y:1", True),
        ("!!str x/y:1", True),
        ('&a !!str "x/y:1"', True),
        ("x/y:1   # comment", True),
        ('"x\\/y:1"', False),
        ('"x/y:\\x31"', False),
        ("|-\n        x/y:1", False),
        (">-\n        x/y:1", False),
        ('"x/\\\n        y:1"', False),
    ],
)
@pytest.mark.parametrize("before", ["", "\ufeff", "# é😀\n", "\ufeff# é\r\n"])
def test_the_bytes_of_a_reference_are_known_where_it_stands_letter_by_letter(
    image: str, points: bool, before: str
) -> None:
    text = before + containers(f"    - name: ö\n      image: {image}\n      tty: true\n")
    uses = read(text)
    assert told(uses) == [("Pod p, container ö", "x/y:1")]
    assert spans(text, uses) == (["x/y:1"] if points else [""])


def test_crlf_and_flow_style_keep_their_places() -> None:
    text = containers("    - {name: é, image: x/y:1}\n    - {image: z, name: b}\n").replace(
        "\n", "\r\n"
    )
    uses = read(text)
    assert spans(text, uses) == ["x/y:1", "z"]
    assert [place(use) for use in uses.uses] == [(6, 24), (7, 15)]


def test_an_alias_has_the_place_of_its_anchor() -> None:
    text = containers("    - {name: a, image: &i x/y:1}\n    - {name: b, image: *i}\n")
    uses = read(text)
    assert [place(use) for use in uses.uses] == [(6, 27), (6, 27)]
    assert spans(text, uses) == ["x/y:1", "x/y:1"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (containers("    - {name: a, image: 'X Y'}"), 6, "Pod p, container a: `X Y` is no image"),
        (containers("    - {name: a, image: 7}"), 6, "an image is text, found the number `7`"),
        (containers("    - {name: a, image: [x]}"), 6, "an image is text, found a list"),
        (containers("    - text"), 6, "container is a mapping, found text `text`"),
        (containers("    a: b"), 6, "`containers` is a list, found a mapping"),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: [1]\n", 3, "`spec` is a mapping"),
        (containers("    - {name: a, image: -x}"), 6, "it begins with a dash"),
    ],
)
def test_what_is_no_image_in_a_kind_of_kubernetes_is_an_error_with_its_place(
    text: str, line: int, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.location is not None
    assert caught.value.location.line == line
    assert message in caught.value.message


def test_a_container_without_an_image_is_told() -> None:
    uses = read(
        containers("    - {name: a}\n    - {name: b, image: ''}\n    - {name: c, image: x}\n")
    )
    assert [use.written for use in uses.uses] == ["x"]
    assert [(one.rule, one.message) for one in uses.findings] == [
        ("image-missing", "Pod p, container a names no image"),
        ("image-missing", "Pod p, container b names no image"),
    ]


def test_a_pattern_in_a_policy_is_told_and_no_error() -> None:
    text = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  rules:
    - validate: {pattern: {spec: {containers: [{image: "!*:latest"}]}}}
"""
    uses = read(text)
    assert not uses.uses
    assert [one.rule for one in uses.findings] == ["image-unreadable"]


def test_what_is_none_of_our_business_does_not_matter() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: c, name: again, ? [a, b] : x}
data: {day: 2026-13-45, when: !custom {a: 1}, bytes: !!binary "%%", n: !!int x, <<: text}
status: {containers: [{image: never}]}
"""
    assert told(read(text)) == []


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    text = containers("    - name: a\n      image: x\n      image: y\n")
    assert told(read(text)) == [("Pod p, container a", "y")]
    twice = '{"containers": [{"image": "x", "image": "y"}]}'
    text = f'{{"apiVersion": "v1", "kind": "Pod", "spec": {twice}}}'
    assert told(read(text)) == [("Pod, container", "y")]


def test_names_are_shown_without_control_characters() -> None:
    text = containers('    - {name: "a\\e[31mb\\u202Ec", image: x}\n')
    assert told(read(text))[0][0] == "Pod p, container ab\ufffdc"
