"""``duplicate-policy``."""

from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import lint, messages, write

RULE = "duplicate-policy"
FIRST = 'permit(principal in Role::"r", action == Action::"view", resource)'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('when { principal.name == "x" }', 'when { "x" == principal.name }'),
        ("when { !(principal has age) }", "unless { principal has age }"),
        (
            'when { principal has age && principal.name == "x" }',
            'when { principal.name == "x" } when { principal has age }',
        ),
        (
            'unless { principal has age || principal.name == "x" }',
            'unless { principal.name == "x" } unless { principal has age }',
        ),
        ("when { [1, 2].contains(1) }", "when { ([2, 1, 2]).contains(1) }"),
        ("when { true }", ""),
        ('when { principal in Group::"g" }', 'when { principal in [Group::"g"] }'),
    ],
)
def test_policies_that_mean_the_same_however_they_are_written(
    one: str, other: str, tmp_path: Path
) -> None:
    said = messages(tmp_path, f'{FIRST} {one};\n@id("b") {FIRST} {other};', RULE)
    assert said == ["permit `b` means the same as permit `p` (p.cedar:1:1)"]


@pytest.mark.parametrize(
    "other",
    [
        FIRST.replace("permit", "forbid"),
        FIRST.replace("view", "edit"),
        f'{FIRST} when {{ principal.name == "x" }}',
        FIRST.replace("principal in", "principal =="),
    ],
)
def test_policies_that_differ_in_effect_scope_or_condition(other: str, tmp_path: Path) -> None:
    assert messages(tmp_path, f"{FIRST};\n{other};", RULE) == []


def test_the_order_of_what_may_err_counts_inside_an_or(tmp_path: Path) -> None:
    one, other = "principal.age > 1", 'principal.name == "x"'
    policies = (
        f"permit(principal, action, resource) when {{ {one} || {other} }};"
        f"permit(principal, action, resource) when {{ {other} || {one} }};"
    )
    assert messages(tmp_path, policies, RULE, schema=None) == []


def test_a_template_twice_and_two_links_that_fill_it_alike(tmp_path: Path) -> None:
    template = 'permit(principal == ?principal, action == Action::"view", resource);\n'
    link = '{"template_id": "p", "link_id": "%s", "args": {"?principal": "User::\\"a\\""}}'
    write(tmp_path, {"cedartemplatelinks.json": f"[{link % 'one'}, {link % 'two'}]"})
    assert messages(tmp_path, template * 2, RULE) == [
        "linked permit `two` means the same as linked permit `one` (cedartemplatelinks.json:1:2)",
        "permit template `p#2` means the same as permit template `p` (p.cedar:1:1)",
    ]


def test_a_link_that_makes_a_policy_which_is_there_already(tmp_path: Path) -> None:
    link = '[{"template_id": "p", "link_id": "l", "args": {"?principal": "User::\\"a\\""}}]'
    write(tmp_path, {"cedartemplatelinks.json": link})
    policies = (
        'permit(principal == ?principal, action == Action::"view", resource);\n'
        'permit(principal == User::"a", action == Action::"view", resource);'
    )
    assert messages(tmp_path, policies, RULE) == [
        "linked permit `l` means the same as permit `p#2` (p.cedar:2:1)"
    ]


def test_policies_in_json_are_compared_with_those_in_text(tmp_path: Path) -> None:
    everything = '{"op": "All"}'
    as_json = (
        f'{{"effect": "permit", "principal": {everything}, "action": {everything},'
        f' "resource": {everything}, "conditions": []}}'
    )
    write(tmp_path, {"q.cedar.json": as_json})
    assert messages(tmp_path, "permit(principal, action, resource);", RULE) == [
        "permit `q` means the same as permit `p` (p.cedar:1:1)"
    ]


def test_the_fix_takes_the_second_away_with_its_comments(tmp_path: Path) -> None:
    text = (
        f"// first\n{FIRST}; // kept\n\n// about the second\n// goes\n{FIRST}; // goes too\n\n"
        '// last\n@id("z") permit(principal, action, resource) when { principal has age };\n'
    )
    write(tmp_path, {"p.cedar": text})
    report = lint(tmp_path, only=(RULE,), fix=True)
    assert (tmp_path / "p.cedar").read_text() == (
        f"// first\n{FIRST}; // kept\n\n"
        '// last\n@id("z") permit(principal, action, resource) when { principal has age };\n'
    )
    assert report.findings == ()
    assert "1 finding fixed in 1 file" in report.notes


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"p.cedar": f"{FIRST};", "q.cedar": f"{FIRST};"}, "its file would be empty"),
        ({"p.cedar": f'@advice("a") {FIRST};\n{FIRST};'}, "their annotations differ"),
        (
            {"p.cedar": f"{FIRST};\n{FIRST};\nforbid(principal, action, resource);"},
            "a policy without `@id` after it would get another name",
        ),
    ],
)
def test_the_fix_leaves_a_duplicate_where_more_would_go_and_says_why(
    files: dict[str, str], why: str, tmp_path: Path
) -> None:
    write(tmp_path, files)
    report = lint(tmp_path, only=(RULE,), fix=True)
    assert [one.rule for one in report.findings] == [RULE]
    assert report.findings[0].fix == f"remove one of them; --fix does not: {why}"
    assert {name: (tmp_path / name).read_text() for name in files} == files
