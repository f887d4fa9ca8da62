import io
from pathlib import Path

import pytest

from buildsteps.errors import WorldError
from buildsteps.steps.scan.codeguru.upload import Door, ExpiredDoorError, Watched, upload
from buildsteps.world.http import Response
from tests.world_double import ScriptedHttp, fake_world

URL = "https://bucket.test/key?X-Amz-Signature=secret"
DOOR = Door(url=URL, headers={"x-amz-a": "b"}, artifact="a")


def s3(status: int, code: str, message: str) -> Response:
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(status=status, body=text.encode())


def sent(folder: Path, answer: Response, door: Door = DOOR, *, plain: bool = False) -> ScriptedHttp:
    http = ScriptedHttp(answers={("PUT", door.url): answer})
    upload(door, io.BytesIO(b"zip"), fake_world(folder, http=http), plain=plain)
    return http


def test_the_archive_is_put_with_the_given_headers_and_no_others(tmp_path: Path) -> None:
    (request,) = sent(tmp_path, Response(status=200)).sent
    assert (request.method, request.url, request.body) == ("PUT", URL, b"zip")
    assert request.headers == {"x-amz-a": "b"}


def test_a_refusal_is_told_by_s3s_words_and_without_the_signature(tmp_path: Path) -> None:
    with pytest.raises(WorldError) as told:
        sent(tmp_path, s3(403, "AccessDenied", "Access \x1b[2JDenied"))
    assert told.value.message == (
        "the archive was refused by https://bucket.test/key: status 403, "
        "AccessDenied: Access Denied"
    )
    assert not isinstance(told.value, ExpiredDoorError)


def test_a_refusal_without_a_word_is_told_by_its_status(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"https://bucket\.test/key: status 307$"):
        sent(tmp_path, Response(status=307, headers={"location": "https://other.test/"}))


def test_an_address_that_has_run_out_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ExpiredDoorError):
        sent(tmp_path, s3(403, "AccessDenied", "Request has expired"))


def test_the_archive_goes_by_http_only_where_a_stand_in_does(tmp_path: Path) -> None:
    plain = Door(url="http://localhost:4566/key?s=secret", headers={}, artifact="a")
    with pytest.raises(WorldError, match="is not sent to http://localhost:4566/key: that is not"):
        sent(tmp_path, Response(status=200), plain)
    assert sent(tmp_path, Response(status=200), plain, plain=True).sent
    file = Door(url="file:///etc/passwd", headers={}, artifact="a")
    with pytest.raises(WorldError, match="that is not https"):
        sent(tmp_path, Response(status=200), file, plain=True)


def test_how_far_the_upload_is_is_said_once_a_minute(tmp_path: Path) -> None:
    lines: list[str] = []
    world = fake_world(tmp_path, progress=lines)
    watched = Watched(io.BytesIO(bytes(3_000_000)), world)
    watched.seek(0)
    for _second in range(130):
        watched.read(10_000)
        world.clock.sleep(1)
    assert lines == [
        "codeguru: 610.0 kB of 3.0 MB of the archive are sent",
        "codeguru: 1.2 MB of 3.0 MB of the archive are sent",
    ]
