import json
from pathlib import Path

import pytest

from buildsteps.results import Severity
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.folder_tests import folder_tests, stray_test
from tests.world_double import fake_world

REQUEST = {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"'}


def store(folder: Path, *names: str) -> Store:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(REQUEST))
    return Store(name=".", folder=folder, tests=tuple(folder / name for name in names))


@pytest.mark.parametrize(
    ("path", "group", "name"),
    [
        ("tests/Photo owner/ALLOW/a.cedarauth.json", "Photo owner", "ALLOW a"),
        ("tests/Photo owner/DENY/a.b.cedarauth.json", "Photo owner", "DENY a"),
        ("tests/deep/er/DENY/a.cedarauth.json", "deep/er", "DENY a"),
        ("tests/ALLOW/a.cedarauth.json", "tests", "ALLOW a"),
        ("elsewhere/ALLOW/a.cedarauth.json", "elsewhere", "ALLOW a"),
        ("x/tests/y/ALLOW/a.cedarauth.json", "x/tests/y", "ALLOW a"),
        ("tests/é 😀/ALLOW/ü ñ.cedarauth.json", "é 😀", "ALLOW ü ñ"),
        ("tests/s/ALLOW/cedarauth.json", "s", "ALLOW cedarauth"),
    ],
)
def test_suite_and_name_are_those_of_the_sample(
    tmp_path: Path, path: str, group: str, name: str
) -> None:
    (trial,), findings = folder_tests(store(tmp_path, path), fake_world(tmp_path))
    assert findings == []
    assert (trial.group, trial.name, trial.expected.decision) == (group, name, name.split()[0])
    assert trial.location.path == path
    assert trial.request is not None
    assert trial.error is None


def test_requests_beside_the_schema_have_the_store_for_suite(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (trial,), _ = folder_tests(store(folder, "ALLOW/a.cedarauth.json"), fake_world(tmp_path))
    assert (trial.group, trial.name) == ("photos", "ALLOW a")


def test_requests_outside_of_the_store_have_their_folder_for_suite(tmp_path: Path) -> None:
    outside = store(tmp_path, "requests/one/ALLOW/a.cedarauth.json")
    moved = Store(name="s", folder=tmp_path / "store", tests=outside.tests)
    (trial,), _ = folder_tests(moved, fake_world(tmp_path))
    assert trial.group == "one"


def test_two_files_of_one_name_are_told_apart_by_the_rest_of_it(tmp_path: Path) -> None:
    names = ("tests/s/ALLOW/a.1.cedarauth.json", "tests/s/ALLOW/a.2.cedarauth.json")
    trials, _ = folder_tests(store(tmp_path, *names), fake_world(tmp_path))
    assert [trial.name for trial in trials] == ["ALLOW a", "ALLOW a.2.cedarauth.json"]


@pytest.mark.parametrize("folder", ["allow", "Deny", "tests", "ALLOW/deeper"])
def test_a_request_in_neither_folder_is_never_run_and_told(tmp_path: Path, folder: str) -> None:
    path = f"tests/s/{folder}/a.cedarauth.json"
    trials, (finding,) = folder_tests(store(tmp_path, path), fake_world(tmp_path))
    assert trials == []
    assert (finding.rule, finding.severity) == ("unplaced-test", Severity.MEDIUM)
    assert finding.locations[0].path == path


def test_a_request_that_cannot_be_read_is_a_test_with_the_reason(tmp_path: Path) -> None:
    made = store(
        tmp_path,
        "tests/s/DENY/gone.cedarauth.json",
        "tests/s/DENY/wide.cedarauth.json",
        "tests/s/DENY/half.cedarauth.json",
        "tests/s/DENY/good.cedarauth.json",
    )
    made.tests[0].unlink()
    made.tests[1].write_text("{}", encoding="utf-16")
    made.tests[2].write_text('{"principal": 1}')
    trials, _ = folder_tests(made, fake_world(tmp_path))
    assert [str(trial.error) for trial in trials] == [
        "tests/s/DENY/gone.cedarauth.json: cannot be read: no such file or directory",
        "tests/s/DENY/wide.cedarauth.json: is UTF-16, not UTF-8; save it as UTF-8",
        "tests/s/DENY/half.cedarauth.json:1:2: the key `principal` must be an entity uid such as "
        '`User::"alice"`',
        "None",
    ]
    assert [trial.request is None for trial in trials] == [True, True, True, False]


def test_each_test_sees_the_entities_of_its_own_suite(tmp_path: Path) -> None:
    made = store(tmp_path, "tests/a/ALLOW/x.cedarauth.json", "tests/b/ALLOW/x.cedarauth.json")
    shared = tmp_path / "tests" / "cedarentities.json"
    own = tmp_path / "tests" / "b" / "cedarentities.json"
    with_entities = Store(name=".", folder=tmp_path, tests=made.tests, entities=(shared, own))
    trials, _ = folder_tests(with_entities, fake_world(tmp_path))
    assert [trial.entities.paths for trial in trials] == [(shared,), (own,)]


def test_a_test_below_no_store_is_told(tmp_path: Path) -> None:
    finding = stray_test(tmp_path / "a.cedarauth.json", fake_world(tmp_path))
    assert finding.message == "this test is below no policy store, so it is never run"
    assert finding.fingerprint == "unplaced-test:a.cedarauth.json"


@pytest.mark.parametrize("folder", ["Allow", "allow", "ALOW"])
def test_a_folder_that_is_nearly_called_so_is_asked_about(tmp_path: Path, folder: str) -> None:
    path = f"tests/s/{folder}/a.cedarauth.json"
    trials, (finding,) = folder_tests(store(tmp_path, path), fake_world(tmp_path))
    assert trials == []
    assert finding.message.endswith("so it is never run. Did you mean `ALLOW`?")
