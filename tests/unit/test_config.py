from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import field

from buildsteps import config
from buildsteps.errors import UsageError
from buildsteps.options import CommonOptions, option
from buildsteps.world.files import Files


class Options(CommonOptions, frozen=True, kw_only=True):
    """One option of each kind."""

    word: Annotated[str, option("A word.")] = "d"
    number: Annotated[int, option("A number.")] = 0
    share: Annotated[float | None, option("A number, whole or not.")] = None
    shade: Annotated[bool | None, option("On, off or neither.")] = None
    limit: Annotated[int | None, option("A number or none.")] = None
    switch: Annotated[bool, option("On or off.")] = False
    choice: Annotated[Literal["a", "b"], option("One of two.")] = "a"
    items: Annotated[tuple[str, ...], option("Several.")] = ()
    place: Annotated[str, option("A path.", path="path")] = ""
    shared: Annotated[dict[str, int], option("Shared.", flag=False, key=("cedar", "numbers"))] = (
        field(default_factory=dict)
    )


PREFIX = "BUILDSTEPS_TRY_IT_"


def written(folder: Path, text: str) -> config.ConfigFile:
    path = folder / "sub" / "buildsteps.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return config.load(path, Files(folder))


def resolved(
    folder: Path,
    text: str = "",
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> config.Resolved:
    file = written(folder, text) if text else None
    return config.resolve("try it", Options, flags or {}, environ or {}, file)


@pytest.mark.parametrize(
    ("name", "flag", "environ", "written", "values"),
    [
        ("word", "f", "e", "y", ("f", "e", "y", "d")),
        ("number", 3, "2", "1", (3, 2, 1, 0)),
        ("switch", False, "true", "true", (False, True, True, False)),
        ("share", 2.5, "1.5", "0.5", (2.5, 1.5, 0.5, None)),
        ("shade", True, "off", "yes", (True, False, True, None)),
        ("limit", 9, "8", "7", (9, 8, 7, None)),
        ("word", "", "e", "y", ("", "e", "y", "d")),
        ("number", 0, "2", "1", (0, 2, 1, 0)),
        ("place", "f", "e", "/y", ("f", "e", "/y", "")),
        (
            "output",
            ("json=f",),
            "json=e",
            "[json=/y]",
            (("json=f",), ("json=e",), ("json=/y",), ()),
        ),
        ("choice", "b", "a", "b", ("b", "a", "b", "a")),
        ("items", ("f",), "e1\ne2\n", "[y]", (("f",), ("e1", "e2"), ("y",), ())),
    ],
)
def test_the_strongest_source_wins_and_lists_are_never_merged(
    tmp_path: Path, name: str, flag: Any, environ: str, written: str, values: tuple[Any, ...]
) -> None:
    text = f"try_it:\n  {name}: {written}\n"
    variable = {PREFIX + name.upper(): environ}
    runs = [
        resolved(tmp_path, text, variable, {name: flag}),
        resolved(tmp_path, text, variable),
        resolved(tmp_path, text),
        resolved(tmp_path),
    ]
    assert tuple(getattr(run.options, name) for run in runs) == values
    kinds = ["flag", "environment", "file", "default"]
    assert [run.sources[name].kind for run in runs] == kinds
    assert str(runs[0].sources[name]) == f"flag --{name}"
    assert str(runs[1].sources[name]) == f"environment {PREFIX}{name.upper()}"
    assert str(runs[2].sources[name]) == "file sub/buildsteps.yaml:2"
    assert str(runs[3].sources[name]) == "default"


def test_paths_of_the_file_are_relative_to_it(tmp_path: Path) -> None:
    text = "try_it: {place: a/b, output: [json=r.json]}\n"
    options = resolved(tmp_path, text).options
    assert options.place == str(tmp_path / "sub" / "a" / "b")
    assert options.output == (f"json={tmp_path / 'sub' / 'r.json'}",)
    assert resolved(tmp_path, text, {PREFIX + "PLACE": "x"}).options.place == "x"


def test_a_shared_section_serves_an_option(tmp_path: Path) -> None:
    assert resolved(tmp_path, "cedar: {numbers: {a: 1}}\n").options.shared == {"a": 1}


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert resolved(tmp_path, environ={PREFIX + "NUMBER": ""}).sources["number"].kind == "default"


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"NUMBER": "many"}, "NUMBER must be a whole number, not 'many'"),
        ({"SWITCH": "maybe"}, "must be true or false"),
        ({"CHOICE": "c"}, "CHOICE must be `a` or `b`, not 'c'"),
        ({"LIMIT": "x"}, "LIMIT must be a whole number, not 'x'"),
        ({"SHARE": "nan"}, "SHARE must be a number, not nan"),
        ({"SHARE": "inf"}, "SHARE must be a number, not inf"),
        ({"NUMBR": "1"}, "NUMBR. Did you mean `BUILDSTEPS_TRY_IT_NUMBER`"),
        ({"SHARED": "1"}, "no option reads the environment variable BUILDSTEPS_TRY_IT_SHARED"),
        ({"": "1"}, "no option reads the environment variable BUILDSTEPS_TRY_IT_"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        resolved(tmp_path, environ={PREFIX + name: value for name, value in environ.items()})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("try_it:\n  number: many\n", "sub/buildsteps.yaml:2:11"),
        ("try_it:\n  items: one\n", "sub/buildsteps.yaml:2:10"),
        ("try_it:\n  choice: c\n", "sub/buildsteps.yaml:2:11"),
        ("try_it:\n  items: [1]\n", "sub/buildsteps.yaml:2:11"),
        ("try_it:\n  share: .nan\n", "sub/buildsteps.yaml:2:10: expected a number or nothing"),
        ('try_it:\n  word: "a\\0b"\n', "sub/buildsteps.yaml:2:9: text must not hold a NUL"),
        ('try_it:\n  items: ["a\\0b"]\n', "sub/buildsteps.yaml:2:11: text must not hold a NUL"),
        ("try_it:\n  switch:\n", "sub/buildsteps.yaml:2:10: expected true or false, found noth"),
        ("accept:\n- {reason: a}\n", "sub/buildsteps.yaml:2:3: the key `rule` is missing"),
        ("accept:\n- {rule: a, reason: b, untl: c}\n", "sub/buildsteps.yaml:2:24: unknown key"),
        ("accept:\n- {rule: a, reason: b, until: soon}\n", "sub/buildsteps.yaml:2:31"),
    ],
)
def test_a_wrong_value_of_the_file_is_told_with_its_place(
    tmp_path: Path, text: str, place: str
) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(tmp_path, text)
    assert str(caught.value).startswith(place)


def test_the_nearest_file_up_to_the_repository_counts(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "buildsteps.yaml").touch()
    assert config.find_file(inner, {}) is None
    (tmp_path / "repository" / ".git").mkdir()
    assert config.find_file(inner, {}) is None
    (tmp_path / "repository" / "buildsteps.yaml").touch()
    assert config.find_file(inner, {}) == tmp_path / "repository" / "buildsteps.yaml"
    (inner / "buildsteps.yaml").touch()
    assert config.find_file(inner, {}) == inner / "buildsteps.yaml"


def test_in_codebuild_the_source_folder_is_the_root(tmp_path: Path) -> None:
    inner = tmp_path / "src" / "a"
    inner.mkdir(parents=True)
    (tmp_path / "src" / "buildsteps.yaml").touch()
    assert config.find_file(inner, {}) is None
    found = config.find_file(inner, {"CODEBUILD_SRC_DIR": str(tmp_path / "src")})
    assert found == tmp_path / "src" / "buildsteps.yaml"


def test_a_flag_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--share must be a number, not nan"):
        resolved(tmp_path, flags={"share": float("nan")})


@pytest.mark.parametrize("word", ["1", "true", "YES", " on\n"])
def test_a_switch_is_on(tmp_path: Path, word: str) -> None:
    assert resolved(tmp_path, environ={PREFIX + "SWITCH": word}).options.switch is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off "])
def test_a_switch_is_off(tmp_path: Path, word: str) -> None:
    run = resolved(tmp_path, "try_it: {switch: true}\n", {PREFIX + "SWITCH": word})
    assert run.options.switch is False


def test_a_variable_of_another_command_is_none_of_ours(tmp_path: Path) -> None:
    assert resolved(tmp_path, environ={"BUILDSTEPS_OTHER_X": "1"}).options.word == "d"


def test_lists_of_the_environment_have_a_value_a_line(tmp_path: Path) -> None:
    environ = {PREFIX + "ITEMS": " a b \r\n\n,c\n"}
    assert resolved(tmp_path, environ=environ).options.items == ("a b", ",c")


def test_what_can_be_told_is_told_although_the_rest_is_wrong(tmp_path: Path) -> None:
    flags = {"format": "json", "junit_limit": float("nan")}
    environ = {PREFIX + "JUNIT": "e.xml", PREFIX + "QUIET": "maybe", PREFIX + "NOBODY": "1"}
    options = config.resolve_what_can_be("try it", CommonOptions, flags, environ, None)
    assert (options.format, options.junit, options.quiet) == ("json", "e.xml", False)
    assert options.junit_limit is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\n", "sub/buildsteps.yaml:1:1: unknown section `a`."),
        ("try_i: {}\n", "sub/buildsteps.yaml:1:1: unknown section `try_i`. Did you mean `try_it`?"),
        ("x-a: 1\ntry_it: {}\n", None),
        ("try_it:\n", None),
        ("", None),
    ],
)
def test_the_names_of_sections_are_known_or_free(
    tmp_path: Path, text: str, sentence: str | None
) -> None:
    file = written(tmp_path, text)
    if sentence is None:
        config.check_sections(file, {"try_it"})
    else:
        with pytest.raises(UsageError) as caught:
            config.check_sections(file, {"try_it"})
        assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "try_it: {wort: 1}\n",
            "sub/buildsteps.yaml:1:10: unknown key `wort`. Did you mean `word`",
        ),
        ("try_it: [word]\n", "sub/buildsteps.yaml:1:9: expected a mapping, found a list"),
        ("try_it: {x-y: 1, word: a}\n", None),
        ("try_it: {other: a}\n", None),
        ("try_it:\n", None),
    ],
)
def test_the_keys_of_a_section_are_known_or_free(
    tmp_path: Path, text: str, sentence: str | None
) -> None:
    file = written(tmp_path, text)
    asked = [file, "try_it", {"word"}, lambda: {"word", "other"}]
    if sentence is None:
        config.check_section(*asked)  # type: ignore[arg-type]
    else:
        with pytest.raises(UsageError) as caught:
            config.check_section(*asked)  # type: ignore[arg-type]
        assert str(caught.value).startswith(sentence)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1:1: expected a mapping of sections, found text `a`"):
        written(tmp_path, "a\n")


def test_a_broken_link_in_the_place_of_the_file_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").symlink_to("gone")
    found = config.find_file(tmp_path, {})
    assert found == tmp_path / "buildsteps.yaml"
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        config.load(found, Files(tmp_path))


class Elsewhere(CommonOptions, frozen=True, kw_only=True):
    """An option that variables of another tool set, too."""

    place: Annotated[str, option("Where.", metavar="URL", variables=("THEIR_PLACE",))] = ""


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"THEIR_PLACE": "theirs"}, "theirs"),
        ({"THEIR_PLACE": "theirs", "BUILDSTEPS_ELSEWHERE_PLACE": "ours"}, "ours"),
        ({"THEIR_PLACE": ""}, ""),
    ],
)
def test_a_variable_of_another_tool_is_weaker_than_our_own(
    environ: dict[str, str], place: str
) -> None:
    assert config.resolve("elsewhere", Elsewhere, {}, environ, None).options.place == place
    flagged = config.resolve("elsewhere", Elsewhere, {"place": "flag"}, environ, None)
    assert flagged.options.place == "flag"
