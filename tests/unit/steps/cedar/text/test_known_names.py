import pytest

from buildsteps.steps.cedar.schemas.resolution import parse_schema
from buildsteps.steps.cedar.text.known_names import nearest_name

MODEL = parse_schema(
    """
namespace App {
  entity User { name: String, home: { street: String, city: { zip: Long } } };
  entity Photo { labels: Set<String> };
  entity Colour enum ["red", "green"];
  action viewPhoto, editPhoto appliesTo {
    principal: User, resource: Photo, context: { mfa: Bool, from: { country: String } }
  };
}
"""
)
VIEW = 'App::Action::"viewPhoto"'


@pytest.mark.parametrize(
    ("message", "offered"),
    [
        ("unrecognized entity type `App::Usr`", "App::User"),
        ("unrecognized entity type `User`", "App::User"),
        ("unrecognized entity type `app::user`", "App::User"),
        ('unrecognized action `App::Action::"viewPhto"`', VIEW),
        ('unrecognized action `Action::"viewPhoto"`', VIEW),
        ("attribute `label` on entity type `App::Photo` not found", "labels"),
        ("attribute `home.stret` on entity type `App::User` not found", "street"),
        ("attribute `home.city.zipp` on entity type `App::User` not found", "zip"),
        (f"attribute `mffa` in context for {VIEW} not found", "mfa"),
        (f"attribute `from.cuntry` in context for {VIEW} not found", "country"),
        ('action `App::Action::"viewPhotos"` does not exist in the supplied schema', VIEW),
        ("principal type `App::Usr` is not declared in the schema", "App::User"),
        ("resource type `App::Photos` is not declared in the schema", "App::Photo"),
        ("entity type `App::Phto` is not declared in the schema", "App::Photo"),
    ],
)
def test_the_nearest_of_the_names_that_could_stand_there_is_offered(
    message: str, offered: str
) -> None:
    assert nearest_name(message, MODEL) == f". Did you mean `{offered}`?"


@pytest.mark.parametrize(
    "message",
    [
        "",
        "unexpected token `x`",
        "unrecognized entity type `Zebra`",
        "attribute `zebra` on entity type `App::Photo` not found",
        "attribute `label` on entity type `App::Nothing` not found",
        "attribute `name.x` on entity type `App::User` not found",
        "attribute `gone.x` on entity type `App::User` not found",
        'attribute `mffa` in context for App::Action::"none" not found',
        "attribute `` not found",
        "unrecognized entity type `" + "x" * 100_000 + "`",
    ],
)
def test_where_none_is_near_nothing_is_offered(message: str) -> None:
    assert nearest_name(message, MODEL) == ""


def test_without_a_schema_nothing_is_offered() -> None:
    assert nearest_name("unrecognized entity type `App::Usr`", None) == ""
