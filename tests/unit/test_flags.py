from typing import Annotated, Any, Literal

import pytest
from click.testing import CliRunner
from msgspec import field

from buildsteps.config import place_of
from buildsteps.flags import REFUSAL, StepCommand, epilog, parameters
from buildsteps.options import CommonOptions, fields_of, option


class Options(CommonOptions, frozen=True, kw_only=True):
    """One option of each kind."""

    paths: Annotated[tuple[str, ...], option("Paths.", metavar="PATH", argument=True)] = ()
    word: Annotated[str, option("A word.", metavar="WORD")] = "d"
    number: Annotated[int, option("A number.", metavar="N")] = 7
    share: Annotated[float | None, option("A share.", metavar="PERCENT")] = None
    choice: Annotated[Literal["one", "two"], option("One of two.")] = "one"
    maybe: Annotated[Literal["one", "two"] | None, option("One of two, or none.")] = None
    items: Annotated[tuple[str, ...], option("Several.", metavar="X")] = ()
    quick: Annotated[bool, option("On or off.")] = True
    now: Annotated[bool, option("Not in the file.", in_file=False)] = False
    hidden: Annotated[dict[str, int], option("In the file only.", flag=False)] = field(
        default_factory=dict
    )


def given(*arguments: str) -> dict[str, Any]:
    """What the command line hands on; what was not given is left out."""
    found: dict[str, Any] = {}
    command = StepCommand("try", params=list(parameters(Options)), callback=found.update)
    command.main(args=list(arguments), standalone_mode=False)
    return {name: value for name, value in found.items() if value not in (None, ())}


def refused(*arguments: str) -> tuple[str, dict[str, Any]]:
    """What is said of a wrong call, and what was understood of it."""
    command = StepCommand("try", params=list(parameters(Options)))
    context = command.make_context("try", list(arguments))
    understood = {name: value for name, value in context.params.items() if value not in (None, ())}
    return context.meta[REFUSAL].format_message(), understood


def help_text() -> str:
    command = StepCommand("try", params=list(parameters(Options)), epilog=epilog("try it"))
    return CliRunner().invoke(command, ["--help"]).output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {}),
        (["a", "b"], {"paths": ("a", "b")}),
        (["--word", "w"], {"word": "w"}),
        (["--word", ""], {"word": ""}),
        (["--number", "-2"], {"number": -2}),
        (["--share", "1.5"], {"share": 1.5}),
        (["--choice", "two"], {"choice": "two"}),
        (["--items", "a", "--items", "b"], {"items": ("a", "b")}),
        (["--no-quick"], {"quick": False}),
        (["--quick"], {"quick": True}),
        (["--now"], {"now": True}),
        (["-v"], {"verbose": True}),
        (["-q", "p", "--no-color"], {"quiet": True, "paths": ("p",), "color": False}),
        (["--", "--word"], {"paths": ("--word",)}),
    ],
)
def test_only_what_was_given_is_handed_on(arguments: list[str], expected: dict[str, Any]) -> None:
    assert given(*arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--number", "many"], "'many' is not a valid integer"),
        (["--share", "half"], "'half' is not a valid float"),
        (["--choice", "three"], "'three' is not one of 'one', 'two'"),
        (["--maybe", "three"], "'three' is not one of 'one', 'two'"),
        (["--hidden", "x"], "No such option"),
        (["--no-now"], "No such option"),
        (["--word"], "requires an argument"),
    ],
)
def test_a_flag_that_does_not_fit_is_refused(arguments: list[str], sentence: str) -> None:
    assert sentence in refused(*arguments)[0]


@pytest.mark.parametrize("wrong", [["--wrod", "x"], ["--number", "many"], ["-z"]])
def test_what_stands_around_a_mistake_is_understood(wrong: list[str]) -> None:
    _, understood = refused("--junit", "a.xml", *wrong, "--format", "json", "-q")
    expected = {"junit": "a.xml", "format": "json", "quiet": True}
    assert {name: understood[name] for name in expected} == expected
    assert "number" not in understood


def test_help_has_the_commands_own_options_apart_from_the_common_ones() -> None:
    own, common = help_text().split("Options of every command:")
    assert "--number N" in own
    assert "--choice [one|two]" in own
    assert "--format" in common
    assert "--number" not in common
    assert "hidden" not in own + common
    assert "Usage: try [OPTIONS] [PATH ...]" in own
    assert "Arguments:\n  PATH  Paths.\n" in own


def test_help_tells_defaults_that_say_something() -> None:
    text = " ".join(help_text().split())
    assert "A number. Default: 7." in text
    assert "On or off. On by default." in text
    assert "A share. Default" not in text
    assert "Several. Default" not in text
    assert "Every option also reads BUILDSTEPS_TRY_IT_<OPTION> and buildsteps.yaml" in text


class Bare(CommonOptions, frozen=True, kw_only=True):
    paths: Annotated[tuple[str, ...], option("Files.", metavar="PATH", argument=True)] = ()
    write: Annotated[str, option("Write.", metavar="FILE", bare="in-place")] = ""
    from_: Annotated[tuple[str, ...], option("Read.", metavar="FILE", path="path")] = ()


@pytest.mark.parametrize(
    ("arguments", "write", "paths"),
    [
        (["--write", "a"], "in-place", ("a",)),
        (["--write=b", "a"], "b", ("a",)),
        (["a"], None, ("a",)),
        (["--", "--write"], None, ("--write",)),
    ],
)
def test_a_flag_with_a_value_that_may_be_left_out_never_takes_the_next_word(
    arguments: list[str], write: str | None, paths: tuple[str, ...]
) -> None:
    command = StepCommand("x", params=parameters(Bare))
    given = command.make_context("x", arguments).params
    assert (given["write"], given["paths"]) == (write, paths)


def test_a_name_that_python_keeps_to_itself_is_written_without_its_underscore() -> None:
    field = next(one for one in fields_of(Bare) if one.name == "from_")
    assert (field.flag_name, place_of("x", field)) == ("from", ("x", "from"))
