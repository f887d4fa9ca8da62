"""Our own test format, declared once: suites are decoded by it, and editors get its JSON Schema.

What a field's ``extra_json_schema`` says is held by the reader in ``suite.py``, which knows better
words and places than a decoder; a test keeps the two from drifting.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

ANY = "*"

_UID = '`Type::"id"`, or a word of `names`'

Context: TypeAlias = Annotated[
    dict[str, Any] | None, Meta(description="The request's context, instead of the defaults'.")
]
Entities: TypeAlias = Annotated[
    tuple[Annotated[dict[str, Any], Meta(extra_json_schema={"required": ["uid"]})], ...],
    Meta(
        description="Entities in Cedar's JSON; `uid` and `parents` may be words. One that the "
        "entities files or the suite have as well is laid over: attributes and tags are merged, "
        "parents replaced."
    ),
]
Skip: TypeAlias = Annotated[str, Meta(description="Why this is not judged; empty: it is.")]
Words: TypeAlias = Annotated[tuple[str, ...], Meta(extra_json_schema={"minItems": 1})]
Chosen: TypeAlias = Annotated[
    str | tuple[str, ...], Meta(description="A word of the matrix, or a list of them; `*`: all.")
]


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a suite are: an unknown key is a mistake."""


class Asked(Strict, frozen=True, kw_only=True):
    """A request, as far as it is given; the suite's defaults fill the rest."""

    principal: Annotated[str, Meta(description=f"Who asks: {_UID}.")] = ""
    action: Annotated[str, Meta(description=f"What is asked for: {_UID}.")] = ""
    resource: Annotated[str, Meta(description=f"What it is asked about: {_UID}.")] = ""
    context: Context = None


class Single(Asked, frozen=True, kw_only=True):
    """One test."""

    decision: Annotated[Literal["allow", "deny"], Meta(description="What must be decided.")]
    name: Annotated[str, Meta(description="What the case is called.")] = ""
    reasons: Annotated[
        tuple[str, ...] | None,
        Meta(description="Exactly the determining policies, by id; `[]` for the default deny."),
    ] = None
    reasons_include: Annotated[
        tuple[str, ...] | None,
        Meta(description="Some of the determining policies, by id; counts instead of `reasons`."),
    ] = None
    errors: Annotated[
        tuple[str, ...] | int | None,
        Meta(description="The policies whose evaluation fails, by id, or how many do."),
    ] = None
    entities: Entities = ()
    skip: Skip = ""


class Cell(Strict, frozen=True, kw_only=True):
    """Allowed combinations of a matrix; what is left out stands for all."""

    principal: Chosen = ANY
    action: Chosen = ANY
    resource: Chosen = ANY

    def allows(self, principal: str, action: str, resource: str) -> bool:
        """Whether a combination is one of these."""
        mine = (self.principal, self.action, self.resource)
        return all(
            one in ((wanted,) if isinstance(wanted, str) else wanted) or wanted == ANY
            for one, wanted in zip((principal, action, resource), mine, strict=True)
        )


class Matrix(Strict, frozen=True, kw_only=True):
    """Every principal with every action on every resource: the allowed listed, all else denied."""

    principals: Annotated[Words, Meta(description=f"Who asks, each {_UID}.")]
    actions: Annotated[Words, Meta(description=f"What is asked for, each {_UID}.")]
    resources: Annotated[Words, Meta(description=f"What it is asked about, each {_UID}.")]
    allow: Annotated[
        tuple[Cell, ...], Meta(description="What is allowed; everything else is denied.")
    ] = ()
    name: Annotated[str, Meta(description="What the names of its cases begin with.")] = ""
    context: Context = None
    entities: Entities = ()
    skip: Skip = ""


class Suite(Strict, frozen=True, kw_only=True):
    """Tests of a Cedar policy store."""

    schema: Annotated[
        str, Meta(description="Where editors find this schema; means nothing to the tests.")
    ] = field(default="", name="$schema")
    name: Annotated[str, Meta(description="The suite's name; by default that of the file.")] = ""
    names: Annotated[
        dict[str, Annotated[str, Meta(extra_json_schema={"pattern": '::"'})]],
        Meta(description='Short words for entity uids such as `User::"alice"`.'),
    ] = field(default_factory=dict)
    entities: Entities = ()
    defaults: Annotated[Asked, Meta(description="What a test that does not say asks.")] = Asked()
    tests: Annotated[tuple[Single, ...], Meta(description="Tests, one by one.")] = ()
    matrix: Annotated[
        tuple[Matrix, ...], Meta(description="Tests as tables of what is allowed.")
    ] = ()


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a suite: of all that can be said without its words."""
    derived = msgspec.json.schema(Suite)
    derived["$defs"]["Suite"]["anyOf"] = [
        {"required": [part], "properties": {part: {"minItems": 1}}} for part in ("tests", "matrix")
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A suite of Cedar tests (*.cedartests.yaml)",
        **derived,
    }
