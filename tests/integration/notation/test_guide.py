"""The example of the library's guide, run as it stands there."""

import re
from pathlib import Path

import pytest

from tests.command_line import ROOT
from tests.real_parts.certificates import chain
from tests.real_parts.images import Repository


def test_the_example_of_the_guide_runs(
    notation_path: Path,
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = chain()
    Path("root.pem").write_bytes(ours.root.pem)
    Path("key.pem").write_bytes(ours.leaf.key_pem)
    Path("chain.pem").write_bytes(ours.pem)
    environ = {
        "HOME": str(tmp_path),
        "BUILDSTEPS_HOME": str(tmp_path / "none"),
        "PATH": str(notation_path.parent),
    }
    found = re.search(r"```python\n(.*?)```", (ROOT / "docs/notation-library.md").read_text(), re.S)
    assert found is not None
    given = {
        "identity": ours.subject,
        "environ": environ,
        "reference": repository.push_image().reference,
    }
    exec(compile(found[1], "notation-library.md", "exec"), given)
    assert "{'commit': 'abc'}" in capsys.readouterr().out
