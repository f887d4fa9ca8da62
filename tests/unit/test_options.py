from typing import Annotated, Any

import pytest
from msgspec import Struct, field

from buildsteps.options import (
    CommonOptions,
    command_key,
    declared_infos,
    environment_prefix,
    fields_of,
    option,
)


class Inner(Struct, frozen=True):
    """A value inside an option."""

    place: Annotated[str, option("A path.", path="path")] = ""
    plain: str = ""


class Options(CommonOptions, frozen=True, kw_only=True):
    """One option of each kind."""

    paths: Annotated[tuple[str, ...], option("Paths.", metavar="PATH", argument=True)] = ()
    deny_warnings: Annotated[bool, option("On or off.")] = False
    shade: Annotated[bool | None, option("On, off or neither.")] = None
    limit: Annotated[int | None, option("A number.", metavar="N")] = 3
    inner: Annotated[dict[str, Inner], option("Inner.", flag=False, key=("a", "b"))] = field(
        default_factory=dict
    )


FIELDS = {one.name: one for one in fields_of(Options)}


@pytest.mark.parametrize(
    ("name", "default", "flag_name", "is_list", "is_flag", "in_environment"),
    [
        ("paths", (), "paths", True, False, True),
        ("deny_warnings", False, "deny-warnings", False, True, True),
        ("shade", None, "shade", False, True, True),
        ("limit", 3, "limit", False, False, True),
        ("inner", {}, "inner", False, False, False),
    ],
)
def test_a_declaration_says_all_that_is_derived_from_it(
    name: str, default: Any, flag_name: str, is_list: bool, is_flag: bool, in_environment: bool
) -> None:
    one = FIELDS[name]
    assert one.default == default
    assert one.flag_name == flag_name
    assert (one.is_list, one.is_flag, one.in_environment) == (is_list, is_flag, in_environment)


def test_the_common_options_come_first_and_every_option_has_help() -> None:
    names = [one.name for one in fields_of(Options)]
    assert names[: len(fields_of(CommonOptions))] == [one.name for one in fields_of(CommonOptions)]
    assert names[-5:] == ["paths", "deny_warnings", "shade", "limit", "inner"]
    assert all(one.info.help for one in fields_of(Options))


def test_values_inside_an_option_need_no_declaration() -> None:
    infos = declared_infos(Inner)
    assert list(infos) == ["place"]
    assert infos["place"].path == "path"


def test_an_option_without_a_declaration_is_a_mistake_of_ours() -> None:
    class Bare(CommonOptions, frozen=True, kw_only=True):
        word: str = ""

    with pytest.raises(TypeError, match=r"is not declared with option\(\)"):
        fields_of(Bare)


@pytest.mark.parametrize(
    ("command", "key", "prefix"),
    [
        ("cedar-validate", "cedar_validate", "BUILDSTEPS_CEDAR_VALIDATE_"),
        ("config show", "config_show", "BUILDSTEPS_CONFIG_SHOW_"),
        ("schema", "schema", "BUILDSTEPS_SCHEMA_"),
    ],
)
def test_a_commands_names_are_its_words_joined(command: str, key: str, prefix: str) -> None:
    assert (command_key(command), environment_prefix(command)) == (key, prefix)
