from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.scan.codeguru.names import scan_name
from buildsteps.steps.scan.settings import ScanOptions
from tests.world_double import fake_world


def name(folder: Path, asked: str = "", **environ: str) -> str:
    return scan_name(ScanOptions(scan_name=asked), fake_world(folder, environ=environ))


@pytest.mark.parametrize("asked", ["shop", "a-b_c$d:e.f", "x" * 140])
def test_a_name_that_the_service_takes_is_taken(tmp_path: Path, asked: str) -> None:
    assert name(tmp_path, asked) == asked


@pytest.mark.parametrize("asked", ["a b", "a/b", "ä", "x" * 141, "shop\n", " "])
def test_any_other_name_is_a_wrong_call(tmp_path: Path, asked: str) -> None:
    with pytest.raises(UsageError, match="takes 1 to 140 letters, digits and - _"):
        name(tmp_path, asked)


def test_the_default_is_the_repositorys_folder_whatever_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "my shop" / ".git").mkdir(parents=True)
    (tmp_path / "my shop" / "src").mkdir()
    assert name(tmp_path / "my shop" / "src") == "my-shop"


def test_in_codebuild_the_default_is_the_project_for_every_folder_is_called_src_there(
    tmp_path: Path,
) -> None:
    assert name(tmp_path, CODEBUILD_BUILD_ID="shop-scan:0f1e-2d3c") == "shop-scan"


def test_a_folder_whose_name_has_nothing_usable_still_has_a_default(tmp_path: Path) -> None:
    (tmp_path / "日本").mkdir()
    assert name(tmp_path / "日本") == "scan"
    (tmp_path / ("y" * 200)).mkdir()
    assert name(tmp_path / ("y" * 200)) == "y" * 140
