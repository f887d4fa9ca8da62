import datetime
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import WorldError
from buildsteps.results import Cause, Location
from buildsteps.steps.scan.codeguru.tree import Left, LeftOut, Tree
from buildsteps.steps.scan.engines.codeguru import scan
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world.http import Response
from tests.world_double import ScriptedAws, ScriptedHttp, fake_world

CREATED = datetime.datetime(2025, 6, 2, 9, tzinfo=datetime.UTC)
EARLIER = CREATED - datetime.timedelta(days=30)
URL = "https://bucket.test/one?s=secret"
SECOND = "https://bucket.test/two?s=secret"
EXPIRED = Response(status=403, body=b"<Message>Request has expired</Message>")
SENT = Response(status=200)


def door(url: str, artifact: str) -> dict[str, Any]:
    return {"s3Url": url, "requestHeaders": {"x-amz-a": "b"}, "codeArtifactId": artifact}


def finding(path: str, status: str = "Open", updated: datetime.datetime = CREATED) -> Any:
    place = {"filePath": {"path": path, "startLine": 1}}
    return {"ruleId": "r", "status": status, "updatedAt": updated, "vulnerability": place}


def service(*findings: Any, **answers: Any) -> ScriptedAws:
    return ScriptedAws(
        answers={
            f"codeguru-security:{name}": answer
            for name, answer in {
                "CreateUploadUrl": [door(URL, "a-1"), door(SECOND, "a-2")],
                "CreateScan": {"runId": "run-1", "scanState": "InProgress"},
                "GetScan": {"scanState": "Successful", "createdAt": CREATED},
                "GetFindings": [{"findings": list(findings)}],
                **answers,
            }.items()
        }
    )


def asked(
    folder: Path,
    aws: ScriptedAws,
    http: Mapping[tuple[str, str], Response] | None = None,
    files: tuple[str, ...] = ("app.py",),
) -> tuple[Any, ScriptedHttp, list[str]]:
    lines: list[str] = []
    web = ScriptedHttp(answers=http or {("PUT", URL): SENT})
    world = fake_world(folder, aws=aws, http=web, progress=lines)
    scanned = scan(Subjects(files=files), ScanOptions(region="eu-central-1"), world)
    return scanned, web, lines


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text("eval(1)\n")
    return folder


def test_what_is_open_is_seen_and_what_this_revision_closed_is_counted(shop: Path) -> None:
    aws = service(finding("app.py"), finding("x.py", "Closed"), finding("y.py", "Closed", EARLIER))
    (scanned,), web, _ = asked(shop, aws)
    assert [one.locations for one in scanned.sightings] == [(Location(path="app.py", line=1),)]
    assert (scanned.subject, scanned.facts["closed"]) == ("1 file", 1)
    assert scanned.notes == ("1 finding closed since the last revision",)
    with zipfile.ZipFile(io.BytesIO(web.sent[0].body)) as archive:
        assert archive.namelist() == ["app.py"]


def test_all_is_asked_of_the_region_and_under_the_name_of_the_folder(shop: Path) -> None:
    aws = service()
    asked(shop, aws)
    assert [name.partition(":")[2] for name, _, _ in aws.calls] == [
        "CreateUploadUrl",
        "CreateScan",
        "GetScan",
        "GetFindings",
    ]
    assert {region for _, _, region in aws.calls} == {"eu-central-1"}
    assert {request["scanName"] for _, request, _ in aws.calls} == {"shop"}


def test_an_address_that_ran_out_is_replaced_once(shop: Path) -> None:
    aws = service()
    _, web, _ = asked(shop, aws, {("PUT", URL): EXPIRED, ("PUT", SECOND): SENT})
    assert [request.url for request in web.sent] == [URL, SECOND]
    assert web.sent[0].body == web.sent[1].body
    scans = [request for name, request, _ in aws.calls if name.endswith("CreateScan")]
    assert scans[0]["resourceId"] == {"codeArtifactId": "a-2"}
    with pytest.raises(WorldError, match="expired"):
        asked(shop, service(), {("PUT", URL): EXPIRED, ("PUT", SECOND): EXPIRED})


def test_what_is_not_sent_is_told_and_nothing_to_send_is_nothing_judged(shop: Path) -> None:
    (shop / "link.py").symlink_to("app.py")
    files = ("app.py", "gone.py", "link.py", "old.py")
    (scanned,), _, lines = asked(shop, service(), files=files)
    told = ("1 symbolic link not sent: link.py", "2 vanished files not sent: gone.py and 1 more")
    assert scanned.notes == told
    assert lines[1:] == [f"codeguru: {line}" for line in told]
    scanned, web, _ = asked(shop, service(), files=("gone.py",))
    assert (scanned, web.sent) == ((), [])


def test_a_file_that_cannot_be_read_is_a_case_of_its_own(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_tree: Tree, _name: str) -> int:
        raise LeftOut(Left.UNREADABLE, "permission denied")

    monkeypatch.setattr(Tree, "opened", denied)
    (scanned,), web, _ = asked(shop, service())
    (case,) = scanned.cases
    assert (case.name, case.cause, case.kind) == ("app.py", Cause.SUBJECT, "unreadable")
    assert case.message == "was not sent to CodeGuru Security: permission denied"
    assert not web.sent


def test_without_files_nobody_is_asked(shop: Path) -> None:
    aws = service()
    assert asked(shop, aws, files=())[0] == ()
    assert not aws.calls
