"""The HTTP client against servers on loopback; pauses move a clock and take no time."""

import gzip
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

import pytest

from buildsteps.world.http import MEBIBYTE, HttpError, NotTlsError
from buildsteps.world.http_requests import SystemHttp
from tests.loopback_server import Answer, Asked, loopback
from tests.world_double import StillClock

Answers = Callable[[Asked], Answer]


def client(clock: StillClock | None = None) -> SystemHttp:
    return SystemHttp("buildsteps/1 command/test", clock or StillClock())


def one_by_one(*answers: Answer) -> Answers:
    left = list(answers)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def swallowing() -> Iterator[tuple[str, list[int]]]:
    """A server for one request, which counts the bytes of its body and keeps none of them."""
    counts: list[int] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
            head, _, body = received.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            count = len(body)
            while count < length and (piece := connection.recv(65536)):
                count += len(piece)
            counts.append(count)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", counts
        thread.join(10)


def test_an_answer_is_given_whatever_its_status_with_headers_in_lower_case() -> None:
    with loopback(one_by_one(Answer(404, {"Content-Type": "Text/Plain; x=y"}, b"no"))) as server:
        answer = client().request("GET", server.url("/a?b=c"), headers={"X-Asked": "1"})
    assert (answer.status, answer.body, answer.media_type) == (404, b"no", "text/plain")
    assert server.asked[0].path == "/a?b=c"
    assert server.asked[0].headers["user-agent"] == "buildsteps/1 command/test"
    assert server.asked[0].headers["x-asked"] == "1"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_fails_for_a_while_is_asked_again(status: int) -> None:
    clock = StillClock()
    with loopback(one_by_one(Answer(status), Answer(status), Answer(200, body=b"ok"))) as server:
        assert client(clock).request("GET", server.url("/")).body == b"ok"
    assert len(server.asked) == 3
    assert 0.7 < clock.slept <= 1.5


def test_what_fails_for_good_is_given_after_five_tries() -> None:
    with loopback(one_by_one(Answer(503))) as server:
        assert client().request("DELETE", server.url("/")).status == 503
    assert len(server.asked) == 5


def test_retry_after_is_honoured_up_to_a_minute() -> None:
    clock = StillClock()
    said = one_by_one(
        Answer(429, {"Retry-After": "7"}), Answer(429, {"Retry-After": "9999"}), Answer()
    )
    with loopback(said) as server:
        client(clock).request("GET", server.url("/"))
    assert clock.slept == 67


def test_a_post_is_sent_once_unless_the_caller_says_otherwise() -> None:
    with loopback(one_by_one(Answer(503))) as server:
        assert client().request("POST", server.url("/"), body=b"x").status == 503
        assert len(server.asked) == 1
        client().request("POST", server.url("/"), body=b"x", retried=True)
    assert len(server.asked) == 6
    assert server.asked[-1].body == b"x"


def test_a_broken_connection_is_tried_again_then_told() -> None:
    with loopback(one_by_one(Answer(broken=True), Answer(200, body=b"ok"))) as server:
        assert client().request("GET", server.url("/")).body == b"ok"
    with (
        loopback(one_by_one(Answer(broken=True))) as server,
        pytest.raises(HttpError, match="closed the connection before its answer was whole"),
    ):
        client().request("GET", server.url("/x?secret=1"))


def test_a_server_that_is_not_there_is_told_without_the_query() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://user:pass@127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(HttpError) as told:
            client().request("GET", f"{url}/path?token=secret")
    shown = url.replace("user:pass@", "")
    assert str(told.value) == f"{shown}/path cannot be reached: connection refused"


def test_an_answer_that_is_too_large_is_refused_also_when_it_was_compressed() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    with loopback(one_by_one(Answer(200, {"content-encoding": "gzip"}, bomb))) as server:
        with pytest.raises(HttpError, match="the answer is larger than 1 MiB"):
            client().request("GET", server.url("/"))
        with pytest.raises(HttpError, match="larger than 2,000 bytes"):
            client().request("GET", server.url("/"), limit=2000)
    assert len(server.asked) == 2


def test_a_redirect_to_another_server_is_followed_without_credentials() -> None:
    with loopback(one_by_one(Answer(body=b"there"))) as other:
        here = one_by_one(Answer(307, {"Location": other.url("/blob")}))
        with loopback(here) as server:
            answer = client().request(
                "GET", server.url("/"), headers={"Authorization": "Basic x", "Accept": "a/b"}
            )
    assert answer.body == b"there"
    assert server.asked[0].headers["authorization"] == "Basic x"
    assert "authorization" not in other.asked[0].headers
    assert other.asked[0].headers["accept"] == "a/b"


def test_a_redirect_on_the_same_server_keeps_credentials() -> None:
    with loopback(one_by_one(Answer(302, {"Location": "/there"}), Answer())) as server:
        client().request("GET", server.url("/"), headers={"Authorization": "Basic x"})
    assert server.asked[1].path == "/there"
    assert server.asked[1].headers["authorization"] == "Basic x"


def test_endless_redirects_and_strange_ones_are_refused() -> None:
    with (
        loopback(one_by_one(Answer(302, {"Location": "/again"}))) as server,
        pytest.raises(HttpError, match="redirected more than 5 times"),
    ):
        client().request("GET", server.url("/"))
    for target in ("file:///etc/passwd", "gopher://x"):
        with (
            loopback(one_by_one(Answer(302, {"Location": target}))) as server,
            pytest.raises(HttpError, match="redirected to what is not https"),
        ):
            client().request("GET", server.url("/"))


def test_a_redirect_to_what_is_no_address_is_one_sentence() -> None:
    with (
        loopback(one_by_one(Answer(302, {"Location": "http://["}))) as server,
        pytest.raises(HttpError, match="Invalid IPv6 URL"),
    ):
        client().request("GET", server.url("/"))


def test_a_put_is_not_redirected() -> None:
    with loopback(one_by_one(Answer(307, {"Location": "/there"}))) as server:
        assert client().request("PUT", server.url("/"), body=b"x").status == 307


def test_a_server_without_tls_is_told_apart_and_not_asked_again() -> None:
    with loopback(one_by_one(Answer())) as server, pytest.raises(NotTlsError) as told:
        client().request("GET", f"https://{server.host}/")
    assert str(told.value) == f"https://{server.host}/: the server does not speak TLS"


def test_cookies_and_netrc_are_left_alone(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    with loopback(one_by_one(Answer(200, {"Set-Cookie": "a=b"}))) as server:
        http = client()
        http.request("GET", server.url("/"), headers={"Authorization": "Bearer t"})
        http.request("GET", server.url("/"))
    assert [asked.headers.get("authorization") for asked in server.asked] == ["Bearer t", None]
    assert "cookie" not in server.asked[1].headers


def test_an_address_that_is_none_is_one_sentence() -> None:
    with pytest.raises(HttpError):
        client().request("GET", "http://exa mple:port/")


def test_a_file_is_sent_whole_with_its_length_and_again_from_its_beginning() -> None:
    with TemporaryFile() as file, loopback(one_by_one(Answer(503), Answer())) as server:
        file.write(b"0123456789" * 100_000)
        assert client().request("PUT", server.url("/"), body=file).status == 200
    assert [asked.headers["content-length"] for asked in server.asked] == ["1000000", "1000000"]
    assert all(asked.body == b"0123456789" * 100_000 for asked in server.asked)
    assert all("transfer-encoding" not in asked.headers for asked in server.asked)


def test_an_empty_file_is_sent_as_a_body_of_length_nothing() -> None:
    with TemporaryFile() as file, loopback(one_by_one(Answer())) as server:
        client().request("PUT", server.url("/"), body=file)
    assert server.asked[0].headers["content-length"] == "0"


def test_a_file_is_never_in_memory_as_a_whole() -> None:
    size = 64 * MEBIBYTE
    with TemporaryFile() as file, swallowing() as (url, swallowed):
        file.truncate(size)
        tracemalloc.start()
        try:
            assert client().request("PUT", url, body=file).status == 200
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert swallowed == [size]
    assert peak < 8 * MEBIBYTE
