"""`buildsteps cedar-format` as a user, a hook and an editor run it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from buildsteps.errors import WorldError
from buildsteps.steps.cedar.formatting.settings import FormatOptions
from buildsteps.world.rewriting import rewrite
from tests.acceptance.test_docs import options_table
from tests.command_line import ROOT, Ran, buildsteps, clean_environment

UGLY = "// who\npermit(principal,action,resource)when{true}; // why\n"
NEAT = "// who\npermit (principal, action, resource)\nwhen { true }; // why\n"
NOBODY = 65534

not_for_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="platform: needs root to be another"
)


def formatted(*arguments: str, cwd: Path, stdin: str = "") -> Ran:
    return buildsteps("cedar-format", *arguments, cwd=cwd, stdin=stdin)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.tmp"))


def test_a_check_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(UGLY)
    ran = formatted("--check", cwd=tmp_path)
    assert ran.code == 1
    assert "a.cedar:2: would be reformatted" in ran.out
    assert "-permit(principal,action,resource)when{true}; // why" in ran.out
    assert "+permit (principal, action, resource)" in ran.out
    assert (tmp_path / "a.cedar").read_text() == UGLY


def test_formatting_rewrites_and_satisfies_the_check(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("a.cedar", "tests/b.cedar"):
        (tmp_path / name).write_text(UGLY)
    ran = formatted(cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "2 files, 2 formatted" in ran.out
    assert (tmp_path / "a.cedar").read_text() == (tmp_path / "tests/b.cedar").read_text() == NEAT
    ran = formatted("--check", cwd=tmp_path)
    assert (ran.code, "2 files, 0 would be reformatted" in ran.out) == (0, True)
    assert leftovers(tmp_path) == []


def test_what_is_formatted_already_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "a.cedar"
    file.write_text(NEAT)
    os.utime(file, (1, 1))
    ran = formatted("--format", "json", cwd=tmp_path)
    assert ran.cases("passed") == [("format", "format a.cedar")]
    assert ran.report["cases"][0]["message"] == ""
    assert file.stat().st_mtime == 1


def test_a_broken_file_stays_and_the_others_are_done(tmp_path: Path) -> None:
    broken = f"{UGLY}permit(principal, action resource);\n"
    (tmp_path / "a.cedar").write_text(broken)
    (tmp_path / "b.cedar").write_text(UGLY)
    ran = formatted(cwd=tmp_path)
    assert ran.code == 1
    assert "a.cedar:3:26: unexpected token `resource`" in ran.out
    assert "    3 | permit(principal, action resource);\n" in ran.out
    assert f"\n      | {' ' * 25}{'^' * 8}\n" in ran.out
    assert (tmp_path / "a.cedar").read_text() == broken
    assert (tmp_path / "b.cedar").read_text() == NEAT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (UGLY.encode("utf-16"), "is UTF-16, not UTF-8; save it as UTF-8"),
        (b"// \xff\n", "is not UTF-8 (byte 0xff); save it as UTF-8"),
        (b'{"staticPolicies": {}}', "holds policies in Cedar's JSON format"),
        (
            b"permit(principal,action,resource) when {"
            + b"(" * 3000
            + b"true"
            + b")" * 3000
            + b"};",
            "levels deep, too deep for the engine",
        ),
        (b"permit(principal,action,resource) when { \x00 };", "invalid token"),
    ],
)
def test_what_cannot_be_formatted_is_an_error_and_stays(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "a.cedar").write_bytes(content)
    ran = formatted("--format", "json", cwd=tmp_path)
    assert ran.code == 1
    (case,) = ran.report["cases"]
    assert (case["outcome"], case["cause"]) == ("error", "subject")
    assert message in case["message"]
    assert (tmp_path / "a.cedar").read_bytes() == content


def test_a_comment_beside_a_trailing_comma_survives(tmp_path: Path) -> None:
    text = 'permit(principal,action,resource) when { ["a", // one\n"b", // two\n] == [] };'
    (tmp_path / "a.cedar").write_text(text)
    assert formatted(cwd=tmp_path).code == 0
    made = (tmp_path / "a.cedar").read_text()
    assert ("// one" in made, "// two" in made) == (True, True)


def test_windows_line_ends_stay_and_a_byte_order_mark_goes(tmp_path: Path) -> None:
    file = tmp_path / "a.cedar"
    file.write_bytes(b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode())
    ran = formatted("--check", cwd=tmp_path)
    assert (ran.code, "would lose its byte order mark" in ran.out) == (1, True)
    assert formatted(cwd=tmp_path).code == 0
    assert file.read_bytes() == NEAT.replace("\n", "\r\n").encode()


def test_the_widths_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text('permit(principal == User::"alice",action,resource);')
    (tmp_path / "buildsteps.yaml").write_text("cedar_format: {line_width: 30}\n")
    assert formatted("--indent-width", "4", cwd=tmp_path).code == 0
    assert (tmp_path / "a.cedar").read_text() == (
        'permit (\n    principal ==\n        User::"alice",\n    action,\n    resource\n);\n'
    )
    for flags in (["--line-width", "0"], ["--indent-width", "99"], ["--indent-width", "-1"]):
        ran = formatted(*flags, cwd=tmp_path)
        assert (ran.code, flags[0] in ran.err) == (2, True)


# --- Which files ---------------------------------------------------------------------------------


def test_no_file_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(UGLY)
    ran = formatted(cwd=tmp_path)
    assert ran.code == 2
    assert "there is no Cedar policy file below `.` (--allow-empty accepts it)" in ran.out
    assert formatted("--allow-empty", cwd=tmp_path).code == 0


def test_a_path_that_is_not_there_is_a_wrong_call_and_nothing_is_done(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(UGLY)
    ran = formatted("a.cedar", "gone.cedar", cwd=tmp_path)
    assert (ran.code, "there is no file or folder `gone.cedar`" in ran.err) == (2, True)
    assert (tmp_path / "a.cedar").read_text() == UGLY


def test_a_named_file_is_taken_whatever_its_name_and_once(tmp_path: Path) -> None:
    (tmp_path / "policy.txt").write_text(UGLY)
    ran = formatted("policy.txt", "./policy.txt", "--format", "json", cwd=tmp_path)
    assert ran.cases("passed") == [("format", "format policy.txt")]
    assert (tmp_path / "policy.txt").read_text() == NEAT


def test_what_git_ignores_is_left_alone_unless_named(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "a.cedar").write_text(UGLY)
    (tmp_path / "b.cedar").write_text(UGLY)
    ran = formatted("--format", "json", cwd=tmp_path)
    assert ran.cases("passed") == [("format", "format b.cedar")]
    assert (tmp_path / "build" / "a.cedar").read_text() == UGLY
    assert formatted("build/a.cedar", cwd=tmp_path).code == 0
    assert (tmp_path / "build" / "a.cedar").read_text() == NEAT


def test_a_link_is_left_alone_unless_named_and_then_stays_one(tmp_path: Path) -> None:
    (tmp_path / "target.txt").write_text(UGLY)
    (tmp_path / "link.cedar").symlink_to("target.txt")
    assert formatted(cwd=tmp_path).code == 2
    assert formatted("link.cedar", cwd=tmp_path).code == 0
    assert (tmp_path / "link.cedar").is_symlink()
    assert (tmp_path / "target.txt").read_text() == NEAT


# --- Standard input ------------------------------------------------------------------------------


def test_standard_input_goes_to_standard_output_and_nothing_else_does(tmp_path: Path) -> None:
    ran = formatted("-", cwd=tmp_path, stdin=UGLY)
    assert ran == (0, NEAT, "")


def test_a_check_of_standard_input_gives_only_the_verdict(tmp_path: Path) -> None:
    ran = formatted("--check", "-", cwd=tmp_path, stdin=UGLY)
    assert (ran.code, "stdin:2: would be reformatted" in ran.out) == (1, True)
    assert formatted("--check", "-", cwd=tmp_path, stdin=NEAT).code == 0


def test_broken_or_empty_standard_input_is_no_success(tmp_path: Path) -> None:
    ran = formatted("-", cwd=tmp_path, stdin="permit(")
    assert (ran.code, "stdin:1:8: unexpected end of input" in ran.out) == (1, True)
    assert formatted("-", cwd=tmp_path).code == 2
    assert formatted("-", "a.cedar", cwd=tmp_path, stdin=UGLY).code == 2


# --- Writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_stay(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "a.cedar"
    file.write_text(UGLY)
    file.chmod(mode)
    assert formatted(cwd=tmp_path).code == 0
    assert file.read_text() == NEAT
    assert file.stat().st_mode & 0o7777 == mode


@not_for_root
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_may_not_be_written_is_the_worlds_failure(
    tmp_path: Path, folder_mode: int, file_mode: int
) -> None:
    for parent in (tmp_path, *tmp_path.parents[:3]):  # pytest's own; with xdist one more
        parent.chmod(0o755)
    locked, free = tmp_path / "locked", tmp_path / "free"
    for folder in (locked, free):
        folder.mkdir()
        (folder / "a.cedar").write_text(UGLY)
        os.chown(folder, NOBODY, NOBODY)
        os.chown(folder / "a.cedar", NOBODY, NOBODY)
    (locked / "a.cedar").chmod(file_mode)
    locked.chmod(folder_mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        ran = _as_nobody(tmp_path)
    assert ran.code == 3, ran
    assert "locked/a.cedar: cannot be written: permission denied" in ran.out
    assert (locked / "a.cedar").read_text() == UGLY
    assert (free / "a.cedar").read_text() == NEAT
    assert leftovers(tmp_path) == []


def _as_nobody(folder: Path) -> Ran:
    """Run in a process that is root no longer; the interpreter's folders may be root's alone."""
    script = (
        "import encodings.utf_8_sig, os, sys, buildsteps.cli, buildsteps.run\n"
        "import buildsteps.flags, buildsteps.outputs\n"
        "import buildsteps.world, buildsteps.reporting.terminal, buildsteps.effective\n"
        "import buildsteps.steps.cedar.formatting.files, buildsteps.steps.cedar.formatting.diff\n"
        "import buildsteps.steps.cedar.command, buildsteps.gate, buildsteps.failure\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "sys.exit(buildsteps.cli.main(['cedar-format']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    file = tmp_path / "a.cedar"
    file.write_text(UGLY)

    def interrupted(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises((KeyboardInterrupt, WorldError)):
        rewrite(file, NEAT.encode(), tmp_path)
    assert file.read_text() == UGLY
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_every_file_whole(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    files = [tmp_path / f"p{number:03}.cedar" for number in range(400)]
    for file in files:
        file.write_text(UGLY * 20)
    process = subprocess.Popen(
        [sys.executable, "-m", "buildsteps", "cedar-format"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while files[20].stat().st_size == len(UGLY * 20) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    neat = "\n".join([NEAT] * 20)
    assert {file.read_text() for file in files} == {UGLY * 20, neat}
    assert leftovers(tmp_path) == []


# --- Hook and page -------------------------------------------------------------------------------


def test_the_hook_takes_the_files_of_the_commit(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (hook,) = [one for one in hooks if one["id"] == "cedar-format"]
    program, *arguments = hook["entry"].split()
    assert (program, hook["pass_filenames"], hook["language"]) == ("buildsteps", True, "python")
    assert re.search(hook["files"], "store/a.cedar")
    assert not re.search(hook["files"], "store/a.cedar.json")
    (tmp_path / "a.cedar").write_text(UGLY)
    (tmp_path / "b.cedar").write_text(UGLY)
    assert buildsteps(*arguments, "a.cedar", cwd=tmp_path).code == 0
    assert (tmp_path / "a.cedar").read_text() == NEAT
    assert (tmp_path / "b.cedar").read_text() == UGLY


def test_the_options_on_the_page_are_those_of_the_declaration() -> None:
    page = (ROOT / "docs" / "cedar-format.md").read_text()
    assert options_table(FormatOptions) in page
