"""How often a baseline errs, by what it knows findings by, over real histories.

``python -m benchmarks.baseline_histories [--steps N] [PACKAGE==VERSION,VERSION,... ...]``

A history is a row of trees: the commits of this repository, or releases of packages of PyPI, whose
source archives pip fetches once into ``.cache/histories``. Each step takes ruff's findings before
and after, writes a baseline of the first and judges the second. What is so comes from
``git diff -M``: a finding on a line that is still there, and had it before, is old; one on a line
that is new, or was edited, is new; one that appeared on a line that stayed counts as neither.
"""

import argparse
import json
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from buildsteps import baseline
from buildsteps.baseline import Entry, Trace
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.tracing import traced
from buildsteps.world import system_world
from buildsteps.world.files import Files

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "histories"
RUFF = ("check", "--isolated", "--no-cache", "--select", "ALL", "--ignore", "D,ANN,COM,ERA,Q,W")
PACKAGES = (
    "requests==2.18.4,2.20.1,2.22.0,2.24.0,2.25.1,2.27.1,2.28.2,2.29.0,2.31.0,2.32.2,2.32.4,"
    "2.33.1,2.34.2",
    "flask==1.0.4,1.1.4,2.0.0,2.0.3,2.1.3,2.2.0,2.2.5,2.3.0,2.3.3,3.0.0,3.0.3,3.1.0,3.1.3",
    "aws-sam-cli==1.130.0,1.132.0,1.134.0,1.136.0,1.138.0,1.140.0,1.142.1,1.144.0,1.146.0,"
    "1.150.1,1.154.0,1.158.0,1.162.1,1.166.2,1.170.0",
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_GIT = ("git", "-c", "core.quotePath=false", "-c", "user.name=x", "-c", "user.email=x@test")


class Seen(NamedTuple):
    """What ruff found at a place, with the traces and lines that keys are made of."""

    rule: str
    path: str
    line: int
    message: str
    trace: Trace
    text: str
    ahead: str


class Tree(NamedTuple):
    """A tree of a history: its findings, its files, and its commit."""

    commit: str
    seen: list[Seen]
    paths: frozenset[str]


class Truth(NamedTuple):
    """Which findings of the second tree are old (True), new (False) or neither (None).

    ``moved`` marks new ones whose line was removed elsewhere: moved or indented anew.
    """

    old: list[bool | None]
    moved: list[bool]


Key = Callable[[Tree, Tree], list[bool]]
"""Says of each finding of the second tree whether a baseline of the first knows it."""


def counted(key: Callable[[Seen], object]) -> Key:
    """Known by a key, as often as the baseline has it."""

    def known(before: Tree, after: Tree) -> list[bool]:
        left = Counter(key(one) for one in before.seen)
        found = []
        for one in after.seen:
            found.append(left[key(one)] > 0)
            left[key(one)] -= 1
        return found

    return known


def bandit(before: Tree, after: Tree) -> list[bool]:
    """Bandit's baseline: text, file and rule, however often."""
    there = {(one.rule, one.path, one.message) for one in before.seen}
    return [(one.rule, one.path, one.message) in there for one in after.seen]


def eslint(before: Tree, after: Tree) -> list[bool]:
    """ESLint's bulk suppressions: a number for each file and rule; one more shows them all."""
    was = Counter((one.rule, one.path) for one in before.seen)
    now = Counter((one.rule, one.path) for one in after.seen)
    return [now[one.rule, one.path] <= was[one.rule, one.path] for one in after.seen]


def ours(before: Tree, after: Tree) -> list[bool]:
    """The tiers of :mod:`buildsteps.baseline`."""
    entries = baseline.gathered(Entry(trace=one.trace) for one in before.seen)
    gone = {one.path for one in before.seen} - after.paths
    found = baseline.matched(entries, [one.trace for one in after.seen], gone)
    return [by is not None for by in found.by]


def neighbours_first(before: Tree, after: Tree) -> list[bool]:
    """Tiers, too, but the neighbours outrank the block, and nothing asks for both."""
    gone = {one.path for one in before.seen} - after.paths
    left = list(before.seen)
    known = [False] * len(after.seen)
    for path in (True, False):
        for part in (lambda t: t.around, lambda t: t.within, lambda _: ""):

            def key(one: Seen, path: bool = path, part: Callable[[Trace], str] = part) -> object:
                return one.rule, one.path if path else "", one.trace.line, part(one.trace)

            there = Counter(key(one) for one in left if path or one.path in gone)
            taken: Counter[object] = Counter()
            for number, one in enumerate(after.seen):
                if not known[number] and there[key(one)] > taken[key(one)]:
                    known[number] = True
                    taken[key(one)] += 1
            left = _without(left, taken, key, lambda one, path=path: path or one.path in gone)
    return known


def _without(
    left: list[Seen],
    taken: Counter[object],
    key: Callable[[Seen], object],
    may: Callable[..., bool],
) -> list[Seen]:
    kept = []
    for one in left:
        if may(one) and taken[key(one)] > 0:
            taken[key(one)] -= 1
        else:
            kept.append(one)
    return kept


KEYS: dict[str, Key] = {
    "rule, path, line number": counted(lambda one: (one.rule, one.path, one.line)),
    "CodeQL: 100 characters from the line on": counted(lambda o: (o.rule, o.path, o.ahead)),
    "line text with both neighbours, counted": counted(
        lambda one: (one.rule, one.path, one.trace.around)
    ),
    "line text, counted": counted(lambda one: (one.rule, one.path, one.trace.line)),
    "a number for each rule and file (ESLint)": eslint,
    "message, without counting (bandit)": bandit,
    "tiers, the neighbours before the block": neighbours_first,
    "tiers (ours)": ours,
}


def git(*arguments: str, cwd: Path) -> bytes:
    """What git prints."""
    return subprocess.run([*_GIT, *arguments], cwd=cwd, check=True, capture_output=True).stdout


def tree_of(repository: Path, commit: str, folder: Path) -> Tree:
    """Check a commit out into ``folder`` and scan it."""
    archive = folder.with_suffix(".tar")
    git("archive", "--output", str(archive), commit, cwd=repository)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    ran = subprocess.run(
        ["ruff", *RUFF, "--output-format", "json", "."],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    results = json.loads(ran.stdout)
    paths = frozenset(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    return Tree(commit, seen_in(results, folder), paths)


def seen_in(results: Sequence[dict[str, object]], folder: Path) -> list[Seen]:
    """Ruff's results as findings with the traces that scan would give them."""
    findings, sightings = [], []
    for one in sorted(results, key=_place):
        path, line = _place(one)[:2]
        place = Location(str(Path(path).relative_to(folder)), line)
        rule, message = str(one["code"]), str(one["message"])
        findings.append(
            Finding(rule=rule, severity=Severity.LOW, message=message, locations=(place,))
        )
        sightings.append(
            [Sighting(engine="ruff", rule=rule, severity=Severity.LOW, message=message)]
        )
    world = replace(system_world(), cwd=folder, files=Files(folder))
    known = traced(findings, sightings, folder, world)
    texts: dict[str, list[str]] = {}
    seen = []
    for finding in known.findings:
        place = finding.locations[0]
        if place.path not in texts:
            texts[place.path] = (folder / place.path).read_text(errors="replace").split("\n")
        below = texts[place.path][(place.line or 1) - 1 :][:101]
        ahead = "".join("".join(below).split())[:100]
        text = " ".join(below[0].split()) if below else ""
        trace = known.traces[finding.fingerprint]
        seen.append(
            Seen(finding.rule, place.path, place.line or 0, finding.message, trace, text, ahead)
        )
    return seen


def _place(result: dict[str, object]) -> tuple[str, int, int, str]:
    place = result["location"]
    return (
        str(result["filename"]),
        int(place["row"]),  # type: ignore[index]
        int(place["column"]),  # type: ignore[index]
        str(result["code"]),
    )


def truth_of(repository: Path, before: Tree, after: Tree) -> Truth:
    """What git says of each finding of the second tree."""
    patch = git(
        *("diff", "-M", "-l0", "-U0", "--no-color", "--no-ext-diff", "--no-textconv"),
        *(before.commit, after.commit),
        cwd=repository,
    )
    origins, removed = origins_in(patch, before.paths & after.paths)
    there = Counter((one.rule, one.path, one.line) for one in before.seen)
    old: list[bool | None] = []
    moved = []
    for one in after.seen:
        origin = origins.get(one.path)
        place = origin.of(one.line) if origin else None
        moved.append(place is None and removed[one.text] > 0)
        if place is None:
            old.append(False)
        elif there[one.rule, *place] > 0:
            there[one.rule, *place] -= 1
            old.append(True)
        else:
            old.append(None)
    return Truth(old, moved)


class Origin(NamedTuple):
    """Where the lines of a file come from: its path before, and the hunks in between."""

    path: str
    hunks: list[tuple[int, int, int, int]]

    def of(self, line: int) -> tuple[str, int] | None:
        """The path and line before; None where the line is new."""
        shift = 0
        for start, taken, first, given in self.hunks:
            if given and first <= line < first + given:
                return None
            after_new = first + (given or 1)
            if line < after_new:
                break
            shift = start + (taken or 1) - after_new
        return self.path, line + shift


def origins_in(patch: bytes, same: frozenset[str]) -> tuple[dict[str, Origin], Counter[str]]:
    """The origin of every file that is not new, and the texts of lines that were taken away."""
    origins = {path: Origin(path, []) for path in same}
    removed: Counter[str] = Counter()
    before = ""
    hunks: list[tuple[int, int, int, int]] = []
    left = 0
    for line in patch.split(b"\n"):
        if left > 0 and line[:1] in (b"-", b"+"):
            left -= 1
            if line.startswith(b"-"):
                removed[" ".join(line[1:].decode(errors="replace").split())] += 1
        elif hunk := _HUNK.match(line):
            start, taken, first, given = (int(n) if n else 1 for n in hunk.groups())
            hunks.append((start, taken, first, given))
            left = taken + given
        elif line.startswith(b"rename from "):
            before = line.removeprefix(b"rename from ").decode()
        elif line.startswith(b"rename to "):
            hunks = []
            origins[line.removeprefix(b"rename to ").decode()] = Origin(before, hunks)
        elif line.startswith(b"--- "):
            before = line.removeprefix(b"--- a/").rstrip(b"\t").decode()
        elif line.startswith(b"+++ b/"):
            path = line.removeprefix(b"+++ b/").rstrip(b"\t").decode()
            hunks = []
            if before.startswith("--- "):  # of /dev/null: all of the file is new
                origins.pop(path, None)
            else:
                origins[path] = Origin(before, hunks)
    return origins, removed


class Score(NamedTuple):
    """What a key did over a history; ``moved`` are those of ``hidden`` that were only moved."""

    alarms: int = 0
    hidden: int = 0
    moved: int = 0


def judged(repository: Path, commits: Sequence[str]) -> tuple[dict[str, Score], Counter[str]]:
    """Replay a history step by step; gives the score of each key, and what there was."""
    scores = dict.fromkeys(KEYS, Score())
    there: Counter[str] = Counter(steps=len(commits) - 1)
    for before, after in pairs(repository, commits):
        truth = truth_of(repository, before, after)
        there.update(old=truth.old.count(True), new=truth.old.count(False))
        there.update(neither=truth.old.count(None), findings=len(after.seen))
        for name, key in KEYS.items():
            known = key(before, after)
            rows = list(zip(known, truth.old, truth.moved, strict=True))
            was = scores[name]
            scores[name] = Score(
                was.alarms + sum(old is True and not known for known, old, _ in rows),
                was.hidden + sum(old is False and known for known, old, _ in rows),
                was.moved + sum(old is False and known and moved for known, old, moved in rows),
            )
    return scores, there


def pairs(repository: Path, commits: Sequence[str]) -> Iterator[tuple[Tree, Tree]]:
    """The trees of neighbouring commits, each scanned once."""
    before: Tree | None = None
    for commit in commits:
        with tempfile.TemporaryDirectory() as name:
            after = tree_of(repository, commit, Path(name).resolve() / "tree")
        if before is not None:
            yield before, after
        before = after


def own_history(steps: int) -> tuple[Path, list[str]]:
    """The history of this repository, in about so many steps of equal length."""
    listed = git("rev-list", "--first-parent", "--reverse", "HEAD", cwd=ROOT).decode().split()
    every = max(len(listed) // max(steps, 1), 1)
    return ROOT, listed[::every]


def releases(package: str, versions: Sequence[str]) -> tuple[Path, list[str]]:
    """A repository with a commit for each release of a package."""
    repository = CACHE / package
    repository.mkdir(parents=True, exist_ok=True)
    if not (repository / ".git").exists():
        git("init", "--quiet", ".", cwd=repository)
    commits = []
    for version in versions:
        tag = f"refs/tags/v{version}"
        if not git("for-each-ref", tag, cwd=repository):
            _commit(repository, _archive(package, version), tag)
        commits.append(git("rev-parse", tag, cwd=repository).decode().strip())
    return repository, commits


def _archive(package: str, version: str) -> Path:
    """The source archive of a release, fetched by pip where it is not there yet."""
    folder = CACHE / "sdists"
    for attempt in range(2):
        for path in sorted(folder.glob("*.tar.gz")):
            name, _, found = path.name.removesuffix(".tar.gz").rpartition("-")
            if (name.lower().replace("_", "-"), found) == (package, version):
                return path
        if not attempt:
            wanted = f"{package}=={version}"
            command = ["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*command, "--dest", str(folder), wanted], check=True)
    raise SystemExit(f"pip gave no source archive of {package} {version}")


def _commit(repository: Path, archive: Path, tag: str) -> None:
    for path in repository.iterdir():
        if path.name != ".git":
            subprocess.run(["rm", "-rf", str(path)], check=True)
    with tarfile.open(archive) as packed:
        members = []
        for one in packed.getmembers():
            one.name = one.name.partition("/")[2]  # without the folder that names the version
            if one.name and not one.issym() and not one.islnk():
                members.append(one)
        packed.extractall(repository, members, filter="data")
    git("add", "--all", "--force", cwd=repository)
    git("commit", "--quiet", "--allow-empty", "--message", tag, cwd=repository)
    git("update-ref", tag, "HEAD", cwd=repository)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=40, help="of this repository's history")
    parser.add_argument("package", nargs="*", default=PACKAGES)
    arguments = parser.parse_args()
    histories = [("this repository", own_history(arguments.steps))] if arguments.steps else []
    for one in arguments.package:
        name, _, versions = one.partition("==")
        histories.append((name, releases(name, versions.split(","))))
    whole = dict.fromkeys(KEYS, Score())
    for name, (repository, commits) in histories:
        scores, there = judged(repository, commits)
        print(f"\n{name}: {dict(there)}")
        show(scores)
        whole = {key: Score(*map(sum, zip(whole[key], scores[key], strict=True))) for key in KEYS}
    print("\nall")
    show(whole)


def show(scores: dict[str, Score]) -> None:
    print("| known by | old shown as new | new not shown | of these only moved |")
    print("| --- | --- | --- | --- |")
    for name, score in scores.items():
        print(f"| {name} | {score.alarms:,} | {score.hidden:,} | {score.moved:,} |")


if __name__ == "__main__":
    main()
