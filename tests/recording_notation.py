"""A notation that writes down how it was called, and says or does what its environment tells it.

Where a test is about what reaches the program: the real one could not tell it.
"""

import json
import stat
import sys
from pathlib import Path

from msgspec import Struct

_PROGRAM = """\
import json, os, subprocess, sys, time

folder = os.environ["RECORDS"]
number = f"{time.time_ns()}-{os.getpid()}"
tree = []
if "NOTATION_CONFIG" in os.environ:
    private = os.path.dirname(os.environ["NOTATION_CONFIG"])
    tree = [(private, os.lstat(private).st_mode)]
    for root, folders, files in os.walk(private):
        tree += [(p, os.lstat(p).st_mode) for p in (os.path.join(root, n) for n in folders + files)]
hanging = sys.argv[1] != "version" and "HANG" in os.environ
child = subprocess.Popen(["sleep", "600"]) if hanging else None
call = {
    "arguments": sys.argv[1:],
    "environ": dict(os.environ),
    "tree": tree,
    "processes": [os.getpid(), child.pid] if child else [os.getpid()],
}
path = os.path.join(folder, number)
with open(path + ".part", "w") as stream:
    json.dump(call, stream)
os.rename(path + ".part", path + ".json")
if child:
    child.wait()
if sys.argv[1] == "version":
    print("Version:     1.3.2")
else:
    told = {name: os.environ.get("NOTATION_" + name, "") for name in ("USERNAME", "PASSWORD")}
    says = os.environ.get("SAYS", "")
    for name, value in told.items():
        says = says.replace("<" + name + ">", value)
    sys.stderr.write(says + "\\n")
    sys.exit(1)
"""


class Call(Struct, frozen=True):
    """One run: the arguments after the program, the whole environment, the private folder.

    ``tree`` has the mode of each path in the folder of the run, the folder itself first;
    ``processes`` are the program's own id and that of the child it started.
    """

    arguments: list[str]
    environ: dict[str, str]
    tree: list[tuple[str, int]]
    processes: list[int]

    @property
    def reference(self) -> str:
        """The image that it was asked about."""
        return self.arguments[-1]

    @property
    def open_to_others(self) -> list[str]:
        """What of the private folder somebody else could read or enter."""
        return [path for path, mode in self.tree if stat.S_IMODE(mode) & 0o077]


class RecordingNotation:
    """The program at ``path``; its calls are below ``records``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin" / "notation"
        self.records = folder / "records"
        self.records.mkdir(parents=True)
        self.path.parent.mkdir(parents=True)
        self.path.write_text(f"#!{sys.executable} -SE\n{_PROGRAM}")
        self.path.chmod(0o755)
        self.environ = {"RECORDS": str(self.records)}

    @property
    def calls(self) -> list[Call]:
        """All calls but those for the version, in their order."""
        found = [json.loads(path.read_text()) for path in sorted(self.records.glob("*.json"))]
        return [Call(**one) for one in found if one["arguments"][0] != "version"]
