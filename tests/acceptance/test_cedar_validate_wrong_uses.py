"""What the command says on the terminal, and what it makes of files that are not as they should be.

Each ends with a sentence and the contract's exit code; `tests.command_line.buildsteps` fails on a
traceback.
"""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.command_line import Ran, break_label, buildsteps, edit, photo_store

REQUEST = "tests/Photo owner/ALLOW/JaneDoe-edits-sunset.cedarauth.json"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return photo_store(tmp_path)


def judged(store: Path, *flags: str, permissions: bool = False) -> Ran:
    return buildsteps(
        "cedar-validate", "--format", "json", *flags, cwd=store, permissions=permissions
    )


def errors(ran: Ran) -> list[str]:
    """Each case that could not be judged, with its place and message."""
    return [
        f"{case['name']}: {':'.join(str(v) for v in list(case['locations'][0].values())[:3])}: "
        f"{case['message']}"
        for case in ran.report["cases"]
        if case["outcome"] == "error"
    ]


def on_terminal(ran: Ran) -> str:
    return re.sub(r" in \d+\.\d\d s$", " in T s", ran.out, flags=re.MULTILINE)


# --- On the terminal ----------------------------------------------------------------------------

PASSED = """\
buildsteps cedar-validate  Cedar 4.12.0
photos: 7 policies, 40 tests; schema cedarschema.json

  validate            7 passed
  Album DoePhotos     6 passed
  Album JaneVacation  6 passed
  Photo owner         5 passed
  Role Moderator      3 passed
  Role PhotoJudge     5 passed
  Photo contest       15 passed

Coverage of photos
  what          exercised  share  not exercised
  policies      7 of 7     100 %
  actions       5 of 5     100 %
  entity types  3 of 3     100 %

PASSED: 47 passed in T s
"""
STOPPED = """\
buildsteps cedar-validate  Cedar 4.12.0
photos: 7 policies, 40 tests; schema cedarschema.json

  validate            6 passed, 1 error
  Album DoePhotos     6 passed
  Album JaneVacation  5 passed, 1 failed
  Photo owner         5 passed
  Role Moderator      3 passed
  Role PhotoJudge     5 passed
  Photo contest       15 passed

ERROR validate > validate Photo-labels-private.cedar
  photos/Photo-labels-private.cedar:7:17: attribute `label` on entity type `PhotoApp::Photo` not\
 found. Did you mean `labels`?
    7 | when { resource.label.contains("private") }
      |                 ^^^^^

FAILED Album JaneVacation > DENY JohnDoe-views-nightclub
  photos/tests/Album JaneVacation/DENY/JohnDoe-views-nightclub.cedarauth.json: unexpected ALLOW
  expected  DENY, decided ALLOW
  request   PhotoApp::User::"JohnDoe"  PhotoApp::Action::"viewPhoto"\
  PhotoApp::Photo::"nightclub.jpg"
  because   permitted by permit `JaneVacation` (photos/JaneVacation.cedar:2:1)
  left out  forbid `Photo-labels-private` (photos/Photo-labels-private.cedar:2:1) is in a file that\
 does not validate, which may explain this

Coverage of photos
  what          exercised  share  not exercised
  policies      6 of 7     86 %   Photo-labels-private
  actions       5 of 5     100 %
  entity types  3 of 3     100 %

STOPPED: 45 passed, 1 failed, 1 error in T s
  1 case failed
  1 case could not be judged
"""
WARNED = """\
buildsteps cedar-validate  Cedar 4.12.0
policies: 2 policies, no tests; no schema

  validate  1 passed

warning[no-schema] policies: no schema, so only the syntax of 1 policy file is checked
  fix: add a cedarschema or cedarschema.json, or name one with --schema

warning[no-tests] policies: no tests, so nobody knows whether the policies decide as intended
  fix: add requests to tests/<suite>/ALLOW and DENY, or let --init-tests begin

PASSED: 1 passed, 2 findings in T s
"""


def test_the_photo_store_on_the_terminal(store: Path) -> None:
    ran = buildsteps("cedar-validate", cwd=store.parent)
    assert (ran.code, on_terminal(ran), ran.err) == (0, PASSED, "")


def test_the_broken_label_on_the_terminal(store: Path) -> None:
    break_label(store)
    ran = buildsteps("cedar-validate", "photos", cwd=store.parent)
    assert (ran.code, on_terminal(ran), ran.err) == (1, STOPPED, "")


def test_quietly_only_what_stops_is_shown(store: Path) -> None:
    assert buildsteps("cedar-validate", "-q", cwd=store.parent) == (0, "", "")
    break_label(store)
    ran = buildsteps("cedar-validate", "-q", cwd=store.parent)
    shown = STOPPED.split("\n\n")
    assert on_terminal(ran).strip() == "\n\n".join([*shown[2:4], shown[5]]).strip()


def test_a_store_without_schema_and_tests_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    policy = "permit(principal, action, resource);\n"
    (tmp_path / "policies" / "two.cedar").write_text(policy * 2)
    ran = buildsteps("cedar-validate", "policies", cwd=tmp_path)
    assert (ran.code, on_terminal(ran), ran.err) == (0, WARNED, "")


# --- Files that cannot be read ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "DoePhotos.cedar",
            ["validate DoePhotos.cedar: DoePhotos.cedar: cannot be read: permission denied"],
        ),
        (
            "cedarschema.json",
            ["validate cedarschema.json: cedarschema.json: cannot be read: permission denied"],
        ),
        (REQUEST, [f"ALLOW JaneDoe-edits-sunset: {REQUEST}: cannot be read: permission denied"]),
    ],
)
def test_a_file_that_may_not_be_read_could_not_be_judged(
    store: Path, name: str, told: list[str]
) -> None:
    (store / name).chmod(0)
    ran = judged(store, permissions=True)
    assert ran.code == 1
    assert errors(ran) == told


def test_entities_that_may_not_be_read_are_told_once_and_every_test_is_skipped(
    store: Path,
) -> None:
    (store / "tests" / "cedarentities.json").chmod(0)
    ran = judged(store, permissions=True)
    assert ran.code == 1
    assert errors(ran) == [
        "validate tests/cedarentities.json: tests/cedarentities.json: "
        "cannot be read: permission denied"
    ]
    assert (len(ran.cases("skipped")), len(ran.cases("passed"))) == (40, 7)


def test_an_unreadable_policy_is_named_where_its_absence_may_explain_a_failure(
    store: Path,
) -> None:
    (store / "Photo-labels-private.cedar").chmod(0)
    ran = judged(store, permissions=True)
    (failed,) = (case for case in ran.report["cases"] if case["outcome"] == "failed")
    assert failed["name"] == "DENY JohnDoe-views-nightclub"
    assert "left out  Photo-labels-private.cedar cannot be read" in failed["detail"]


def test_a_folder_that_may_not_be_listed_is_a_wrong_call(store: Path) -> None:
    (store / "tests").chmod(0)
    ran = buildsteps("cedar-validate", cwd=store, permissions=True)
    (store / "tests").chmod(0o755)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "buildsteps cedar-validate: tests: this folder cannot be listed: permission denied\n"
    )


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("locked/photos", "locked/photos: cannot be reached: permission denied"),
        ("x" * 300, f"{'x' * 300}: cannot be reached: file name too long"),
        ("loop", "there is no file or folder `loop`"),
        ("README.md", "`README.md` has no name and no form that Cedar files have"),
        ("pipe.cedar", "pipe.cedar: this folder cannot be listed: not a directory"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_wrong_call(
    tmp_path: Path, path: str, sentence: str
) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "README.md").touch()
    os.mkfifo(tmp_path / "pipe.cedar")
    ran = buildsteps("cedar-validate", path, cwd=tmp_path, permissions=True)
    assert (ran.code, ran.out, ran.err) == (2, "", f"buildsteps cedar-validate: {sentence}\n")


# --- Files of the wrong size or form ------------------------------------------------------------

WHEN = "permit(principal, action, resource) when {"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "deep.cedar",
            WHEN + "(" * 9_000 + "true" + ")" * 9_000 + "};",
            "deep.cedar:1:142: this policy nests more than 100 levels deep, too deep for the",
        ),
        (
            "long.cedar",
            WHEN + "principal has a" + ".a" * 20_000 + "};",
            "long.cedar:1:2058: a path of more than 1,000 attributes is too long for the engine",
        ),
        (
            "cedarschema.json",
            "[" * 100_000,
            "cedarschema.json:1:1: is nested too deeply",
        ),
        ("bytes.cedar", "permit(\0);", "bytes.cedar:1:8: invalid token"),
    ],
)
def test_what_would_hurt_the_engine_is_an_error_of_the_subject(
    store: Path, name: str, content: str, told: str
) -> None:
    (store / name).write_text(content)
    ran = judged(store)
    assert ran.code == 1
    (error,) = errors(ran)
    assert error.startswith(f"validate {name}: {told}"), error


def test_a_schema_of_deep_types_is_an_error_of_the_subject(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(f"entity A {{ x: {'Set<' * 50_000}Long{'>' * 50_000} }};")
    ran = judged(tmp_path)
    assert ran.code == 1
    assert errors(ran) == [
        "validate cedarschema: cedarschema:1:414: "
        "this schema nests more than 100 levels deep, too deep for the engine"
    ]


def test_a_huge_file_is_refused_unread(store: Path) -> None:
    with (store / "huge.cedar").open("wb") as file:
        file.truncate(10 * 1024**3)  # sparse: it takes no room
    ran = judged(store)
    assert ran.code == 1
    assert errors(ran) == [
        "validate huge.cedar: huge.cedar: "
        "is too large: 10,737,418,240 bytes, more than the 67,108,864 allowed"
    ]


def test_a_broken_schema_leaves_nothing_that_passed(store: Path) -> None:
    (store / "cedarschema.json").write_text("{")
    ran = judged(store)
    assert ran.code == 1
    assert errors(ran) == [
        "validate cedarschema.json: cedarschema.json:1:2: not valid JSON: it ends too early"
    ]
    assert ran.cases("passed") == []
    assert len(ran.cases("skipped")) == 47


def test_two_schemas_are_a_wrong_call_that_says_what_to_do(store: Path) -> None:
    (store / "app.cedarschema").write_text("entity A;")
    ran = buildsteps("cedar-validate", cwd=store)
    assert (ran.code, ran.err) == (
        2,
        "buildsteps cedar-validate: .: two schemas, `app.cedarschema` and `cedarschema.json`; "
        "choose one with --schema\n",
    )
    assert buildsteps("cedar-validate", "--schema", "cedarschema.json", cwd=store).code == 0


# --- Names from outside -------------------------------------------------------------------------

ODD = "é \"q\" <x> & 'y' 😀 `b` \u202e"
STEERING = "a\x1b[31m\nERROR b\x07"


def test_odd_names_are_kept_in_every_report(store: Path) -> None:
    folder = store / "tests" / ODD / "DENY"
    folder.mkdir(parents=True)
    (folder / f"{ODD}.cedarauth.json").write_bytes((store / REQUEST).read_bytes())
    name = f"DENY {ODD}".split(".")[0]
    ran = judged(store, "--junit", "out.xml")
    assert ran.code == 1
    assert ran.cases("failed") == [(ODD, name)]
    root = ET.parse(store / "out.xml").getroot()
    (case,) = (case for case in root.iter("testcase") if len(case))
    shown = ODD.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    assert (case.get("classname"), case.get("name")) == (shown, f"DENY {shown}")


@pytest.mark.parametrize("output", ["terminal", "junit", "sarif", "markdown", "github", "json"])
def test_names_cannot_steer_a_terminal_or_break_a_format(store: Path, output: str) -> None:
    (store / f"{STEERING}.cedar").write_text("permit(")
    (store / os.fsdecode(b"\xff.cedar")).write_text("permit(")
    ran = buildsteps("cedar-validate", "--format", output, "-v", cwd=store)
    assert ran.code == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", ran.out)
    if output in ("json", "sarif"):
        json.loads(ran.out)
    if output == "junit":
        ET.fromstring(ran.out)


def test_text_in_files_cannot_steer_a_terminal(store: Path) -> None:
    edit(store / "DoePhotos.cedar", "DoePhotos", "Doe\x1b]0;x\x07\u202ePhotos")
    edit(store / REQUEST, "JaneDoe", "\\u001b[2J")
    ran = buildsteps("cedar-validate", cwd=store)
    assert ran.code == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", ran.out)


# --- Without a verdict --------------------------------------------------------------------------


def test_only_ignored_files_are_nothing_to_judge(store: Path) -> None:
    (store / ".git").mkdir()
    for name, text in {"HEAD": "ref: refs/heads/main\n", "config": ""}.items():
        (store / ".git" / name).write_text(text)
    for name in ("objects", "refs"):
        (store / ".git" / name).mkdir()
    (store / ".gitignore").write_text("*\n")
    ran = judged(store)
    assert ran.code == 2
    assert (ran.report["cases"], ran.report["verdict"]["outcome"]) == ([], "wrong-call")


def test_an_empty_policy_file_is_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / "empty.cedar").touch()
    ran = buildsteps("cedar-validate", cwd=tmp_path)
    assert ran.code == 2
    assert "nothing was judged: all cases were skipped (--allow-empty accepts it)" in ran.out
    assert buildsteps("cedar-validate", "--allow-empty", cwd=tmp_path).code == 0
