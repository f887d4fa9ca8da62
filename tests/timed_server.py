"""An HTTP server with known answer times, as a process of its own: ``python timed_server.py``.

It prints its port, and ends with its standard input. Paths:

    /wait/N           answers after N milliseconds
    /status/N         answers with the status N
    /redirect?to=URL  redirects
    /hang             never answers
    /echo             answers with method, headers and body as JSON
    /flaky/N          every Nth answer is a 500

It answers in one write and without Nagle's delay, so that only the wait is measured.
"""

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit


class Flaky:
    count = 0


async def answer(method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    parts = urlsplit(target)
    words = parts.path.strip("/").split("/")
    if words[0] == "wait":
        await asyncio.sleep(int(words[1]) / 1000)
    if words[0] == "hang":
        await asyncio.sleep(3600)
    if words[0] == "status":
        return response(int(words[1]), b"as asked")
    if words[0] == "redirect":
        return response(302, b"", f"Location: {parse_qs(parts.query)['to'][0]}\r\n")
    if words[0] == "echo":
        said = {"method": method, "target": target, "headers": headers, "body": body.decode()}
        return response(200, json.dumps(said).encode())
    if words[0] == "flaky":
        Flaky.count += 1
        return response(500 if Flaky.count % int(words[1]) == 0 else 200, b"perhaps")
    return response(200, b"hello")


def response(status: int, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            first, *lines = head.decode().split("\r\n")
            method, target, _ = first.split(" ", 2)
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            writer.write(await answer(method, target, headers, body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)  # the end of whoever started us is ours, too
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
