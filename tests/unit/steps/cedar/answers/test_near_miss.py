from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.answers.near_miss import Candidate, near_misses, taken_apart

PHOTO_SHARING = Path(__file__).parents[5] / "examples" / "photo-sharing"
SCOPE = "principal, action, resource"


def request(principal: str, action: str, resource: str, **context: Any) -> dict[str, Any]:
    return {"principal": principal, "action": action, "resource": resource, "context": context}


def photo_request(principal: str, action: str, resource: str) -> dict[str, Any]:
    kind = "Photo" if resource.endswith(".jpg") else "Album"
    return request(
        f'PhotoApp::User::"{principal}"',
        f'PhotoApp::Action::"{action}"',
        f'PhotoApp::{kind}::"{resource}"',
    )


def photo_misses(effect: str, about: dict[str, Any], limit: int = 3, **more: str) -> list[str]:
    """The near misses of the example store, and of ``more`` policies."""
    texts = {file.stem: file.read_text() for file in sorted(PHOTO_SHARING.glob("*.cedar"))}
    texts |= more
    candidates = [
        Candidate(name, text, "forbid" if "forbid" in text else "permit")
        for name, text in texts.items()
    ]
    schema = engine.any_schema((PHOTO_SHARING / "cedarschema.json").read_text())
    text = (PHOTO_SHARING / "tests" / "cedarentities.json").read_text()
    entities = engine.Entities.from_json_str(text, schema)
    misses = near_misses(candidates, effect, about, entities, schema, limit)
    return [f"{miss.engine_id}: {miss.sentence()}" for miss in misses]


OWNER_ONLY = "its condition `resource.owner == principal` is false"


@pytest.mark.parametrize(
    ("effect", "asked", "told"),
    [
        pytest.param(
            "permit",
            ("RichardRoe", "viewPhoto", "sunset.jpg"),
            [
                "JaneVacation: its principal does not match "
                '`principal == PhotoApp::User::"JohnDoe"`',
                "Photo-labels-contest: its principal does not match "
                '`principal in PhotoApp::Role::"PhotoJudge"`',
                f"Photo-owner: {OWNER_ONLY}",
            ],
            id="a stranger",
        ),
        pytest.param(
            "permit",
            ("JorgeSouza", "viewPhoto", "garden.jpg"),
            [
                "Photo-labels-contest: its condition "
                '`resource.labels.contains("contest")` is false',
                "DoePhotos: its principal does not match "
                '`principal in PhotoApp::UserGroup::"DoeFamily"`',
                f"Photo-owner: {OWNER_ONLY}",
            ],
            id="the condition of the narrowest scope first",
        ),
        pytest.param(
            "permit",
            ("JaneDoe", "uploadPhoto", "DoePhotos"),
            [f"Album-owner: {OWNER_ONLY}"],
            id="policies for other actions are not near",
        ),
        pytest.param(
            "forbid",
            ("JaneDoe", "viewPhoto", "nightclub.jpg"),
            [
                "Photo-labels-private: its exception `unless { resource.owner == principal }` "
                "holds",
            ],
            id="a forbid's exception",
        ),
        pytest.param(
            "forbid",
            ("JohnDoe", "viewPhoto", "nightclub.jpg"),
            [],
            id="a policy that applies is no miss",
        ),
        pytest.param(
            "permit", ("JohnDoe", "viewPhoto", "DoePhotos"), [], id="a request not of the schema"
        ),
    ],
)
def test_the_example_tells_what_almost_applied(
    effect: str, asked: tuple[str, str, str], told: list[str]
) -> None:
    assert photo_misses(effect, photo_request(*asked)) == told


def test_entities_and_schema_reach_the_parts() -> None:
    policy = f"permit({SCOPE}) when {{ resource.owner == principal && resource.labels.isEmpty() }};"
    assert "mine: its condition `resource.labels.isEmpty()` is false" in photo_misses(
        "permit", photo_request("JaneDoe", "viewPhoto", "sunset.jpg"), limit=9, mine=policy
    )


ASKED = request('U::"ann"', 'Action::"view"', 'D::"one"', n=1, mfa=False)
ENTITIES = (
    '[{"uid": {"type": "U", "id": "ann"}, "attrs": {"age": 9},'
    ' "parents": [{"type": "G", "id": "staff"}]},'
    ' {"uid": {"type": "D", "id": "one"}, "attrs": {"meta": {"k": 1}}, "parents": []}]'
)


def told(*policies: str, values: Mapping[str, str] | None = None, limit: int = 3) -> list[str]:
    candidates = [
        Candidate(f"p{number}", text, "permit", values or {})
        for number, text in enumerate(policies)
    ]
    misses = near_misses(candidates, "permit", ASKED, ENTITIES, None, limit)
    return [f"{miss.engine_id}: {miss.sentence()}" for miss in misses]


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        pytest.param(
            'permit(principal is U in G::"admin", action, resource);',
            'its principal does not match `principal is U in G::"admin"`',
            id="is ... in ...",
        ),
        pytest.param(
            'permit(principal, action in [Action::"view"], resource is X);',
            "its resource does not match `resource is X`",
            id="a list of actions",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ context.n == 1 && (context.n == 2 || context.mfa) }};",
            "its condition `context.n == 2 || context.mfa` is false",
            id="a clause in parentheses",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ context has x && context.x == 1 && context.n == 1 }};",
            "its condition `context has x` is false",
            id="what a guard protects is not blamed",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ context has x && context.x == 1 && context.n == 2 }};",
            "its condition `context has x` is false; its condition `context.n == 2` is false",
            id="what is false by itself is",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ context.n == 1 && context.x == 1 }};",
            "its condition `context.x == 1` cannot be evaluated: "
            "record does not have the attribute `x`",
            id="an error",
        ),
        pytest.param(
            f"permit({SCOPE}) unless {{ resource.owner == principal }};",
            "its exception `unless { resource.owner == principal }` cannot be evaluated: "
            '`D::"one"` does not have the attribute `owner`',
            id="an error in an exception",
        ),
        pytest.param(
            "permit(principal, action, resource is X) when { resource.owner == principal };",
            "its resource does not match `resource is X`",
            id="the scope guards the conditions",
        ),
        pytest.param(
            f"permit({SCOPE}) unless {{ context.n == 2 || context.n == 1 }};",
            "its exception `unless { context.n == 1 }` holds",
            id="one of two exceptions",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ if context.mfa then true else false && true }};",
            "its condition `if context.mfa then true else false && true` is false",
            id="if",
        ),
        pytest.param(
            f'permit({SCOPE}) when {{ resource.meta == {{"k": 1}} && {{"&& }}": 1}} has b }};',
            'its condition `{"&& }": 1} has b` is false',
            id="records and strings like code",
        ),
        pytest.param(
            f"permit({SCOPE}) // all\nwhen {{ context.n == 1 // && one\n }} unless {{ false }}\n"
            "when { principal\n.age > // adult\n 17 };",
            "its condition `principal .age > 17` is false",
            id="comments, several conditions",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ context.n == 2 }} when {{ context.n == 3 }} "
            "unless { !context.mfa };",
            "its condition `context.n == 2` is false; its condition `context.n == 3` is false; "
            "its exception `unless { !context.mfa }` holds",
            id="any number of clauses where the scope matches",
        ),
    ],
)
def test_the_part_that_did_not_hold_is_told(policy: str, why: str) -> None:
    assert told(policy) == [f"p0: {why}"]


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(f"permit({SCOPE});", id="applies"),
        pytest.param('permit(principal, action == Action::"edit", resource);', id="other action"),
        pytest.param(
            'permit(principal == U::"bob", action, resource) when { context.n == 2 && false };',
            id="too much fails",
        ),
        pytest.param("permit(principal == ?principal, action, resource);", id="unlinked template"),
        pytest.param("permit(principal == , action, resource);", id="scope that does not parse"),
        pytest.param(f"permit({SCOPE}) when {{ 1 + }};", id="clause that does not parse"),
        pytest.param("nonsense", id="no policy"),
    ],
)
def test_what_is_no_near_miss_is_silent_and_spoils_no_other(policy: str) -> None:
    near = 'permit(principal == U::"bob", action, resource);'
    assert told(policy) == []
    why = 'its principal does not match `principal == U::"bob"`'
    assert told(policy, near) == [f"p1: {why}"]


def test_a_link_shows_its_own_values() -> None:
    template = "permit(principal in ?principal, action, resource == ?resource);"
    values = {"?principal": 'G::"staff"', "?resource": 'D::"two"'}
    assert told(template, values=values) == [
        'p0: its resource does not match `resource == D::"two"`'
    ]


def test_fewest_failures_come_first_then_the_narrowest_scope() -> None:
    clause = "when { context.n == 2 }"
    assert [
        line[:2]
        for line in told(
            f"permit({SCOPE}) {clause} unless {{ context.n == 1 }};",
            f"permit({SCOPE}) {clause};",
            f"permit(principal is U, action, resource) {clause};",
            f'permit(principal in G::"staff", action, resource) {clause};',
            f'permit(principal, action, resource == D::"one") {clause};',
            f'permit(principal is U in G::"staff", action, resource == D::"one") {clause};',
            f"permit({SCOPE}) {clause} when {{ context.x }};",
            limit=9,
        )
    ] == ["p5", "p4", "p3", "p2", "p1", "p6", "p0"]


def test_the_parts_that_hold_are_counted() -> None:
    text = "permit(principal is U, action, resource is X) when { context.n == 1 && resource.no };"
    (miss,) = near_misses([Candidate("p", text, "permit")], "permit", ASKED, ENTITIES, None)
    assert (len(miss.failed), miss.held, miss.unknown) == (1, 2, 1)


def test_only_the_effect_asked_for_counts() -> None:
    candidate = Candidate("p", f"forbid({SCOPE}) when {{ false }};", "forbid")
    assert near_misses([candidate], "permit", ASKED, "[]", None) == ()
    assert len(near_misses([candidate], "forbid", ASKED, "[]", None)) == 1


def test_policies_about_others_altogether_are_told_only_where_they_are_few() -> None:
    others = [f'permit(principal == U::"u{n}", action, resource == D::"d{n}");' for n in range(4)]
    assert len(told(*others[:3])) == 3
    assert told(*others) == []
    assert [line[:2] for line in told(*others, f"permit({SCOPE}) when {{ false }};")] == ["p4"]


@pytest.mark.parametrize("entities", ["[]", ENTITIES, engine.Entities.from_json_str(ENTITIES)])
def test_a_request_or_entities_that_the_engine_refuses_give_nothing(entities: Any) -> None:
    candidates = [Candidate("p", f"permit({SCOPE}) when {{ false }};", "permit")]
    assert near_misses(candidates, "permit", ASKED, entities, None)
    assert near_misses(candidates, "permit", ASKED | {"principal": "??"}, entities, None) == ()
    assert near_misses(candidates, "permit", ASKED, "nonsense", None) == ()
    assert near_misses([], "permit", ASKED, entities, None) == ()


def large(
    scope: str = 'principal == U::"u{n}", action == Action::"view", resource',
) -> list[Candidate]:
    conditions = (
        'when { context.n == 1 && context.n < N && resource.k == "N" } unless { context.mfa }'
    )
    return [
        Candidate(
            f"policy{n}",
            f"permit({scope.replace('{n}', str(n))}) {conditions.replace('N', str(n))};",
            "permit",
        )
        for n in range(1000)
    ]


def test_among_a_thousand_the_nearest_scope_is_found_in_time() -> None:
    candidates = large()
    about = ASKED | {"principal": 'U::"u900"'}
    start = perf_counter()
    (first, *_) = near_misses(candidates, "permit", about, ENTITIES, None)
    assert perf_counter() - start < 2  # about 0.1 s; the rest is for busy machines
    assert first.engine_id == "policy900"
    assert [one.part.text for one in first.failed] == ['resource.k == "900"']
    probes = taken_apart(candidates, "permit")
    assert probes.near_misses(about, ENTITIES, None)[0] == first


def test_of_a_thousand_scopes_that_match_some_are_looked_at() -> None:
    assert len(near_misses(large(SCOPE), "permit", ASKED, ENTITIES, None)) == 3


ATOMS = ["true", "false", "context.n == 1", "context.x == 1", "context has x", "1 < true"]
CLAUSES = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=4)
POLICIES = st.tuples(
    st.sampled_from(["principal", 'principal == U::"ann"', 'principal in G::"x"']),
    st.sampled_from(["action", 'action == Action::"view"', 'action == Action::"edit"']),
    st.sampled_from(["resource", 'resource == D::"one"', "resource is X"]),
    CLAUSES.map(" && ".join),
    CLAUSES.map(" || ".join),
).map(lambda p: f"permit({p[0]}, {p[1]}, {p[2]}) when {{ {p[3]} }} unless {{ {p[4]} }};")


@given(st.lists(POLICIES, min_size=1, max_size=5))
def test_near_misses_are_policies_that_do_not_apply(policies: list[str]) -> None:
    candidates = [Candidate(f"policy{n}", text, "permit") for n, text in enumerate(policies)]
    (answer,) = engine.authorize([ASKED], "\n".join(policies), ENTITIES, None)
    misses = near_misses(candidates, "permit", ASKED, ENTITIES, None, 9)
    assert not {miss.engine_id for miss in misses} & set(answer.reasons)
    assert all(miss.failed for miss in misses)
    errors = dict(answer.errors)
    for miss in misses:
        first = miss.failed[0]
        if first.error:  # then it is the very error of the whole policy
            assert errors[miss.engine_id] == first.error


@given(st.lists(st.text(alphabet='permit(),&|{}"/; whenu?', max_size=40), max_size=3))
def test_no_text_is_an_error(texts: list[str]) -> None:
    near_misses([Candidate("p", one, "permit") for one in texts], "permit", ASKED, "[]", None)
    conditions = [Candidate("p", f"permit({SCOPE}) when {{ {one} }};", "permit") for one in texts]
    near_misses(conditions, "permit", ASKED, "[]", None)
