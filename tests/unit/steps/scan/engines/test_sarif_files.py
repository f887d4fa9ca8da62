"""``--sarif FILE``: each file once, and what is not there is a wrong call."""

from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.scan.engines.sarif_files import scan
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from tests.sarif_logs import log, result
from tests.world_double import fake_world

ALL = Subjects(files=("app.py", "lib/app.py"))


def read(
    folder: Path, *files: str, subjects: Subjects = ALL, stdin: bytes = b"", **options: object
) -> tuple[Scanned, ...]:
    """What the engine gives for these files."""
    progress: list[str] = options.pop("progress", [])  # type: ignore[assignment]
    world = fake_world(folder, stdin=stdin, progress=progress)
    return scan(subjects, ScanOptions(sarif=files, **options), world)  # type: ignore[arg-type]


def test_several_files_are_several_scans(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_bytes(log(result()))
    (tmp_path / "b.sarif").write_bytes(log(driver={"name": "Other"}))
    found = read(tmp_path, "a.sarif", "b.sarif")
    assert [(one.engine, one.subject, len(one.sightings)) for one in found] == [
        ("tool", "a.sarif", 1),
        ("other", "b.sarif", 0),
    ]


def test_the_same_file_by_two_names_is_read_once_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_bytes(log(result()))
    (tmp_path / "link.sarif").symlink_to("a.sarif")
    (tmp_path / "copy.sarif").write_bytes(log(result()))
    said: list[str] = []
    found = read(tmp_path, "a.sarif", "./a.sarif", "link.sarif", "copy.sarif", progress=said)
    assert len(found) == 1
    assert said == [
        "--sarif ./a.sarif is given twice; read once",
        "--sarif link.sarif is given twice; read once",
        "copy.sarif is the same run as a.sarif; read once",
    ]


def test_a_run_that_stands_in_two_files_is_read_once(tmp_path: Path) -> None:
    one, other = (log(result(), driver={"name": name}) for name in ("One", "Other"))
    both = one.removesuffix(b"]}") + b", " + other.partition(b'"runs": [')[2]
    (tmp_path / "one.sarif").write_bytes(one)
    (tmp_path / "both.sarif").write_bytes(both)
    said: list[str] = []
    found = read(tmp_path, "one.sarif", "both.sarif", progress=said)
    assert [(scan.engine, scan.subject) for scan in found] == [
        ("one", "one.sarif"),
        ("other", "both.sarif"),
    ]
    assert said == ["runs[0] of both.sarif is the same run as one.sarif; read once"]


def test_standard_input_can_be_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "-", stdin=log(result()))
    assert (found.subject, len(found.sightings)) == ("stdin", 1)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("gone.sarif", "--sarif gone.sarif: is not there"),
        (".", "--sarif .: is no file; - is standard input"),
    ],
)
def test_a_file_that_is_not_there_is_a_wrong_call_before_any_is_read(
    file: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.sarif").write_bytes(b"")
    with pytest.raises(UsageError, match=said.replace("-", "[-]")):
        read(tmp_path, "a.sarif", file)


def test_the_engine_without_a_file_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name them with --sarif FILE"):
        read(tmp_path)


def test_a_file_that_is_too_large_is_a_case(tmp_path: Path) -> None:
    with (tmp_path / "a.sarif").open("wb") as stream:
        stream.truncate(300 * 1024 * 1024)
    (found,) = read(tmp_path, "a.sarif")
    assert "is too large: 314,572,800 bytes" in found.cases[0].message


def test_paths_begin_at_the_source_root_and_are_shown_from_here(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "app.py").write_text("x\n")
    (tmp_path / "a.sarif").write_bytes(log(result()))
    (found,) = read(tmp_path, "a.sarif", source_root="service")
    assert [str(one.locations[0]) for one in found.sightings] == ["service/app.py:1"]
    assert found.notes == ()


def test_a_source_root_that_is_no_folder_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_bytes(log())
    with pytest.raises(UsageError, match="--source-root gone: there is no such folder"):
        read(tmp_path, "a.sarif", source_root="gone")


def test_with_a_path_only_findings_in_it_count_and_the_others_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_bytes(log(*map(result, ("app.py", "lib/app.py")), result("x")))
    part = Subjects(files=("lib/app.py",), whole=False)
    (found,) = read(tmp_path, "a.sarif", subjects=part)
    assert [one.locations[0].path for one in found.sightings] == ["lib/app.py"]
    assert found.notes[-1] == "2 findings in other files left out"
    assert found.partial


def test_what_is_excluded_is_left_out_and_what_is_in_no_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_bytes(log(result(), result("lib/x.py"), result(locations=[])))
    (found,) = read(tmp_path, "a.sarif", exclude=("lib",))
    assert [one.locations[0].path for one in found.sightings if one.locations] == ["app.py"]
    assert len(found.sightings) == 2
    assert not found.partial
