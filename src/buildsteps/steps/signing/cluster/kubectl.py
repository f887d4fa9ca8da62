"""kubectl: looked up once on PATH, asked with an argument list and a time limit."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.cluster.dry_run import Answer, read_dry_run
from buildsteps.steps.signing.cluster.objects import read_objects
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.world import World
from buildsteps.world.process import Completed

SHOWN = "kubectl get pods"

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""An RFC 1123 label, as the Kubernetes documentation demands ("Object Names and IDs")."""

_SECRET = ("NOTATION_USERNAME", "NOTATION_PASSWORD")
"""Credentials of a registry, which are none of kubectl's business."""

_LONGEST = 2000


class Kubectl(Struct, frozen=True):
    """A kubectl that was found, for one namespace (empty: all); ``timeout`` is in seconds."""

    path: Path
    world: World
    namespace: str
    timeout: float

    def pods(self) -> Input:
        """Ask for the pods.

        Raises:
            WorldError: kubectl fails, or answers something that is no list of objects.
        """
        which = [f"--namespace={self.namespace}"] if self.namespace else ["--all-namespaces"]
        done = self._run("get", "pods", *which, "--output=json")
        if done.status != 0:
            raise WorldError(f"kubectl get pods failed: {_said(done) or _status(done)}")
        if not _is_list(done.stdout):
            raise WorldError(f"kubectl get pods answered no list of pods: {_first(done.stdout)}")
        return Input(SHOWN, done.stdout, SHOWN)

    def dry_run(self, manifests: Input) -> tuple[Answer, ...]:
        """Ask the server what it would make of manifests; nothing is changed.

        Raises:
            WorldError: there is no answer, or not one for every object.
        """
        which = [f"--namespace={self.namespace}"] if self.namespace else []
        arguments = ("apply", "--dry-run=server", *which, "--output=json", "--filename=-")
        done = self._run(*arguments, stdin=manifests.data)
        told = done.stdout.rstrip(b"\n") + b"\n" + done.stderr
        try:
            answers = read_dry_run(Input(manifests.path, told, "kubectl apply --dry-run=server"))
        except UsageError as error:
            raise WorldError(f"kubectl answered something else: {error}") from None
        if not all(one.admitted for one in answers):
            return answers
        wanted = len(read_objects(manifests))
        if done.status != 0 or len(answers) < wanted:
            said = _said(done) or _status(done)
            raise WorldError(
                f"kubectl apply --dry-run=server answered for {len(answers)} of {wanted} objects: "
                f"{said}"
            )
        return answers

    def _run(self, *arguments: str, stdin: bytes = b"") -> Completed:
        environ = {name: value for name, value in self.world.environ.items() if name not in _SECRET}
        return self.world.processes.run(
            [str(self.path), *arguments], stdin=stdin, environ=environ, timeout=self.timeout
        )


def check_namespace(namespace: str) -> None:
    """Refuse what can be no namespace, before it gets to a command line.

    Raises:
        UsageError: it is none.
    """
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise UsageError(
            f"--namespace takes lower-case letters, digits and `-`, at most 63, not {namespace!r}"
        )


def find_kubectl(world: World, namespace: str, timeout: float) -> Kubectl:
    """Find kubectl on PATH, in folders that have an absolute path.

    Raises:
        WorldError: it is not there.
    """
    for folder in world.environ.get("PATH", "").split(os.pathsep):
        # A relative entry means another program in each folder.
        if Path(folder).is_absolute() and (there := shutil.which("kubectl", path=folder)):
            return Kubectl(Path(there), world, namespace, timeout)
    raise WorldError(
        "kubectl is not on PATH: install it, or save what `kubectl get pods -A -o json` says "
        "elsewhere and give it with --saved"
    )


def _is_list(answer: bytes) -> bool:
    try:
        root = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(root, dict) and isinstance(root.get("items"), list)


def _said(done: Completed) -> str:
    return _first(done.stderr)


def _first(text: Sequence[int]) -> str:
    """The first lines of what a program said, on one line."""
    lines = bytes(text[: 2 * _LONGEST]).decode(errors="replace").split("\n")
    return clipped(printable("; ".join(line.strip() for line in lines if line.strip())), 400)


def _status(done: Completed) -> str:
    return f"it said nothing (exit status {done.status})"
