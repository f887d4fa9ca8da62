"""An HTTP server that costs next to nothing: what a load generator can do shows against it."""

import asyncio
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Quick(asyncio.Protocol):
    """One answer for each end of a head; requests have no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each head."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Quick, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
