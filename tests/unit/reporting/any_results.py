"""Hypothesis strategies: results with any text in any field."""

from hypothesis import strategies as st

from buildsteps.results import (
    Case,
    Cause,
    Chart,
    Finding,
    Level,
    Location,
    Outcome,
    Report,
    RunResult,
    Series,
    Severity,
    Table,
    Verdict,
    VerdictOutcome,
)

HOSTILE = (
    "",
    "\x00\x1b[2J\x9b31m\x7f\u202e\ufffe\uffff\udcff\ud800",
    "a\r\nb\u2028c\x85d\x0be",
    "]]>&amp;<!-- --><![CDATA[",
    "```\n| a | b |\n</details>@octocat #1",
    "::error file=a,line=1::%0A",
    "https://[",
    "http://example.com/a b?ü#%zz",
    "C:/x y/ü.py",
    "//host/share",
    "../\udce4 é",
    "'\"`\\",
)

# every code point, lone surrogates among them
texts = st.sampled_from(HOSTILE) | st.text(
    st.characters(min_codepoint=0, max_codepoint=0x10FFFF, categories=None), max_size=40
)
_numbers = st.none() | st.integers(0, 2**31)

locations = st.builds(
    Location,
    path=texts,
    line=_numbers,
    column=_numbers,
    end_line=_numbers,
    end_column=_numbers,
)
_names = st.lists(texts, max_size=2).map(tuple)
FINGERPRINTS = ("0b9c", "77aa")
_fingerprints = st.lists(st.sampled_from(FINGERPRINTS), max_size=2).map(tuple)
_places = st.lists(locations, max_size=3).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case; only an error names its cause."""
    outcome = draw(st.sampled_from(Outcome))
    return Case(
        name=draw(texts),
        group=draw(texts),
        outcome=outcome,
        cause=draw(st.sampled_from(Cause)) if outcome is Outcome.ERROR else None,
        kind=draw(texts),
        message=draw(texts),
        detail=draw(texts),
        seconds=draw(st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e6)),
        locations=draw(_places),
        findings=draw(_fingerprints),
    )


findings = st.builds(
    Finding,
    rule=texts,
    severity=st.sampled_from(Severity),
    message=texts,
    locations=_places,
    detail=texts,
    help=texts,
    fix=texts,
    fingerprint=st.sampled_from(FINGERPRINTS) | texts,
    accepted=texts,
    title=texts,
    aliases=_names,
    engines=_names,
    cwes=st.lists(st.integers(1, 2000), max_size=12).map(tuple),
    snippet=texts | st.just("  4 | call(\x1b[2J)</pre>\n    | ^^^^\n  5 | ```\n  … |"),
    known=st.booleans(),
)
_row = st.lists(texts, max_size=3).map(tuple)
tables = st.builds(Table, title=texts, columns=_row, rows=st.lists(_row, max_size=3).map(tuple))
_values = st.floats(0, 1e12)


@st.composite
def _series(draw: st.DrawFn) -> Series:
    x = sorted(draw(st.sets(_values, max_size=6)))
    y = draw(st.lists(st.none() | _values, min_size=len(x), max_size=len(x)))
    return Series(name=draw(texts), x=tuple(x), y=tuple(y))


charts = st.builds(
    Chart,
    title=texts,
    unit=texts,
    along=texts,
    series=st.lists(_series(), max_size=3).map(tuple),
    levels=st.lists(st.builds(Level, name=texts, value=_values), max_size=2).map(tuple),
)
_facts = st.recursive(
    texts | st.integers() | st.booleans() | st.none() | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=6,
)

results = st.builds(
    RunResult,
    command=texts,
    report=st.builds(
        Report,
        cases=st.lists(cases(), max_size=5),
        findings=st.lists(findings, max_size=4),
        facts=st.dictionaries(texts, _facts, max_size=3),
        notes=st.lists(texts, max_size=3).map(tuple),
        tables=st.lists(tables, max_size=2).map(tuple),
    ),
    verdict=st.builds(
        Verdict,
        outcome=st.sampled_from(VerdictOutcome),
        exit_code=st.sampled_from([0, 1, 2, 3, 130]),
        reasons=st.lists(texts, max_size=3).map(tuple),
    ),
)
