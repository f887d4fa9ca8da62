"""A small shop, to try `buildsteps loadtest` on: python service.py [PORT]

It prints the port it listens on, and answers on this machine only:

    GET  /orders      after 120 ms, a list
    POST /orders      after 180 ms, 201
    GET  /health      at once
"""

import asyncio
import json
import sys

ANSWERS = {
    ("GET", "/orders"): (0.12, 200, [{"id": 1, "item": "tea"}]),
    ("POST", "/orders"): (0.18, 201, {"id": 2}),
    ("GET", "/health"): (0.0, 200, {"status": "ok"}),
}
UNKNOWN = (0.0, 404, {"error": "there is nothing here"})


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection, one after the other."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
            await reader.readexactly(int(headers.get("content-length", 0)))
            seconds, status, value = ANSWERS.get((method, path.partition("?")[0]), UNKNOWN)
            await asyncio.sleep(seconds)
            body = json.dumps(value).encode()
            writer.write(
                f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass  # the other side went away, or speaks no HTTP
    finally:
        writer.close()


async def main() -> None:
    """Listen until somebody ends it."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
