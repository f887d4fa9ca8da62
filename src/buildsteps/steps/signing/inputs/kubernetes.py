"""Kubernetes manifests: every object that holds a pod, or a template of one.

The source is the Kubernetes API reference: ``PodSpec`` with ``containers``, ``initContainers``,
``ephemeralContainers`` and ``volumes[].image``, and the kinds that hold one. In any other kind,
such as an Argo ``Rollout``, a pod is known by its shape wherever it stands.
"""

from buildsteps.errors import UsageError
from buildsteps.results import Finding
from buildsteps.steps.signing.inputs import pod_spec
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import below, items, word
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

NAME = "Kubernetes manifest"

_TEMPLATE = ("spec", "template", "spec")
_PODS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where the built-in kinds hold their pod, by API group and kind."""

_NEVER_PODS = frozenset({"status", "metadata"})


def recognises(document: Document) -> bool:
    """Whether a document says its ``apiVersion`` and ``kind``, as every object must."""
    return any(_is_object(root) for root in document.roots)


def read(document: Document) -> Uses:
    """Give every image, object by object."""
    found: list[ImageUse | Finding] = []
    for root in document.roots:
        _read_object(document, root, found)
    return Uses(
        tuple(one for one in found if isinstance(one, ImageUse)),
        tuple(one for one in found if isinstance(one, Finding)),
    )


def _is_object(node: Node) -> bool:
    return bool(word(below(node, "apiVersion")) and word(below(node, "kind")))


def _read_object(document: Document, node: Node, found: list[ImageUse | Finding]) -> None:
    kind, version = word(below(node, "kind")), word(below(node, "apiVersion"))
    listed = below(node, "items")
    if kind.endswith("List") and listed is not None and isinstance(listed.value, list):
        for item in items(listed):
            _read_object(document, item, found)
        return
    where = _words(node, kind)
    group = version.rpartition("/")[0]
    path = _PODS.get((group, kind))
    if path is None:
        _walk(document, node, where, found, top=True)
        return
    spec = _required(node, path, where)
    if spec is not None:
        found += pod_spec.read(document, spec, where, strict=True)


def _words(node: Node, kind: str) -> str:
    name = word(below(node, "metadata", "name"))
    if not name:
        prefix = word(below(node, "metadata", "generateName"))
        name = f"{prefix}*" if prefix else ""
    namespace = word(below(node, "metadata", "namespace"))
    return f"{kind or 'object'} {f'{namespace}/' if namespace and name else ''}{name}".rstrip()


def _required(node: Node, path: tuple[str, ...], where: str) -> Node | None:
    """The pod of a built-in kind; None where it is left out, as in a patch."""
    for key in path:
        found = below(node, key)
        if found is None:
            return None
        if not isinstance(found.value, dict):
            what = f"{where}: `{key}` is a mapping, found {found.found()}"
            raise UsageError(what, found.location)
        node = found
    return node


def _walk(
    document: Document,
    node: Node,
    where: str,
    found: list[ImageUse | Finding],
    *,
    top: bool = False,
) -> None:
    """Look for pods by their shape in an object of a kind that we do not know."""
    if isinstance(node.value, dict):
        if pod_spec.has_shape(node):
            found += pod_spec.read(document, node, where, strict=False)
        for key, value in node.value.items():
            if not (top and key in _NEVER_PODS):
                _walk(document, value, where, found)
    elif isinstance(node.value, list):
        for item in node.value:
            _walk(document, item, where, found)
