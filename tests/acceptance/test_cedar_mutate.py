"""``cedar-validate --mutate``: would the tests notice a policy that is wrong?"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.command_line import Ran, break_label, buildsteps, edit, photo_store, refactor

SUITE = "tests/mutation.cedartests.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The photo store without some of its tests."""
    folder = photo_store(tmp_path)
    shutil.rmtree(folder / "tests" / "Photo owner")
    shutil.rmtree(folder / "tests" / "Album DoePhotos")
    (folder / "tests" / "contest.cedartests.yaml").unlink()
    return folder


def mutated(store: Path, *flags: str) -> Ran:
    return buildsteps("cedar-validate", "--mutate", "--format", "json", *flags, cwd=store)


def facts(ran: Ran, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = ran.report["facts"]["stores"][number]["mutation"]
    return found


def survivors(ran: Ran) -> set[tuple[str, str]]:
    return {(one["policy"], one["what"]) for one in facts(ran)["survivors"]}


def test_the_whole_suite_of_the_photo_store_notices_every_mutant(tmp_path: Path) -> None:
    ran = mutated(photo_store(tmp_path))
    assert ran.code == 0
    assert facts(ran)["score"] == 100
    assert (facts(ran)["noticed"], facts(ran)["survived"]) == (44, 0)
    assert ran.rules() == []


def test_survivors_are_findings_with_place_change_and_test_and_stop_nothing(store: Path) -> None:
    ran = mutated(store)
    assert ran.code == 0
    assert ("Photo-labels-private", "without its `unless`") in survivors(ran)
    assert len(survivors(ran)) == facts(ran)["survived"] == len(ran.report["findings"]) == 10
    (unless,) = (one for one in ran.report["findings"] if "its `unless`" in one["message"])
    place = unless["locations"][0]
    assert (place["path"], place["line"], place["column"]) == ("Photo-labels-private.cedar", 8, 1)
    assert "- unless { resource.owner == principal }" in unless["detail"]
    assert "decision: allow" in unless["detail"]


def test_the_proposed_suite_raises_the_score_to_what_is_promised(store: Path) -> None:
    before = mutated(store, "--mutation-tests", SUITE)
    promised = facts(before)
    assert promised["score"] < promised["score_with_tests"] == 100
    assert (store / SUITE).read_text() == promised["suite"]
    assert len(promised["tests"]) < promised["survived"], "one test speaks of several survivors"
    after = mutated(store)
    assert (after.code, facts(after)["score"]) == (0, 100)
    assert ("mutation", promised["tests"][0]["name"]) in after.cases("passed")


def test_the_tests_of_the_facts_do_the_same_as_a_suite(store: Path) -> None:
    tests = facts(mutated(store))["tests"]
    (store / "tests" / "own.cedartests.json").write_text(json.dumps({"tests": tests}))
    assert facts(mutated(store))["score"] == 100


def test_a_suite_is_never_overwritten(store: Path) -> None:
    (store / SUITE).write_text("tests: []\n")
    ran = buildsteps("cedar-validate", "--mutate", "--mutation-tests", SUITE, cwd=store)
    assert ran.code == 2
    assert f"{SUITE} is there already and is not overwritten" in ran.err
    assert (store / SUITE).read_text() == "tests: []\n"


def test_without_tests_the_score_is_0_and_a_whole_first_suite_is_proposed(store: Path) -> None:
    for place in (store / "tests").iterdir():
        if place.is_dir():
            shutil.rmtree(place)
    ran = mutated(store, "--mutation-tests", SUITE)
    assert facts(ran)["score"] == 0
    assert facts(ran)["score_with_tests"] == 100
    told = [one["message"] for one in ran.report["findings"] if one["rule"] == "surviving-mutant"]
    assert all("; no test reaches this policy at all" in message for message in told)
    assert told
    assert facts(mutated(store))["score"] == 100


def test_entities_that_are_made_up_stand_in_the_suite(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity User { level: Long }; entity Doc;"
        " action read appliesTo { principal: User, resource: Doc, context: { n: Long } };"
    )
    (tmp_path / "p.cedar").write_text(
        "permit (principal, action, resource) when { principal.level < 5 && context.n >= 2 };"
    )
    ran = mutated(tmp_path, "--mutation-tests", SUITE)
    suite = yaml.safe_load((tmp_path / SUITE).read_text())
    assert suite["entities"][0]["attrs"] == {"level": 0}
    assert facts(ran)["score"] == 0
    assert facts(mutated(tmp_path))["score"] == facts(ran)["score_with_tests"] > 0


def test_everybody_whom_a_policy_names_and_somebody_in_each_group_is_made_up(
    tmp_path: Path,
) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity G; entity U in [G]; action read appliesTo { principal: U, resource: U };"
    )
    (tmp_path / "p.cedar").write_text(
        'permit (principal in G::"g", action, resource == U::"a");'
        'permit (principal == U::"b", action, resource == U::"c");'
        'permit (principal == U::"d", action, resource == U::"e");'
    )
    ran = mutated(tmp_path, "--mutation-tests", SUITE)
    assert facts(ran)["score_with_tests"] == 100
    left = {(one["policy"], one["change"]) for one in facts(ran)["survivors"]}
    assert ("p", "remove-policy") in left
    assert ("p#3", "remove-policy") in left
    assert facts(mutated(tmp_path))["score"] == 100


def test_the_entities_of_a_tests_overlay_are_brought_along(store: Path) -> None:
    (store / "tests" / "over.cedartests.yaml").write_text(
        "tests:\n"
        '  - {principal: PhotoApp::User::"New", action: PhotoApp::Action::"viewPhoto",\n'
        '     resource: PhotoApp::Photo::"vows.jpg", decision: allow, entities: [\n'
        '       {uid: PhotoApp::User::"New", attrs: {department: "x", jobLevel: 1},\n'
        '        parents: [PhotoApp::UserGroup::"DoeFamily"]}]}\n'
    )
    ran = mutated(store, "--mutation-tests", SUITE)
    assert facts(mutated(store))["score"] == facts(ran)["score_with_tests"] == 100


def test_a_threshold_stops_and_says_what_is_missing(store: Path) -> None:
    ran = mutated(store, "--min-mutation-score", "80")
    assert ran.code == 1
    assert ran.cases("failed") == [("mutation", "mutation score of .")]
    (case,) = (one for one in ran.report["cases"] if one["outcome"] == "failed")
    assert case["message"] == "the tests notice 34 of 44 mutants, 77.2 %, less than 80 %"
    assert mutated(store, "--min-mutation-score", "77").code == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--mutate", "--min-mutation-score", "101"], "is a percentage from 0 to 100"),
        (["--mutate", "--min-mutation-score", "nan"], "must be a number"),
        (["--mutate", "--min-mutation-score=-1"], "is a percentage from 0 to 100"),
        (["--min-mutation-score", "50"], "--min-mutation-score goes with --mutate"),
        (["--since", "HEAD"], "--since goes with --mutate"),
        (["--mutation-tests", SUITE], "--mutation-tests goes with --mutate"),
        (["--mutate", "--mutation-tests", "a.yaml"], "a suite is called `*.cedartests.yaml`"),
        (["--mutate", "--list"], "--mutate and --list exclude each other"),
        (["--mutate", "--init-tests"], "--mutate and --init-tests exclude each other"),
        (["--mutate", "--since", "no-such-ref"], "`no-such-ref` is no folder that is there"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(store: Path, flags: list[str], said: str) -> None:
    ran = buildsteps("cedar-validate", *flags, cwd=store)
    assert ran.code == 2
    assert said in ran.err


def test_tests_that_do_not_pass_notice_nothing_and_that_is_said(store: Path) -> None:
    break_label(store)
    ran = buildsteps("cedar-validate", "--mutate", cwd=store)
    assert ran.code == 1
    assert "1 test does not pass today, so it notices no mutant" in ran.out
    assert "what does not validate is not mutated (1 left out)" in ran.out
    assert "Mutants of .: the tests notice" in ran.out


def test_an_accepted_survivor_counts_neither_way(store: Path) -> None:
    before = facts(mutated(store))
    edit(
        store / "Photo-labels-private.cedar",
        "unless",
        "// buildsteps: accept[surviving-mutant] owners are tested in the browser\nunless",
    )
    ran = mutated(store)
    now = facts(ran)
    assert now["accepted"] == 1
    assert (now["noticed"], now["survived"]) == (before["noticed"], before["survived"] - 1)
    assert "unused-acceptance" not in ran.rules()


def test_warnings_that_are_denied_do_not_stop_on_survivors(store: Path) -> None:
    assert mutated(store, "--deny-warnings").code == 0


def test_links_are_mutated_with_their_template(tmp_path: Path) -> None:
    folder = photo_store(tmp_path)
    refactor(folder)
    shutil.rmtree(folder / "tests" / "Album DoePhotos")
    (folder / "tests" / "contest.cedartests.yaml").unlink()
    ran = mutated(folder)
    removed = [one for one in facts(ran)["survivors"] if one["change"] == "remove-link"]
    assert [one["path"] for one in removed] == ["cedartemplatelinks.json"]
    assert ("viewPhoto.template", "any principal") not in survivors(ran)


def test_a_filter_makes_it_the_score_of_some_tests_held_to_nothing(store: Path) -> None:
    ran = buildsteps(
        *["cedar-validate", "--mutate", "--min-mutation-score", "99"],
        *["--filter", "Role Moderator"],
        cwd=store,
    )
    assert ran.code == 0
    assert "that of the tests which --filter chooses, and is held to no threshold" in ran.out


def test_fail_fast_says_that_nothing_was_mutated(store: Path) -> None:
    break_label(store)
    ran = buildsteps("cedar-validate", "--mutate", "--fail-fast", cwd=store)
    assert ran.code == 1
    assert "not mutated, because --fail-fast stopped the run" in ran.out


def test_a_schema_that_is_not_valid_lets_nothing_be_mutated(store: Path) -> None:
    (store / "cedarschema.json").write_text("{")
    ran = buildsteps("cedar-validate", "--mutate", cwd=store)
    assert ran.code == 1
    assert "not mutated, because the schema is not valid" in ran.out


def test_entities_that_are_not_valid_end_no_run(store: Path) -> None:
    (store / "tests" / "cedarentities.json").write_text('[{"uid": 3}]')
    ran = mutated(store)
    assert ran.code == 1
    assert facts(ran)["score"] == 0


def test_without_a_schema_the_requests_are_those_of_the_tests(store: Path) -> None:
    (store / "cedarschema.json").unlink()
    ran = mutated(store)
    assert ran.code == 0
    assert facts(ran)["invalid"] == 0
    assert 0 < facts(ran)["score"] < facts(ran)["score_with_tests"]


def test_where_nothing_can_be_asked_nothing_is_called_equivalent(tmp_path: Path) -> None:
    (tmp_path / "p.cedar").write_text("permit (principal, action, resource);\n")
    ran = mutated(tmp_path, "--min-mutation-score", "1")
    assert ran.code == 1
    assert (facts(ran)["score"], facts(ran)["equivalent"]) == (0, 0)
    shown = buildsteps("cedar-validate", "--mutate", cwd=tmp_path).out
    assert "no request could be made up" in shown


def test_several_stores_each_have_a_score_and_write_no_suite(tmp_path: Path, store: Path) -> None:
    shutil.copytree(store, tmp_path / "other")
    (tmp_path / "other" / "tests" / "README.md").unlink()
    ran = mutated(tmp_path)
    assert [facts(ran, n)["survived"] for n in (0, 1)] == [10, 10]
    fingerprints = [one["fingerprint"] for one in ran.report["findings"]]
    assert len(set(fingerprints)) == 20
    refused = buildsteps(
        "cedar-validate", "--mutate", "--mutation-tests", "x.cedartests.yaml", cwd=tmp_path
    )
    assert refused.code == 2
    assert "these are 2; choose one by PATH" in refused.err


def test_only_what_changed_since_a_commit_is_mutated(store: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.test")
        subprocess.run(["git", *identity, *arguments], cwd=store, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "before")
    shutil.rmtree(store / "tests" / "Role Moderator")
    edit(store / "Album-owner.cedar", "//", "// only a comment\n//")
    unchanged = mutated(store, "--since", "HEAD")
    assert facts(unchanged)["mutants"] == 0
    edit(store / "DoePhotos.cedar", "viewPhoto", "editPhoto")
    ran = mutated(store, "--since", "HEAD")
    assert {policy for policy, _ in survivors(ran)} == {"DoePhotos"}
    text = buildsteps("cedar-validate", "--mutate", "--since", "HEAD", cwd=store).out
    assert "since HEAD, 6 of 7 policies and links are the same, and not mutated" in text


def test_a_version_without_a_store_has_nothing_that_is_the_same(
    tmp_path: Path, store: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert facts(mutated(store, "--since", "../empty"))["mutants"] > 50


@pytest.mark.parametrize("form", ["markdown", "sarif", "junit", "github", "html"])
def test_every_format_tells_of_the_survivors(store: Path, form: str) -> None:
    ran = buildsteps("cedar-validate", "--mutate", "--output", f"{form}=out", cwd=store)
    assert ran.code == 0
    text = (store / "out").read_text()
    if form == "junit":  # findings are no cases
        assert {one.get("name") for one in ET.fromstring(text).iter("testsuite")} >= {"validate"}
        return
    assert "Photo-labels-private" in text
    assert "surviving-mutant" in text


def test_many_survivors_are_cut_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity U; action read appliesTo { principal: U, resource: U };"
    )
    policies = (f'@id("p{n}") permit (principal == U::"{n}", action, resource);' for n in range(60))
    (tmp_path / "p.cedar").write_text("\n".join(policies))
    ran = mutated(tmp_path)
    assert len(ran.report["findings"]) == 100 + 1  # and that there are no tests
    assert facts(ran)["survived"] == len(facts(ran)["survivors"]) == 60 * 2
    shown = buildsteps("cedar-validate", "--mutate", cwd=tmp_path).out
    assert "100 of them are findings" in shown


def test_a_policy_of_many_clauses_is_mutated_and_a_deeper_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity U; action read appliesTo { principal: U, resource: U, context: { a: Bool } };"
    )
    chains = [" && ".join(["context.a"] * number) for number in (80, 3_000)]
    for number, chain in enumerate(chains):
        (tmp_path / f"p{number}.cedar").write_text(
            f"permit (principal, action, resource) when {{ {chain} }};"
        )
    ran = buildsteps("cedar-validate", "--mutate", cwd=tmp_path)
    assert ran.code == 0
    assert "too deeply nested to be mutated: `p1`" in ran.out
    assert "drop-clause" in ran.out
