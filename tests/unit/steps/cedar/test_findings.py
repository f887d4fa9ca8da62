from buildsteps.results import Finding, Location, Severity
from buildsteps.source import SourceText
from buildsteps.steps.cedar import findings
from buildsteps.steps.cedar.policies.links import Link
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, policies_of, policy_file
from buildsteps.steps.cedar.trials.request import Request
from buildsteps.steps.cedar.trials.trial import Expectation, Trial

TEXT = """@id("t") permit(principal == ?principal, action, resource);
forbid(principal, action, resource);"""
FILE = policy_file("p.cedar", SourceText("p.cedar", TEXT))
POLICIES = policies_of([FILE])


def link(**values: str) -> Link:
    slots = {f"?{slot}": uid for slot, uid in values.items()}
    return Link(
        id="l",
        template_id="t",
        values=slots,
        source=SourceText("l.json", "[]"),
        offset=0,
        engine_id="link 0",
    )


def trial(name: str, principal: object = 'U::"a"', resource: object = 'U::"b"') -> Trial:
    request = Request(
        principal=principal,
        action='Action::"x"',
        resource=resource,
        context={},
        unknown_keys=("contxt",) if name == "typo" else (),
    )
    return Trial(
        group="s",
        name=name,
        location=Location(path=f"{name}.json"),
        expected=Expectation(decision="DENY"),
        request=request,
    )


def shown(found: list[Finding]) -> list[str]:
    return [f"{one.locations[0]}: {one.severity} {one.message}" for one in found]


def test_a_template_that_no_link_fills_is_told() -> None:
    assert shown(findings.unused_templates(POLICIES, [])) == [
        "p.cedar:1:1: medium template `t` has no link, so it decides nothing"
    ]
    used = LinkedPolicy(id="l", template=POLICIES[0], location=Location(path="l"), values={})
    assert findings.unused_templates(POLICIES, [used]) == []


def test_a_link_to_an_entity_that_is_nowhere_is_told_for_each_slot() -> None:
    known = frozenset({("U", "a"), ("D", 'quo"te')})
    sound = link(principal='U::"a"', resource='D::"quo\\"te"')
    assert findings.links_to_nothing([sound], known, ()) == []
    assert shown(
        findings.links_to_nothing([link(principal='U::"b"', resource='D::"d"')], known, ())
    ) == [
        'l.json:1:1: medium link `l` fills ?principal with U::"b", which no entities file has',
        'l.json:1:1: medium link `l` fills ?resource with D::"d", which no entities file has',
    ]


def test_a_link_to_an_enumerated_entity_leads_somewhere() -> None:
    known = frozenset({("U", "a")})
    assert findings.links_to_nothing([link(principal='Colour::"red"')], known, ("Colour",)) == []


def test_without_any_entities_a_link_leads_nowhere_in_particular() -> None:
    assert findings.links_to_nothing([link(principal='U::"b"')], frozenset(), ()) == []


def test_a_file_without_a_policy_is_told_and_one_that_cannot_be_read_is_not() -> None:
    empty = policy_file("e.cedar", SourceText("e.cedar", "// nothing"))
    assert shown(findings.empty_files([FILE, empty])) == ["e.cedar: low this file holds no policy"]


def test_keys_that_mean_nothing_are_told() -> None:
    assert shown(findings.unknown_keys([trial("good"), trial("typo")])) == [
        "typo.json: low the key `contxt` means nothing in a request"
    ]


def test_a_link_that_was_not_followed_is_told() -> None:
    assert shown(findings.outside_links(["a.cedar"])) == [
        "a.cedar: low this symbolic link leads out of the folder or nowhere, so it was not followed"
    ]


def test_a_store_without_schema_or_tests_says_what_to_do() -> None:
    schema, tests = findings.no_schema("s", 1), findings.no_tests("s")
    assert schema.message == "no schema, so only the syntax of 1 policy file is checked"
    assert findings.no_schema("s", 1200).message.endswith("of 1,200 policy files is checked")
    assert "--schema" in schema.fix
    assert "tests/<suite>/ALLOW" in tests.fix
    assert {schema.severity, tests.severity} == {Severity.MEDIUM}
    assert "--tests" in findings.no_tests("stdin", stdin=True).fix
    assert "`app: validate` instead of `validate`" in findings.no_schema("s", 1, "app").detail


def test_the_fingerprint_stays_when_lines_move() -> None:
    moved = policies_of([policy_file("p.cedar", SourceText("p.cedar", f"\n\n{TEXT}"))])
    before, after = (findings.unused_templates(some, [])[0] for some in (POLICIES, moved))
    assert before.locations != after.locations
    assert before.fingerprint == after.fingerprint


def test_a_complaint_about_entities_is_told_once() -> None:
    found = findings.unchecked_entities(["e.json:1:1: x", "e.json:1:1: x", "e.json:9:1: y"])
    assert [one.message for one in found] == [
        "used without the schema: e.json:1:1: x",
        "used without the schema: e.json:9:1: y",
    ]


def test_tests_about_what_is_nowhere_are_told_once_an_entity() -> None:
    known = frozenset({("U", "b")})
    judged = [(trial("one"), known), (trial("two"), known), (trial("three", 'U::"b"'), known)]
    (found,) = findings.vacuous_tests(judged, "", ())
    assert found.rule == "vacuous-test"
    assert 'U::"a"' in found.message
    assert "2 tests ask" in found.message
    assert findings.vacuous_tests(judged, 'permit(principal == U::"a", ...', ()) == []
    assert findings.vacuous_tests(judged, "", ("U",)) == []
