"""Old findings as a user meets them, by the installed command and the real bandit."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command_line import ROOT, Ran, buildsteps

FILE = ".buildsteps-baseline.json"
FOURTH = "\n\ndef backup(name: str) -> None:\n    import os\n\n    os.system('tar c ' + name)\n"


def scan(folder: Path, *arguments: str) -> Ran:
    return buildsteps("scan", "--engine", "bandit", *arguments, cwd=folder)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def report(folder: Path, *arguments: str) -> dict[str, int]:
    """What the JSON report says of the baseline."""
    found: dict[str, int] = scan(folder, "--format", "json", *arguments).report["facts"]["baseline"]
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with the example shop, committed on ``main``."""
    shutil.copytree(ROOT / "examples/scan/shop", tmp_path / "shop")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "shop")
    return tmp_path


@pytest.fixture
def recorded(shop: Path) -> Path:
    """The shop, its findings recorded."""
    assert scan(shop, "--write-baseline", "--quiet").code == 0
    return shop


def test_the_first_day(shop: Path) -> None:
    assert scan(shop).code == 1
    first = scan(shop, "--write-baseline")
    assert first.code == 0
    number = len((shop / FILE).read_text().splitlines()) - 6
    assert f"baseline {FILE}: {number} findings recorded, {number} of them new" in first.out
    assert scan(shop).code == 0


def test_a_new_defect_stops_the_build_and_is_the_only_one_that_does(recorded: Path) -> None:
    with (recorded / "shop/customers.py").open("a") as stream:
        stream.write(FOURTH)
    ran = scan(recorded, "--format", "json")
    assert ran.code == 1
    known = {one["rule"]: one["known"] for one in ran.report["findings"]}
    assert not known.pop("B605")
    assert {"B324", "B602", "B501"} <= {rule for rule, old in known.items() if old}
    assert all(known.values())


def test_moving_and_renaming_stop_nothing(recorded: Path) -> None:
    for path in (recorded / "shop").glob("*.py"):
        path.write_text("# moved\n" * 50 + path.read_text())
    (recorded / "shop/orders.py").rename(recorded / "shop/orders_of_today.py")
    ran = scan(recorded, "--fail-on", "low")
    assert ran.code == 0, ran.out


def test_what_was_fixed_is_told_and_pruned(recorded: Path) -> None:
    (recorded / "shop/customers.py").write_text('"""Customers of the shop."""\n')
    told = scan(recorded)
    assert told.code == 0
    assert "Fixed" in told.out
    assert "shop/customers.py  B324" in told.out
    assert "B324" in (recorded / FILE).read_text()
    assert "fixed one dropped" in scan(recorded, "--prune-baseline").out
    assert "B324" not in (recorded / FILE).read_text()


def test_a_run_over_one_file_fixes_nothing_in_others(recorded: Path) -> None:
    before = (recorded / FILE).read_bytes()
    assert report(recorded, "shop/customers.py")["fixed"] == 0
    assert scan(recorded, "shop/customers.py", "--prune-baseline").code == 0
    assert (recorded / FILE).read_bytes() == before


def test_two_branches_that_add_findings_merge(recorded: Path) -> None:
    git(recorded, "add", "--all")
    git(recorded, "commit", "--quiet", "-m", "baseline")
    for branch, name in (("ours", "a.py"), ("theirs", "z.py")):
        git(recorded, "checkout", "--quiet", "-b", branch, "main")
        (recorded / "shop" / name).write_text(FOURTH)
        assert scan(recorded, "--write-baseline").code == 0
        git(recorded, "add", "--all")
        git(recorded, "commit", "--quiet", "-m", branch)
    git(recorded, "merge", "--quiet", "-m", "both", "ours")
    assert report(recorded) == {**report(recorded), "new": 0, "fixed": 0}


def test_a_merge_conflict_is_a_wrong_call_with_its_line(recorded: Path) -> None:
    text = (recorded / FILE).read_text().split("\n")
    text.insert(4, "<<<<<<< HEAD")
    (recorded / FILE).write_text("\n".join(text))
    ran = scan(recorded)
    assert ran.code == 2
    assert f"{FILE}:5: a merge conflict is left in the baseline" in ran.err
    assert scan(recorded, "--ignore-baseline").code == 1


def test_a_baseline_that_is_named_must_be_there(shop: Path) -> None:
    ran = scan(shop, "--baseline", "old.json")
    assert ran.code == 2
    assert "the baseline old.json is not there; --write-baseline makes it" in ran.err
    assert scan(shop, "--baseline", "old.json", "--write-baseline").code == 0
    assert scan(shop, "--baseline", "old.json").code == 0
    assert scan(shop).code == 1


def test_a_baseline_that_cannot_be_written_is_the_worlds_fault(shop: Path) -> None:
    (shop / FILE).mkdir()
    assert scan(shop, "--write-baseline").code == 2
    assert scan(shop, "--write-baseline", "--baseline", "shop/orders.py/b.json").code == 3


def test_recorded_findings_leave_no_trace_of_lines_days_or_messages(recorded: Path) -> None:
    for entry in json.loads((recorded / FILE).read_text())["findings"][:-1]:
        assert set(entry) <= {"path", "rule", "line", "around", "within", "engines", "count"}


def test_since_shows_only_what_changed_and_says_what_it_hides(shop: Path) -> None:
    git(shop, "checkout", "--quiet", "-b", "work")
    assert scan(shop, "--since", "main").code == 0
    (shop / "shop/new.py").write_text(FOURTH)
    ran = scan(shop, "--since", "main", "--fail-on", "low")
    assert ran.code == 1
    assert "B605" in ran.out
    assert "B602" not in ran.out
    assert "since main: not shown are" in ran.out


@pytest.mark.parametrize("ref", ["nothing", "--output=x"])
def test_since_what_git_does_not_know_is_a_wrong_call(shop: Path, ref: str) -> None:
    ran = scan(shop, f"--since={ref}")
    assert ran.code == 2
    assert "--since: " in ran.err
    assert not (shop / "x").exists()
