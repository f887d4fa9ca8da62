"""A ``kubectl`` on PATH that answers what a test says: there is no cluster."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SCRIPT = """#!/bin/sh
folder=$(dirname "$0")
echo "$@" >> "$folder/calls"
env > "$folder/environment"
case "$*" in
    *--filename=-*) cat > "$folder/stdin" ;;
esac
cat "$folder/$1.err" >&2
cat "$folder/$1.out"
exit "$(cat "$folder/$1.status")"
"""


class FakeKubectl:
    """A program that answers for each verb what was said last; without an answer it fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "kubectl"
        program.write_text(SCRIPT)
        program.chmod(0o755)

    @property
    def environ(self) -> dict[str, str]:
        """What finds it."""
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    @property
    def calls(self) -> list[str]:
        """The arguments of each call."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def answers(self, verb: str, out: str = "", err: str = "", status: int = 0) -> None:
        """Say what a verb answers from now on."""
        (self.folder / f"{verb}.out").write_text(out)
        (self.folder / f"{verb}.err").write_text(err)
        (self.folder / f"{verb}.status").write_text(str(status))

    def runs(self, *pods: Mapping[str, Any]) -> None:
        """Say which pods there are."""
        self.answers("get", pod_list(*pods))


def pod_list(*pods: Mapping[str, Any]) -> str:
    """What ``kubectl get pods -o json`` prints."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": pods}, indent=4)


def pod(
    name: str,
    image: str,
    digest: str = "",
    *,
    namespace: str = "shop",
    phase: str = "Running",
    containers: Sequence[str] = ("app",),
) -> dict[str, Any]:
    """A pod whose containers run ``image`` at ``digest``; without one they have not started."""
    repository = image.partition("@")[0].rpartition(":")[0]
    image_id = f"{repository}@{digest}" if digest else ""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [{"name": one, "image": image} for one in containers]},
        "status": {
            "phase": phase,
            "containerStatuses": [{"name": one, "imageID": image_id} for one in containers],
        },
    }
