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
    switch: Annotated[bool, option("On or off.")] = False
    choice: Annotated[Literal["a", "b"], option("One of two.")] = "a"
    items: Annotated[tuple[str, ...], option("Several.")] = ()
    place: Annotated[str, option("A path.", path="path")] = ""
    shared: Annotated[dict[str, int], option("Shared.", flag=False, key=("cedar", "numbers"))] = (
        field(default_factory=dict)
    )


PREFIX = "BUILDSTEPS_TRY_IT_"


def resolved(
    folder: Path,
    text: str = "",
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> config.Resolved:
    file = None
    if text:
        path = folder / "sub" / "buildsteps.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        file = config.load(path, Files(folder))
    return config.resolve("try it", Options, flags or {}, environ or {}, file)


@pytest.mark.parametrize(
    ("name", "flag", "environ", "written", "values"),
    [
        ("word", "f", "e", "y", ("f", "e", "y", "d")),
        ("number", 3, "2", "1", (3, 2, 1, 0)),
        ("switch", False, "true", "true", (False, True, True, False)),
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
    assert str(runs[2].sources[name]) == "file sub/buildsteps.yaml:2"


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
        ({"NUMBR": "1"}, "no option reads the environment variable"),
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
        ("accept:\n- {rule: a}\n", "sub/buildsteps.yaml:2:3: the key `reason` is missing"),
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
