import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.steps.scan.asking import DEFAULT, engine_names
from buildsteps.steps.scan.settings import Scanner, ScanOptions


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (ScanOptions(), DEFAULT),
        (ScanOptions(engine=("ruff", "ruff")), ("ruff",)),
        (ScanOptions(sarif=("a.sarif",)), ("sarif",)),
        (ScanOptions(scanners={"x": Scanner(run=("x",))}), ("scanners",)),
        (ScanOptions(sbom="a.json", image=("i",)), ("inspector", "ecr")),
        (ScanOptions(engine=("bandit",), image=("i",)), ("bandit",)),
        (ScanOptions(engine=("codeguru",), saved=("a.json",)), ("codeguru",)),
    ],
)
def test_engines_are_asked_by_name_or_by_what_is_given(
    options: ScanOptions, names: tuple[str, ...]
) -> None:
    assert engine_names(options) == names


@pytest.mark.parametrize("engine", [(), ("bandit",)])
def test_a_saved_answer_needs_the_engine_that_gave_it(engine: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="whose answer is it"):
        engine_names(replace(ScanOptions(saved=("a.json",)), engine=engine))
