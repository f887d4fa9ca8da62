import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.baseline import Trace
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.tracing import Traced, TracePaths, traced
from buildsteps.world import World
from tests.world_double import fake_world

CODE = "import os\n\ndef f():\n    eval(x)\n    return\n"


def trace_all(folder: Path, *seen: Sighting, world: World | None = None) -> Traced:
    """Trace findings that one engine saw, each by itself."""
    findings = [
        Finding(
            rule=one.rule,
            severity=one.severity,
            message=one.message,
            locations=one.locations,
            snippet=one.snippet,
        )
        for one in seen
    ]
    return traced(findings, [(one,) for one in seen], folder, world or fake_world(folder))


def seen(path: str = "a.py", line: int | None = 4, rule: str = "B307", **more: object) -> Sighting:
    values: dict[str, object] = {"locations": (Location(path, line),), "message": "m", **more}
    return Sighting(engine="bandit", rule=rule, severity=Severity.HIGH, **values)  # type: ignore[arg-type]


def trace(folder: Path, code: str | bytes, sighting: Sighting, name: str = "a.py") -> Trace:
    (folder / name).write_bytes(code.encode() if isinstance(code, str) else code)
    (found,) = trace_all(folder, sighting).traces.values()
    return found


def fingerprints(found: Traced) -> list[str]:
    return [one.fingerprint for one in found.findings]


def test_moved_lines_change_nothing(tmp_path: Path) -> None:
    moved = "# 1\n# 2\n\n\n" + CODE
    assert trace(tmp_path, moved, seen(line=8)) == trace(tmp_path, CODE, seen())


def test_the_message_is_no_part_of_it(tmp_path: Path) -> None:
    assert trace(tmp_path, CODE, seen(message="a")) == trace(tmp_path, CODE, seen(message="b"))


def test_a_changed_line_beside_it_changes_its_surroundings_only(tmp_path: Path) -> None:
    before = trace(tmp_path, CODE, seen())
    after = trace(tmp_path, CODE.replace("return", "return 1"), seen())
    assert (before.line, before.within) == (after.line, after.within)
    assert before.around != after.around


def test_another_function_is_another_block(tmp_path: Path) -> None:
    before = trace(tmp_path, CODE, seen())
    after = trace(tmp_path, CODE.replace("f()", "g()"), seen())
    assert before.line == after.line
    assert before.within != after.within


def test_another_text_is_another_line(tmp_path: Path) -> None:
    after = trace(tmp_path, CODE.replace("(x)", "(y)"), seen())
    assert after.line != trace(tmp_path, CODE, seen()).line


def test_paths_begin_at_the_folder_of_the_baseline(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.py").write_text(CODE)
    from_below = trace_all(tmp_path, seen("a.py"), world=fake_world(tmp_path / "sub"))
    from_above = trace_all(tmp_path, seen("./sub/a.py"))
    assert from_below.traces == from_above.traces
    (found,) = from_above.traces.values()
    assert found.path == "sub/a.py"


def test_fingerprints_are_distinct_and_number_what_is_alike_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(x)\neval(y)\neval(x)\n")
    first, other, second = fingerprints(
        trace_all(tmp_path, seen(line=3), seen(line=2), seen(line=1))
    )
    assert first == f"{second}-2"
    assert other not in {first, second}


def test_two_findings_of_a_rule_on_one_line_are_two(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    assert len(trace_all(tmp_path, seen(), seen()).traces) == 2


def test_a_finding_in_no_file_is_known_by_what_the_engine_calls_it(tmp_path: Path) -> None:
    found = trace_all(
        tmp_path,
        seen(locations=(), identity="openssl CVE-1", message="a"),
        seen(locations=(), identity="openssl CVE-1", message="b"),
        seen(locations=(), identity="openssl CVE-2"),
    )
    first, second, other = found.traces.values()
    assert first == second
    assert first.line != other.line
    assert first.path == ""


def test_what_the_engine_calls_it_outranks_its_line(tmp_path: Path) -> None:
    def pinned(version: str) -> Trace:
        sighting = seen("requirements.txt", 1, identity="requests")
        return trace(tmp_path, f"requests=={version}\n", sighting, "requirements.txt")

    assert pinned("2.0") == pinned("2.1")
    assert pinned("2.0").path == "requirements.txt"


def test_the_tag_of_an_image_is_no_part_of_what_is_in_no_file(tmp_path: Path) -> None:
    found = trace_all(
        tmp_path,
        seen("app:1", None, identity="openssl CVE-1"),
        seen("app:2", None, identity="openssl CVE-1"),
    )
    assert len(set(found.traces.values())) == 1


@pytest.mark.parametrize("line", [None, 9, 2**60])
def test_a_place_that_cannot_be_read_is_known_by_its_snippet(
    tmp_path: Path, line: int | None
) -> None:
    path = "a.py" if line == 9 else "gone.py"
    (tmp_path / "a.py").write_text(CODE)
    found = trace_all(
        tmp_path,
        seen(path, line, snippet="eval(x)"),
        seen(path, line, snippet="  eval(x) \n", message="other"),
        seen(path, line, snippet="eval(y)"),
    )
    first, second, other = found.traces.values()
    assert first == second
    assert first.line != other.line
    assert first.path == path


def test_a_secret_makes_no_hash(tmp_path: Path) -> None:
    def with_secret(value: str) -> Trace:
        code = f'TOKEN = "{value}"\nuse(TOKEN)\n'
        return trace(tmp_path, code, seen(line=1, secret=True, snippet=value))

    assert with_secret("hunter2") == with_secret("swordfish")


def test_a_secret_makes_no_hash_of_what_stands_beside_it(tmp_path: Path) -> None:
    def beside(value: str) -> list[Trace]:
        (tmp_path / "a.py").write_text(f'if TOKEN == "{value}":\n    eval(x)\n')
        secret, same_line = seen(line=1, secret=True), seen(line=1, rule="B105")
        other_name = seen("./a.py", 2)
        return list(trace_all(tmp_path, secret, same_line, other_name).traces.values())

    assert beside("hunter2") == beside("swordfish")


def test_a_secret_in_no_readable_file_makes_no_hash_of_its_snippet(tmp_path: Path) -> None:
    (found,) = trace_all(tmp_path, seen("gone", secret=True, snippet="hunter2")).traces.values()
    (other,) = trace_all(tmp_path, seen("gone", secret=True, snippet="swordfish")).traces.values()
    assert found == other


def test_files_outside_the_project_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "outside").write_text(CODE)
    world = fake_world(tmp_path / "project")
    found = trace_all(tmp_path / "project", seen("../outside"), world=world)
    (tmp_path / "outside").write_text(CODE.replace("eval", "exec"))
    again = trace_all(tmp_path / "project", seen("../outside"), world=world)
    assert found.traces == again.traces


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    found = trace_all(tmp_path, seen("folder"), seen("pipe"), seen("with\0nul"), seen("."))
    assert len(found.traces) == 4


def test_a_name_that_is_no_utf_8_can_be_written(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.py")
    assert TracePaths(tmp_path, fake_world(tmp_path)).of(name) == "\\xff.py"


@settings(max_examples=50, deadline=None)
@given(
    code=st.lists(st.sampled_from(["eval(x)", "  eval(x)", "y = 1", "", "def f():"]), max_size=9),
    above=st.lists(st.sampled_from(["# one", "", "other = 2"]), max_size=5),
    line=st.integers(1, 12),
)
def test_lines_put_above_the_first_one_change_no_fingerprint(
    tmp_path_factory: pytest.TempPathFactory, code: list[str], above: list[str], line: int
) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "a.py").write_text("\n".join(code))
    before = trace_all(folder, seen(line=line))
    if line > len(code) or (code[line - 1 :] == [""]):
        return  # no such line
    (folder / "a.py").write_text("\n".join([*above, *code]))
    after = trace_all(folder, seen(line=line + len(above)))
    assert fingerprints(before) == fingerprints(after)


@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=80), lines=st.lists(st.integers(-2, 12), max_size=6))
def test_any_bytes_and_lines_give_each_finding_a_fingerprint_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, lines: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "a.py").write_bytes(data)
    found = trace_all(folder, *(seen(line=line) for line in lines))
    assert len(set(fingerprints(found))) == len(lines)
