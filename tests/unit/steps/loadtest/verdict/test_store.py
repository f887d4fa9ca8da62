import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import field
from msgspec.structs import replace

from buildsteps.errors import UnreadableError, UsageError, WorldError
from buildsteps.steps.loadtest.verdict.store import ResultStore, open_store
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.world import World
from buildsteps.world.aws import AccessDeniedError
from tests.world_double import ScriptedAws, fake_world

RUN = StoredRun(
    id="run-1",
    at=1_772_366_400.25,
    fingerprint="0123456789abcdef",
    values={"p95": 0.8},
    spreads={"p95": 0.02},
    good=True,
    engine="local",
)


class Bucket(ScriptedAws):
    """S3 as one bucket in memory, two keys a page."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        assert (service, request["Bucket"]) == ("s3", "results")
        if operation == "PutObject":
            self.objects[request["Key"]] = request["Body"]
            return {}
        assert operation == "GetObject"
        return {"Body": self.objects[request["Key"]]}

    def pages(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> Iterator[dict[str, Any]]:
        assert (service, operation) == ("s3", "ListObjectsV2")
        keys = sorted(key for key in self.objects if key.startswith(request["Prefix"]))
        yield {}
        for at in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key} for key in keys[at : at + 2]]}


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    world = fake_world(tmp_path, aws=Bucket())
    where = {"file": "results/runs.jsonl", "s3": "s3://results/load/orders/"}
    return open_store(where[request.param], world)


def test_what_is_kept_is_found_again(store: ResultStore) -> None:
    assert list(store.runs(RUN.fingerprint, 5)) == []
    store.append(RUN)
    assert list(store.runs(RUN.fingerprint, 5)) == [RUN]


def test_only_good_runs_of_the_same_configuration_are_found(store: ResultStore) -> None:
    store.append(RUN)
    store.append(replace(RUN, id="bad", good=False))
    store.append(replace(RUN, id="other", fingerprint="fedcba9876543210"))
    assert [run.id for run in store.runs(RUN.fingerprint, 5)] == ["run-1"]


def test_the_last_runs_are_found_in_the_order_of_time(store: ResultStore) -> None:
    for at in (3, 1, 2, 4):
        store.append(replace(RUN, id=str(at), at=float(at)))
        store.append(replace(RUN, id=f"bad-{at}", at=at + 0.5, good=False))
    assert [run.id for run in store.runs(RUN.fingerprint, 2)] == ["3", "4"]
    assert list(store.runs(RUN.fingerprint, 0)) == []


def test_keys_in_s3_sort_by_time_and_hold_no_odd_characters(tmp_path: Path) -> None:
    bucket = Bucket()
    open_store("s3://results/load", fake_world(tmp_path, aws=bucket)).append(
        replace(RUN, id="../a b")
    )
    open_store("s3://results", fake_world(tmp_path, aws=bucket)).append(RUN)
    assert sorted(bucket.objects) == [
        "0123456789abcdef/001772366400250-run-1.json",
        "load/0123456789abcdef/001772366400250-.._a_b.json",
    ]


def test_a_line_that_was_cut_off_stays_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('{"id": "cut')
    store = open_store("runs.jsonl", fake_world(tmp_path))
    store.append(RUN)
    assert [line[:6] for line in path.read_text().splitlines()] == ['{"id":', '{"id":']
    with pytest.raises(UnreadableError) as caught:
        store.runs(RUN.fingerprint, 5)
    assert str(caught.value).startswith("runs.jsonl:1: is no result that we stored (")
    assert caught.value.message.endswith("remove this line to go on")


@pytest.mark.parametrize(
    "line",
    ["null", "[]", "{}", '{"id": 5}', "\x00", "x" * 100, '{"id":"a","at":"now"}', "[" * 10_000],
)
def test_a_line_that_is_no_result_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    world = fake_world(tmp_path)
    open_store("runs.jsonl", world).append(RUN)
    with (tmp_path / "runs.jsonl").open("a") as stream:
        stream.write(f"\n{line}\n")
    with pytest.raises(UnreadableError, match=r"runs\.jsonl:3: is no result that we stored"):
        open_store("runs.jsonl", world).runs(RUN.fingerprint, 5)


def test_fields_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    world = fake_world(tmp_path)
    open_store("runs.jsonl", world).append(RUN)
    path = tmp_path / "runs.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), "new": [1]}) + "\n")
    assert list(open_store("runs.jsonl", world).runs(RUN.fingerprint, 5)) == [RUN]


def test_builds_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    world: World = fake_world(tmp_path)

    def write(number: int) -> None:
        for at in range(20):
            open_store("runs.jsonl", world).append(replace(RUN, id=f"{number}-{at}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_store("runs.jsonl", world).runs(RUN.fingerprint, 1000)) == 160


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = open_store("file/runs.jsonl", fake_world(tmp_path))
    with pytest.raises(WorldError, match=r"file/runs\.jsonl: cannot be written"):
        store.append(RUN)
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorldError, match="folder: cannot be written"):
        open_store("folder", fake_world(tmp_path)).append(RUN)


def test_what_s3_refuses_is_told(tmp_path: Path) -> None:
    class Refusing(Bucket):
        def call(self, *_: Any, **__: Any) -> dict[str, Any]:
            raise AccessDeniedError("s3:PutObject is not allowed")

    store = open_store("s3://results/x", fake_world(tmp_path, aws=Refusing()))
    with pytest.raises(AccessDeniedError):
        store.append(RUN)


@pytest.mark.parametrize("address", ["s3:/results", "s3://", "s3://UPPER/x", "s3://a b/c"])
def test_an_address_that_is_none_of_s3_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="s3://bucket/prefix"):
        open_store(address, fake_world(tmp_path))
