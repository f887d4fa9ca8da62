from pathlib import Path

import pytest

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict import snippets
from buildsteps.steps.scan.verdict.snippets import with_snippets
from tests.world_double import fake_world

CODE = (
    'import os\n\nPASSWORD = "hunter2x"\nos.system(\n    command,\n)\nprint("hunter2x", eval(x))\n'
)


def sighting(place: Location | None, **more: object) -> Sighting:
    values = {
        "engine": "bandit",
        "rule": "B602",
        "severity": Severity.HIGH,
        "message": "a message",
        "locations": (place,) if place else (),
        **more,
    }
    return Sighting(**values)  # type: ignore[arg-type]


def found(
    folder: Path, *sightings: Sighting, roots: tuple[Path, ...] | None = None
) -> list[Finding]:
    findings = [
        Finding(
            rule=one.rule,
            severity=one.severity,
            message=one.message,
            locations=one.locations,
            fix=one.fix,
            engines=(one.engine,),
        )
        for one in sightings
    ]
    groups = [(one,) for one in sightings]
    return with_snippets(findings, groups, roots or (folder,), fake_world(folder))


def snippet(folder: Path, place: Location | None, **more: object) -> str:
    return found(folder, sighting(place, **more))[0].snippet


def test_a_place_is_shown_with_numbers_and_carets(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    assert snippet(tmp_path, Location("a.py", 7, 19, 7, 26)) == (
        '  7 | print("hunter2x", eval(x))\n'
        "    |                   ^^^^^^^"
    )  # fmt: skip


def test_a_place_without_columns_has_no_carets(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    assert snippet(tmp_path, Location("a.py", 1)) == "  1 | import os"


def test_of_a_place_over_many_lines_four_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    assert snippet(tmp_path, Location("a.py", 4, 1, 6, 2)) == (
        "  4 | os.system(\n    | ^^^^^^^^^^\n  5 |     command,\n  6 | )"
    )
    assert snippet(tmp_path, Location("a.py", 1, end_line=7)).endswith("  4 | os.system(\n  … |")


def test_a_minified_line_is_cut_around_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("x" * 300_000 + "eval(y)" + "z" * 300_000)
    shown = snippet(tmp_path, Location("a.js", 1, 300_001, 1, 300_008))
    line, carets = shown.split("\n")
    assert line[carets.index("^") :].startswith("eval(y)z")
    assert len(shown) < 300


@pytest.mark.parametrize(
    "content",
    [
        "prix = 'été'\n".encode("utf-16"),
        b"\xef\xbb\xbfprix = '\xc3\xa9t\xc3\xa9'\n",
        b"# -*- coding: latin-1 -*-\nprix = '\xe9t\xe9'\n",
    ],
)
def test_other_encodings_are_read_as_they_declare_themselves(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.py").write_bytes(content)
    line = 2 if b"latin" in content else 1
    assert snippet(tmp_path, Location("a.py", line)) == f"  {line} | prix = 'été'"


def test_what_does_not_decode_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\xe9'\n")
    assert snippet(tmp_path, Location("a.py", 1)) == "  1 | x = '�'"


@pytest.mark.parametrize("path", ["gone.py", "folder", "", "a\0b", "binary", "../outside.py"])
def test_what_cannot_be_shown_has_no_snippet(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "binary").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "outside.py").write_text("secret")
    assert snippet(root, Location(path, 1)) == ""


def test_a_line_beyond_the_end_has_no_snippet(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    assert [snippet(tmp_path, Location("a.py", line)) for line in (0, 2, 10**9)] == ["", "", ""]


def test_a_link_out_of_what_was_scanned_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "passwd").write_text("root:x:0:0\n")
    (root / "a.py").symlink_to(tmp_path / "passwd")
    assert snippet(root, Location("a.py", 1)) == ""
    shown = found(root, sighting(Location("a.py", 1)), roots=(tmp_path,))[0].snippet
    assert shown == "  1 | root:x:0:0"


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snippets, "LARGEST", 10)
    (tmp_path / "a.py").write_text("x = 1  # more than ten bytes")
    assert snippet(tmp_path, Location("a.py", 1)) == ""


def test_what_the_engine_shows_stands_in_for_a_file_that_is_not_here(tmp_path: Path) -> None:
    shown = snippet(tmp_path, Location("gone.py", 9), snippet="call(\n  x)\n3\n4\n5\n")
    assert shown == "    | call(\n    |   x)\n    | 3\n    | 4\n    |"


def test_a_secret_is_masked_in_snippet_message_and_fix(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    one = found(
        tmp_path,
        sighting(
            Location("a.py", 3, 12, 3, 22),
            secret=True,
            message="Possible hardcoded password: 'hunter2x'",
            fix="replace hunter2x",
        ),
    )[0]
    assert one.snippet == "  3 | PASSWORD = ****"
    assert one.message == "Possible hardcoded password: '****'"
    assert one.fix == "replace ****"
    assert one.cwes == (798,)


def test_what_others_found_on_the_line_or_near_a_copy_does_not_show_it_either(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.py").write_text(CODE)
    shown = found(
        tmp_path,
        sighting(Location("a.py", 3), message="hunter2x is short"),
        sighting(Location("a.py", 7, 19, 7, 26), message="eval"),
        sighting(Location("a.py", 2, end_line=4)),
        sighting(Location("a.py", 3, 12, 3, 22), secret=True),
    )
    assert "hunter2x" not in "".join(f"{one.snippet}{one.message}" for one in shown)
    assert shown[1].snippet == '  7 | print("****", eval(x))'


def test_the_clear_secret_that_gitleaks_quotes_is_shown_nowhere(tmp_path: Path) -> None:
    for place in (Location("gone.env", 1), None, Location("gone.env")):
        one = found(
            tmp_path,
            sighting(place, secret=True, snippet="AKIA1234567890", message="key AKIA1234567890"),
        )[0]
        assert (one.snippet, one.message) == ("", "key ****")


def test_in_a_file_with_a_secret_on_an_unknown_line_nothing_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    shown = found(tmp_path, sighting(Location("a.py"), secret=True), sighting(Location("a.py", 3)))
    assert [one.snippet for one in shown] == ["", ""]


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(CODE)
    world = fake_world(tmp_path)
    read: list[Path] = []
    whole = world.files.read_bytes

    def counting(path: Path, limit: int) -> bytes:
        read.append(path)
        return whole(path, limit)

    monkeypatch.setattr(world.files, "read_bytes", counting)
    sightings = [sighting(Location("a.py", line)) for line in (1, 4, 7)]
    findings = [
        Finding(rule="r", severity=Severity.LOW, message="m", locations=one.locations)
        for one in sightings
    ]
    with_snippets(findings, [(one,) for one in sightings], (tmp_path,), world)
    assert len(read) == 1
