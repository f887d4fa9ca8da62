import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.acceptances import inline_acceptances, settle
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.verdict.inline import (
    LARGEST,
    Inline,
    comments,
    inline_of,
    python_comments,
)
from buildsteps.world.clock import utc_date
from tests.world_double import NOON, fake_world

TODAY = utc_date(NOON)


def at(path: str, line: int, end: int | None = None, rule: str = "B307") -> Finding:
    place = Location(path=path, line=line, end_line=end)
    return Finding(rule=rule, severity=Severity.HIGH, message="m", locations=(place,))


def read(folder: Path, name: str, data: bytes | str) -> Inline:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return inline_of([_read(name)], [], [], fake_world(folder))


def _read(*names: str) -> Scanned:
    return Scanned(engine="bandit", subject="files", read=frozenset(names))


def reasons(inline: Inline, *findings: Finding) -> list[str]:
    settled = settle(findings, (), inline.acceptances, TODAY)
    return [one.accepted for one in settled.findings[: len(findings)]]


@pytest.mark.parametrize(
    "line",
    [
        "eval(a)  # buildsteps: accept[B307] why",
        "eval(a)  # nosec - buildsteps: accept[B307] why",
        "eval(a)  #buildsteps:accept[B307]  why",
    ],
)
def test_a_comment_on_the_line_of_python_accepts_what_is_found_there(
    tmp_path: Path, line: str
) -> None:
    found = read(tmp_path, "a.py", f"eval(b)\n{line}\neval(c)\n")
    assert reasons(found, *(at("a.py", n) for n in (1, 2, 3))) == ["", "why", ""]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.sh", "eval $a # buildsteps: accept[B307] why"),
        ("a.js", "eval(a); // buildsteps: accept[B307] why"),
        ("a.js", "eval(a);// buildsteps: accept[B307] why"),
        ("a.c", "system(a); /* buildsteps: accept[B307] why */"),
        ("a.c", "system(a); /* buildsteps: accept[B307] why */ more();"),
        ("a.c", "system(a); /* */ // buildsteps: accept[B307] why"),
        ("a.sql", "drop table a; -- buildsteps: accept[B307] why"),
        ("a.html", "<script>eval(a)</script> <!-- buildsteps: accept[B307] why -->"),
        ("a.ini", "password=a ; buildsteps: accept[B307] why"),
        ("a.tex", "\\write18{a} % buildsteps: accept[B307] why"),
        ("a.html", "{{ a|safe }} {# buildsteps: accept[B307] why #}"),
        ("a.ts", "it's('a', \"b\\\"c\"); // buildsteps: accept[B307] why"),
        ("a.sh", "\t# buildsteps: accept[B307] why"),
    ],
)
def test_a_comment_of_any_language_accepts(tmp_path: Path, name: str, line: str) -> None:
    assert reasons(read(tmp_path, name, f"a\n{line}\nb\n"), at(name, 2)) == ["why"]


@pytest.mark.parametrize(
    "line",
    [
        'x("# buildsteps: accept[B307] why")',
        "x('// buildsteps: accept[B307] why')",
        "x(`a /* buildsteps: accept[B307] why */`)",
        'x("\\"# buildsteps: accept[B307] why")',
        "the word buildsteps: accept[B307] why",
    ],
)
def test_what_stands_in_a_string_or_in_no_comment_accepts_nothing(
    tmp_path: Path, line: str
) -> None:
    assert read(tmp_path, "a.js", line) == Inline(acceptances=[], findings=[])


@given(
    code=st.text(alphabet="ab ()=+./*'s"),
    mark=st.sampled_from(["#", "//", "/*", "--", "<!--", ";", "%"]),
    reason=st.text(alphabet="why not", min_size=1).filter(str.strip),
)
def test_a_comment_behind_code_covers_its_line_alone(code: str, mark: str, reason: str) -> None:
    code = "a" + code.replace("'", "s's")  # an apostrophe opens no string
    text = f"x\n{code} {mark} buildsteps: accept[r] {reason}\ny\n"
    (one,) = comments(text)
    assert (one.line, one.last_line) == (2, 2)
    (accepts,) = inline_acceptances(one.text, Location("a", 2), 2)
    assert (accepts.rule, accepts.reason) == ("r", reason.strip())


@given(before=st.text(max_size=20), after=st.text(max_size=20), triple=st.booleans())
def test_no_string_of_python_accepts_whatever_it_holds(
    before: str, after: str, triple: bool
) -> None:
    word = "\n# buildsteps: accept[*] why\n"
    literal = repr(before + word + after)
    if triple:
        plain = re.sub(r"[\\'\0\r]", "", before + word + after)
        literal = f"'''{plain}'''"
    assert list(python_comments(f"x = {literal}\n")) == []


@given(st.text(alphabet=" \t\nab'\"`\\#*/-", max_size=60), st.text(max_size=10))
def test_a_comment_covers_no_line_above_it_whatever_the_file(before: str, after: str) -> None:
    text = f"{before}\n# buildsteps: accept[*] why\n{after}"
    for read_comments in (comments, python_comments):
        for one in read_comments(text):
            assert 1 <= one.line <= one.last_line <= text.count("\n") + text.count("\r") + 2


def test_a_comment_on_a_line_of_its_own_speaks_for_the_code_below_its_block(
    tmp_path: Path,
) -> None:
    text = (
        "# buildsteps: accept[B307] ours\n"
        "# buildsteps: accept[B102] theirs\n"
        "# and here is why\n"
        "eval(a)\n"
        "eval(b)\n"
        "# buildsteps: accept[B307] of nothing\n"
        "\n"
        "eval(c)\n"
    )
    for name in ("a.py", "a.sh"):
        found = read(tmp_path, name, text)
        places = (at(name, 4), at(name, 4, rule="B102"), at(name, 5), at(name, 8))
        assert reasons(found, *places) == ["ours", "theirs", "", ""]


def test_directives_of_c_below_a_comment_are_code(tmp_path: Path) -> None:
    found = read(tmp_path, "a.c", "// buildsteps: accept[*] why\n#include <a>\n#include <b>\n")
    assert reasons(found, at("a.c", 2), at("a.c", 3)) == ["why", ""]


def test_a_block_of_a_comment_may_hold_the_acceptance_in_a_line(tmp_path: Path) -> None:
    found = read(tmp_path, "a.c", "/*\n * buildsteps: accept[B307] why\n */\nsystem(a);\nb;\n")
    assert reasons(found, at("a.c", 4), at("a.c", 5)) == ["why", ""]


def test_a_finding_of_several_lines_is_accepted_on_any_of_them(tmp_path: Path) -> None:
    text = "run(\n    a,\n    shell=True,  # buildsteps: accept[B602] ours\n)\n"
    found = read(tmp_path, "a.py", text)
    places = (at("a.py", 1, 4, "B602"), at("a.py", 3, rule="B602"), at("a.py", 1, rule="B602"))
    assert reasons(found, *places) == ["ours", "ours", ""]


def test_a_comment_counts_on_any_line_of_what_an_engine_looked_at(tmp_path: Path) -> None:
    text = "run(\n    a,\n    shell=True,  # buildsteps: accept[B602] ours\n)\nrun(b)\n"
    (tmp_path / "a.py").write_text(text)
    findings = [at("a.py", 1, rule="B602"), at("a.py", 5, rule="B602")]
    groups = [(saw("ruff", 1), saw("bandit", 3, (1, 4))), (saw("bandit", 5, (5, 5)),)]
    found = inline_of([_read("a.py")], findings, groups, fake_world(tmp_path))
    assert reasons(found, *findings) == ["ours", ""]


def saw(engine: str, line: int, extent: tuple[int, int] | None = None) -> Sighting:
    return Sighting(
        engine=engine,
        rule="B602",
        severity=Severity.HIGH,
        message="m",
        locations=(Location("a.py", line),),
        extent=extent,
    )


def test_several_rules_share_a_reason_and_the_unused_one_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, "a.py", "x  # buildsteps: accept[B307, B1?2, S9] ours\n")
    findings = (at("a.py", 1), at("a.py", 1, rule="B102"))
    settled = settle(findings, (), found.acceptances, TODAY)
    assert [one.accepted for one in settled.findings[:2]] == ["ours", "ours"]
    assert [one.message for one in settled.findings[2:]] == [
        "the acceptance of S9 covers nothing: ours"
    ]
    partial = settle(findings, (), found.acceptances, TODAY, whole_run=False)
    assert len(partial.findings) == 2


def test_two_names_of_one_rule_are_both_used(tmp_path: Path) -> None:
    found = read(tmp_path, "a.py", "x  # buildsteps: accept[B307, S307] ours\n")
    finding = Finding(
        rule="B307",
        aliases=("S307",),
        severity=Severity.HIGH,
        message="m",
        locations=(Location("a.py", 1),),
    )
    assert len(settle([finding], (), found.acceptances, TODAY).findings) == 1


def test_a_comment_without_a_reason_stops_at_its_line(tmp_path: Path) -> None:
    for name, line in (
        ("a.py", "x  # buildsteps: accept[B307]"),
        ("a.c", "x /* buildsteps: accept[B307] */"),
    ):
        found = read(tmp_path, name, f"\n{line}\n")
        settled = settle([at(name, 2)], (), found.acceptances, TODAY)
        assert settled.findings[0].accepted == ""
        (case,) = settled.cases
        assert (case.message, str(case.locations[0])) == (
            "the acceptance of B307 gives no reason",
            f"{name}:2:{line.index(' ') + 2 + (name == 'a.py')}",
        )


@pytest.mark.parametrize("text", ["accept B307 why", "accept[] why", "accept (B307) why", "accept"])
def test_a_comment_that_accepts_nothing_but_means_to_is_told(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, "a.py", f"x  # buildsteps: {text}\n")
    assert found.acceptances == []
    (told,) = found.findings
    assert (told.rule, str(told.locations[0])) == ("malformed-acceptance", "a.py:1:4")
    assert read(tmp_path, "a.py", "# buildsteps: is what we use\n").findings == []


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", ""), ("utf-8-sig", ""), ("latin-1", "# coding: latin-1\n"), ("utf-16", "")],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_matter(
    tmp_path: Path, encoding: str, declared: str, ending: str
) -> None:
    name = "a.sh" if encoding == "utf-16" else "a.py"
    text = f"{declared}é = 'é'\nx  # buildsteps: accept[B307] für uns\n"
    found = read(tmp_path, name, text.replace("\n", ending).encode(encoding))
    assert reasons(found, at(name, text.count("\n"))) == ["für uns"]


def test_a_wrong_encoding_still_finds_the_line(tmp_path: Path) -> None:
    for name in ("a.py", "a.sh"):
        found = read(tmp_path, name, b"\xff\xfa\nx  # buildsteps: accept[B307] why\n")
        assert reasons(found, at(name, 2)) == ["why"]


def test_python_without_suffix_is_known_by_its_first_line(tmp_path: Path) -> None:
    text = "#!/usr/bin/env python3\nx = '''\n# buildsteps: accept[*] why\n'''\n"
    assert read(tmp_path, "tool", text).acceptances == []


def test_what_is_no_python_any_more_keeps_the_comments_before_it(tmp_path: Path) -> None:
    text = "x  # buildsteps: accept[B307] why\ny = '''\n# buildsteps: accept[B307] not\n"
    assert [one.reason for one in read(tmp_path, "a.py", text).acceptances] == ["why"]


@given(st.binary(max_size=200), st.sampled_from(["a.py", "a.js"]))
def test_no_bytes_break_the_reading(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    read(folder, name, data + b"\n# buildsteps: accept[*] why\n" + data)


def test_files_that_only_a_finding_names_are_read_others_are_not(tmp_path: Path) -> None:
    for name in ("named.tf", "other.tf"):
        (tmp_path / name).write_text("x # buildsteps: accept[*] why\n")
    named = [at("named.tf", 1), at("gone.tf", 1), at("", 1)]
    found = inline_of([], named, [(), (), ()], fake_world(tmp_path))
    assert [one.location.path for one in found.acceptances] == ["named.tf"]


def test_a_huge_file_a_folder_and_a_name_that_cannot_be_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "huge.py").write_bytes(b"# buildsteps: accept[*] why\n" + b"#" * LARGEST)
    (tmp_path / "folder.py").mkdir()
    scans = [_read("huge.py", "folder.py", "nul\0.py")]
    assert inline_of(scans, [], [], fake_world(tmp_path)).acceptances == []
