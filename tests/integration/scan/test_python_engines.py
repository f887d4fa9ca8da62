"""What holds for bandit and ruff alike."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import WorldError
from buildsteps.results import Cause, Location
from buildsteps.steps.scan.python_rules import canonical
from buildsteps.world.process import Completed
from tests.integration.scan.engines import (
    VERSION,
    cases,
    place,
    read,
    scanned,
    told,
    world_at,
)

ENGINES = pytest.mark.parametrize("engine", ["bandit", "ruff"])
EVAL = {"bandit": "B307", "ruff": "S307"}
ODD_NAMES = ["a b.py", "ä.py", "-d.py", "--help.py", "-", "new\nline.py", "@list.py", "a,b.py"]


@ENGINES
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_of_any_name_is_read(engine: str, name: str, tmp_path: Path) -> None:
    source = "#!/usr/bin/env python\neval(x)\n"
    found = scanned(engine, tmp_path, {name: source})
    assert read(found) == {name}
    assert place(found, EVAL[engine]).path == name
    assert not found.cases


@ENGINES
@pytest.mark.skipif(sys.platform == "darwin", reason="platform: names are UTF-8 there")
def test_names_that_are_no_utf8_are_told_apart(engine: str, tmp_path: Path) -> None:
    files = {os.fsdecode(b"\xfe.py"): "#\neval(x)\n", os.fsdecode(b"\xff.py"): "#\n\neval(x)\n"}
    found = scanned(engine, tmp_path, files)
    places = [one.locations[0] for one in found.sightings if one.rule == EVAL[engine]]
    assert [(one.path, one.line) for one in places] == [("\udcfe.py", 2), ("\udcff.py", 3)]
    assert read(found) == set(files)


@ENGINES
def test_folders_that_the_engine_would_leave_out_are_read(engine: str, tmp_path: Path) -> None:
    files = {".github/scripts/a.py": "eval(x)\n", "build/b.py": "eval(x)\n", "x.egg/c.py": ""}
    assert read(scanned(engine, tmp_path, files)) == set(files)


@ENGINES
def test_the_projects_own_configuration_has_no_say(engine: str, tmp_path: Path) -> None:
    configuration = {
        ".bandit": "[bandit]\nskips = B307\nexclude = ./a.py\n",
        "pyproject.toml": "[tool.bandit]\nskips=['B307']\n[tool.ruff]\nexclude=['a.py']\n",
        "ruff.toml": "lint.select = ['E']\nexclude = ['a.py']\n",
        ".ruff.toml": "force-exclude = true\nexclude = ['a.py']\n",
    }
    found = scanned(engine, tmp_path, {**configuration, "a.py": "eval(x)\n"})
    assert place(found, EVAL[engine]) == Location("a.py", 1, 1, 1, 8)
    assert not (tmp_path / "stolen.json").exists()


@ENGINES
def test_modules_of_the_project_are_not_run(engine: str, tmp_path: Path) -> None:
    trap = "open('trapped', 'w')\n"
    modules = ("bandit", "ruff", "yaml", "ast", "json", "logging", "tokenize", "sitecustomize")
    found = scanned(engine, tmp_path, {f"{name}.py": trap for name in modules})
    assert len(found.read or ()) == len(modules)
    assert not (tmp_path / "trapped").exists()


@ENGINES
def test_columns_count_characters(engine: str, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"a.py": "s = 'äöü€😀'; eval(s)\n"})
    assert place(found, EVAL[engine]) == Location("a.py", 1, 14, 1, 21)


@ENGINES
@pytest.mark.parametrize(
    "data",
    [
        b"# -*- coding: latin-1 -*-\ns = '\xe4\xf6'; eval(s)\n",
        b"\xef\xbb\xbf# a mark\ns = '\xc3\xa4\xc3\xb6'; eval(s)\n",
        b"# windows\r\ns = '\xc3\xa4\xc3\xb6'; eval(s)\r\n",
    ],
)
def test_a_file_is_read_in_its_encoding(engine: str, data: bytes, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"a.py": data})
    assert place(found, EVAL[engine]) == Location("a.py", 2, 11, 2, 18)
    assert read(found) == {"a.py"}


@ENGINES
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("eval(x)".encode("utf-16"), "is UTF-16, not UTF-8; save it as UTF-8"),
        (b"x = 1\ny = '\xe4'\n", "is not UTF-8 in line 2; save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_an_error_of_the_subject(
    engine: str, data: bytes, message: str, tmp_path: Path
) -> None:
    found = scanned(engine, tmp_path, {"a.py": data, "b.py": "eval(x)\n"})
    assert cases(found) == [("subject", "a.py", message)]
    assert read(found) == {"b.py"}


def test_an_encoding_that_nobody_knows_is_an_error_for_python_and_nothing_to_ruff(
    tmp_path: Path,
) -> None:
    files = {"a.py": "# coding: klingon\neval(x)\n"}
    why = "is in no encoding that Python knows: unknown encoding: klingon; save it as UTF-8"
    assert cases(scanned("bandit", tmp_path, files)) == [("subject", "a.py", why)]
    assert place(scanned("ruff", tmp_path, files), "S307").line == 2


@ENGINES
def test_a_file_that_does_not_parse_is_told_with_its_line(engine: str, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"a.py": "x = 1\ndef f(:\n", "b.py": "eval(x)\n"})
    ((cause, where, message),) = cases(found)
    assert (cause, where) == ("subject", "a.py:2:7")
    of_whom = f"for Python {VERSION}" if engine == "bandit" else "Python"
    assert message.startswith(f"is not valid {of_whom}: ")
    assert read(found) == {"b.py"}
    assert found.partial


@ENGINES
@pytest.mark.parametrize(
    "data", [b"", b"\n", b"#\n", b"\x0c", b"x = '" + b"a" * 3_000_000 + b"'\n", b"x = 1"]
)
def test_odd_content_is_read(engine: str, data: bytes, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"a.py": data})
    assert read(found) == {"a.py"}
    assert not found.cases


@ENGINES
@pytest.mark.parametrize("data", [b"x = 1\0\n", b"(" * 5000, b"x = " + b"-" * 100_000 + b"1\n"])
def test_what_the_engine_cannot_stand_is_an_error_of_that_file(
    engine: str, data: bytes, tmp_path: Path
) -> None:
    if engine == "ruff" and b"--" in data:
        data = b"(" * 5001
    found = scanned(engine, tmp_path, {"a.py": data, "b.py": "eval(x)\n"})
    assert [(case.name, case.cause) for case in found.cases] == [("a.py", Cause.SUBJECT)]
    assert read(found) == {"b.py"}


@ENGINES
def test_a_file_that_is_gone_is_never_clean(engine: str, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"b.py": ""}, also=["gone.py"])
    assert [case.name for case in found.cases] == ["gone.py"]
    assert read(found) == {"b.py"}


@ENGINES
def test_nothing_to_scan_is_nothing_read(engine: str, tmp_path: Path) -> None:
    found = scanned(engine, tmp_path, {"README": "hello"})
    assert (found.read, found.subject) == (frozenset(), "0 files")


@ENGINES
def test_an_engine_that_prints_garbage_is_never_clean(engine: str, tmp_path: Path) -> None:
    word = "json"
    world = world_at(tmp_path, {word: Completed(0, b"{oops", b"")})
    if engine == "ruff":
        with pytest.raises(WorldError, match="something else than its JSON"):
            scanned(engine, tmp_path, {"a.py": ""}, world)
        return
    found = scanned(engine, tmp_path, {"a.py": ""}, world)
    assert cases(found) == [("world", "a.py", "bandit wrote something else than its JSON")]


@ENGINES
def test_an_engine_that_takes_too_long_is_told_as_such(engine: str, tmp_path: Path) -> None:
    from buildsteps.steps.scan.engines import bandit, ruff
    from buildsteps.steps.scan.settings import ScanOptions
    from buildsteps.steps.scan.subjects import Subjects

    (tmp_path / "a.py").write_text("")
    options = ScanOptions(timeout=0.001)
    with pytest.raises(WorldError, match=f"^{engine} did not end within 0.001 seconds$"):
        {"bandit": bandit, "ruff": ruff}[engine].scan(
            Subjects(files=("a.py",)), options, world_at(tmp_path)
        )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=60), min_size=6, max_size=6, unique=True))
def test_every_file_is_read_or_an_error_whatever_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    files = {f"{number}.py": content for number, content in enumerate(contents)}
    for engine in ("bandit", "ruff"):
        found = scanned(engine, folder, files)
        named = {case.name for case in found.cases}
        assert (found.read or set()) | named == set(files)
        assert not (found.read or set()) & named
        assert all(case.cause is Cause.SUBJECT for case in found.cases)


SUPPRESSED = """\
import subprocess
subprocess.call(x, shell=True)  # nosec B602 - checked above  # noqa: S602 also checked
eval(a)  # nosec
eval(b)  # noqa: S307
eval(c)  # ruff: ignore[S307] a literal
eval(
    d,
)  # nosec B307 over three lines
eval(e)
"""


def test_nosec_is_honoured_and_counted(tmp_path: Path) -> None:
    found = scanned("bandit", tmp_path, {"a.py": SUPPRESSED, "b.py": "eval(x)\n"})
    about = [line for line in told(found) if "B404" not in line]
    assert about == [
        "a.py:2:1 B602 high (checked above)",
        "a.py:3:1 B307 high (nosec without a reason)",
        "a.py:4:1 B307 high",
        "a.py:5:1 B307 high",
        "a.py:6:1 B307 high (over three lines)",
        "a.py:9:1 B307 high",
        "b.py:1:1 B307 high",
    ]


def test_bandit_is_asked_again_about_files_with_a_suppression_only(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    scanned("bandit", tmp_path, {"a.py": SUPPRESSED, "b.py": "eval(x)  # no second look\n"}, world)
    _, again = world.processes.calls  # type: ignore[attr-defined]
    assert again[-3:] == ("--ignore-nosec", "--", "./a.py")


def test_noqa_is_honoured_and_counted(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": SUPPRESSED,
        "b.py": "# ruff: noqa: S307 generated\nimport x\neval(x)\nassert x\n",
        "c.py": b"# coding: latin-1\nx = '\xe4'\neval(x)  # noqa: S307 gepr\xfcft\n",
    }
    found = scanned("ruff", tmp_path, files)
    about = [line for line in told(found) if "F821" not in line]
    assert about == [
        "a.py:2:1 S602 high (also checked)",
        "a.py:3:1 S307 high",
        "a.py:4:1 S307 high (noqa without a reason)",
        "a.py:5:1 S307 high (a literal)",
        "a.py:6:1 S307 high",
        "a.py:9:1 S307 high",
        "b.py:3:1 S307 high (generated)",
        "b.py:4:1 S101 low",
        "c.py:3:1 S307 high (geprüft)",
    ]


def test_ruff_is_asked_again_about_files_with_a_mark_and_a_finding_only(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    scanned(
        "ruff", tmp_path, {"a.py": SUPPRESSED, "b.py": "eval(x)\n", "c.py": "x = 'noqa'\n"}, world
    )
    heeding = [
        call
        for call in world.processes.calls  # type: ignore[attr-defined]
        if "json" in call and "--ignore-noqa" not in call
    ]
    assert [call[-2:] for call in heeding] == [("--", "./a.py")]


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    source = (
        "password = 'zV9kq2Lw8xPtA1'\nconnect(token='hunter2x')\ndef f(secret='pa55word'): ...\n"
    )
    for engine in ("bandit", "ruff"):
        found = scanned(engine, tmp_path, {"a.py": source})
        secrets = [
            one for one in found.sightings if canonical(one.rule) in ("B105", "B106", "B107")
        ]
        assert [str(one.severity) for one in secrets] == ["high", "medium", "medium"]
        for one in secrets:
            assert one.secret
            assert not any(word in one.message + one.snippet for word in ("zV9", "hunter2", "pa55"))


def test_a_call_over_several_lines_has_an_extent(tmp_path: Path) -> None:
    source = "import subprocess\nsubprocess.run(\n    x,\n    shell=True,\n)\n"
    found = scanned("bandit", tmp_path, {"a.py": source})
    (one,) = [one for one in found.sightings if one.rule == "B602"]
    assert one.locations == (Location("a.py", 4),)
    assert one.extent == (2, 5)


def test_bandit_names_title_help_and_weakness(tmp_path: Path) -> None:
    found = scanned("bandit", tmp_path, {"a.py": "eval(x)\nassert x\n"})
    evaluation, assertion = found.sightings
    assert (evaluation.title, evaluation.cwes) == ("eval", (78,))
    assert assertion.title == "assert used"
    assert evaluation.help.startswith("https://bandit.readthedocs.io/")


def test_ruff_names_title_help_weakness_and_fix(tmp_path: Path) -> None:
    found = scanned("ruff", tmp_path, {"a.py": "def f(x):\n    return x == None or eval(x)\n"})
    comparison, evaluation = found.sightings
    assert (evaluation.title, evaluation.cwes) == ("suspicious eval usage", (78,))
    assert evaluation.help == "https://docs.astral.sh/ruff/rules/suspicious-eval-usage"
    assert comparison.fix == "Replace with `cond is None`: x is None"


def test_the_file_that_bandit_breaks_on_is_found_and_the_others_are_judged(tmp_path: Path) -> None:
    # bandit cannot write a lone surrogate that it quotes, and writes no report at all.
    files = {f"{number}.py": "eval(x)\n" for number in range(7)}
    found = scanned("bandit", tmp_path, {**files, "broken.py": "password = '\\ud800 lone'\n"})
    ((cause, where, message),) = cases(found)
    assert (cause, where) == ("world", "broken.py")
    assert message == "bandit failed on it, with exit status 1"
    assert read(found) == set(files)
    assert len(found.sightings) == len(files)


def test_a_bandit_that_does_not_run_at_all_is_told_at_once(tmp_path: Path) -> None:
    broken = Completed(1, b"", b"Traceback\nImportError: no stevedore\n")
    world = world_at(tmp_path, {"bandit": broken})
    with pytest.raises(WorldError, match=r"^bandit failed$") as caught:
        scanned("bandit", tmp_path, {"a.py": "", "b.py": "", "c.py": ""}, world)
    assert caught.value.detail.endswith("ImportError: no stevedore")
    assert len(world.processes.calls) == 2  # type: ignore[attr-defined]


def test_a_rule_of_bandit_that_breaks_on_a_file_is_an_error(tmp_path: Path) -> None:
    said = (
        b"[tester]\tERROR\tBandit internal error running: yaml_load on file ././a.py at line 3: "
        b"no such thingTraceback (most recent call last):\n"
    )
    answer = b'{"results": [], "errors": [], "metrics": {"_totals": {}, "././a.py": {}}}'
    world = world_at(tmp_path, {"json": Completed(0, answer, said)})
    found = scanned("bandit", tmp_path, {"a.py": ""}, world)
    assert cases(found) == [
        ("world", "a.py:3", "bandit's rule yaml_load failed on it: no such thing")
    ]


def test_a_file_that_bandit_says_nothing_of_is_never_clean(tmp_path: Path) -> None:
    answer = b'{"results": [], "errors": [], "metrics": {"_totals": {}}}'
    world = world_at(tmp_path, {"json": Completed(0, answer, b"")})
    found = scanned("bandit", tmp_path, {"a.py": ""}, world)
    assert cases(found) == [("world", "a.py", "bandit did not say that it read it")]


def test_a_file_that_ruff_does_not_list_is_never_clean(tmp_path: Path) -> None:
    world = world_at(tmp_path, {"--show-files": Completed(0, b"", b"warning: No Python files")})
    found = scanned("ruff", tmp_path, {"a.py": ""}, world)
    assert cases(found) == [("world", "a.py", "ruff did not read it")]
    assert read(found) == set()


def test_a_ruff_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    world = world_at(tmp_path, {"json": Completed(2, b"", b"ruff failed\n  Cause: no memory\n")})
    with pytest.raises(WorldError, match="exit status 2") as caught:
        scanned("ruff", tmp_path, {"a.py": ""}, world)
    assert caught.value.detail.endswith("Cause: no memory")


def test_rules_that_this_ruff_lacks_are_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from buildsteps.steps.scan.engines import ruff_calls

    monkeypatch.setattr(ruff_calls, "SELECTED", ("S", "QQQ999"))
    found = scanned("ruff", tmp_path, {"a.py": "eval(x)\n"})
    assert told(found) == ["a.py:1:1 S307 high"]
    assert found.notes == (f"ruff {found.version} has no rule QQQ999",)


@pytest.mark.parametrize("engine", ["bandit", "ruff"])
def test_an_engine_that_is_not_installed_says_how_to(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from buildsteps.steps.scan.engines import bandit, ruff_calls

    monkeypatch.setattr(bandit, "find_spec", lambda _: None)
    monkeypatch.setattr(ruff_calls, "import_module", lambda _: object())
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(WorldError) as caught:
        scanned(engine, tmp_path, {"a.py": ""})
    assert str(caught.value) == f"{engine} is not installed: pip install 'buildsteps[scan]'"
