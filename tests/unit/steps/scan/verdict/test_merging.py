from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Case, Location, Severity
from buildsteps.steps.scan.python.syntax import no_python
from buildsteps.steps.scan.python_rules import name_of
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.merging import finding_of, merged


def seen(
    engine: str = "bandit",
    rule: str = "",
    line: int = 1,
    *,
    path: str = "a.py",
    severity: Severity = Severity.MEDIUM,
    message: str = "",
    extent: tuple[int, int] | None = None,
    suppressed: str = "",
    column: int | None = None,
    secret: bool = False,
    snippet: str = "",
) -> Sighting:
    rule = rule or ("S307" if engine == "ruff" else "B307")
    return Sighting(
        engine=engine,
        rule=rule,
        severity=severity,
        message=message or f"{engine} says",
        locations=(Location(path, line, column),),
        extent=extent,
        suppressed=suppressed,
        secret=secret,
        snippet=snippet,
    )


def engines(*sightings: Sighting) -> list[tuple[str, ...]]:
    return [tuple(one.engine for one in group) for group in merged(sightings, name_of)]


def test_two_engines_on_one_line_are_one_finding() -> None:
    assert engines(seen("bandit"), seen("ruff")) == [("bandit", "ruff")]


def test_other_lines_files_and_rules_are_other_findings() -> None:
    one = seen("bandit")
    for other in (seen("ruff", line=2), seen("ruff", path="b.py"), seen("ruff", "S506")):
        assert engines(one, other) == [("bandit",), ("ruff",)]


def test_two_of_one_engine_on_one_line_stay_two() -> None:
    twice = [seen("bandit"), seen("bandit"), seen("ruff"), seen("ruff")]
    assert engines(*twice) == [("bandit", "ruff"), ("bandit", "ruff")]
    assert engines(*twice[:3]) == [("bandit", "ruff"), ("bandit",)]


def test_lines_of_one_call_are_one_place_whichever_each_engine_names() -> None:
    for line in (3, 5, 7):
        inside = seen("ruff", line=line)
        assert engines(seen("bandit", line=6, extent=(3, 7)), inside) == [("bandit", "ruff")]
        assert engines(inside, seen("bandit", line=6, extent=(3, 7))) == [("ruff", "bandit")]
    outside = seen("ruff", line=8)
    assert engines(seen("bandit", line=6, extent=(3, 7)), outside) == [("bandit",), ("ruff",)]


def test_the_nearest_line_of_a_call_is_taken() -> None:
    far, near = seen("ruff", line=3), seen("ruff", line=5)
    groups = merged([seen("bandit", line=6, extent=(1, 9)), far, near], name_of)
    assert [[one.locations[0].line for one in group] for group in groups] == [[6, 5], [3]]


def test_the_same_line_goes_before_a_line_of_the_same_call() -> None:
    wide, exact = seen("bandit", line=2, extent=(1, 9)), seen("bandit", line=5)
    groups = merged([wide, exact, seen("ruff", line=5)], name_of)
    assert [len(group) for group in groups] == [1, 2]


def test_what_is_in_no_file_is_told_apart_by_its_identity() -> None:
    def package(engine: str, identity: str) -> Sighting:
        return Sighting(
            engine=engine, rule="CVE-1", severity=Severity.LOW, message="", identity=identity
        )

    found = engines(package("trivy", "a@1"), package("grype", "b@1"), package("grype", "a@1"))
    assert found == [("trivy", "grype"), ("grype",)]


@given(
    st.lists(
        st.builds(
            seen,
            engine=st.sampled_from(["bandit", "ruff", "semgrep"]),
            rule=st.just("B307"),
            line=st.integers(1, 6),
            extent=st.none()
            | st.tuples(st.integers(1, 6), st.integers(1, 6)).map(
                lambda ends: (min(ends), max(ends))
            ),
        ),
        max_size=20,
    )
)
def test_nothing_is_lost_and_no_engine_is_twice_in_a_finding(sightings: list[Sighting]) -> None:
    groups = merged(sightings, name_of)
    assert Counter(one for group in groups for one in group) == Counter(sightings)
    for group in groups:
        assert len({one.engine for one in group}) == len(group)


def test_the_most_severe_and_the_most_exact_speak() -> None:
    finding = finding_of(
        [
            seen("bandit", severity=Severity.HIGH, message="bandit says a lot more"),
            seen("ruff", severity=Severity.LOW, column=5, message="ruff says"),
        ],
        name_of,
    )
    assert (finding.severity, finding.message) == (Severity.HIGH, "ruff says")
    assert finding.locations == (Location("a.py", 1, 5),)
    assert finding.engines == ("bandit", "ruff")


def test_a_finding_has_bandits_name_and_answers_to_the_others() -> None:
    both = finding_of([seen("bandit"), seen("ruff")], name_of)
    alone = finding_of([seen("ruff")], name_of)
    assert (both.rule, both.aliases) == (alone.rule, alone.aliases) == ("B307", ("S307",))


def test_one_engine_that_was_told_to_let_it_pass_speaks_for_all() -> None:
    told = seen("ruff", suppressed="a literal")
    assert finding_of([seen("bandit"), told], name_of).accepted == "a literal"
    mute = seen("bandit", suppressed="nosec without a reason")
    assert finding_of([mute, told], name_of).accepted == "a literal"
    assert finding_of([mute, seen("ruff")], name_of).accepted == "nosec without a reason"
    assert finding_of([seen("bandit"), seen("ruff")], name_of).accepted == ""


def test_a_secret_of_one_is_shown_by_none() -> None:
    one, other = seen("bandit", secret=True), seen("ruff", snippet="password = 'hunter2'")
    assert finding_of([one, other], name_of).snippet == ""


def _case(place: Location, message: str) -> Case:
    return no_python(place, message)
