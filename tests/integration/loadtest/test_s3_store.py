"""A result store in S3 by the real SDK, from a server whose answers break off."""

from pathlib import Path

import msgspec
import pytest

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.verdict.store import open_store
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.world.aws_sdk import SystemAws
from tests.loopback_server import Answer, Asked, loopback
from tests.world_double import fake_world

RUN = StoredRun(id="run-1", at=1.0, fingerprint="abc", values={"p95": 0.8}, good=True)
LISTED = b"""<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>
<Contents><Key>x/abc/1.json</Key></Contents></ListBucketResult>"""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a user who does not exist."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def stored(folder: Path, monkeypatch: pytest.MonkeyPatch, *, broken: bool) -> list[StoredRun]:
    """What is read from the server, which closes the connection within the object if ``broken``."""
    body = msgspec.json.encode(RUN)

    def answer(asked: Asked) -> Answer:
        if "list-type=2" in asked.path:
            return Answer(200, {"content-type": "application/xml"}, LISTED)
        return Answer(200, {}, body, broken=broken)

    with loopback(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        world = fake_world(folder, aws=SystemAws("buildsteps/1"))
        return list(open_store("s3://results/x", world).runs("abc", 5))


def test_a_whole_object_is_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored(tmp_path, monkeypatch, broken=False) == [RUN]


def test_a_connection_that_breaks_within_an_object_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WorldError, match="s3:GetObject: the connection broke off"):
        stored(tmp_path, monkeypatch, broken=True)
