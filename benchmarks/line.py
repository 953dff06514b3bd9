"""A long line before a server on loopback: what is sent arrives later, and no connection is faster than the line lets it.

Each direction is late by half the round trip, and a new connection by a whole one, as TCP's handshake. Does not know what
is sent; it has no slow start and loses nothing, so a real line of the same figures is no faster.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

PIECE = 1 << 16
PIECES = 256
"""On their way at most: 16 MB a direction, more than a fast line holds."""


@contextmanager
def long_line(port: int, latency: float, rate: float = 0.0) -> Iterator[int]:
    """The port by which loopback's `port` is reached with `latency` seconds each way, and no more than `rate` bytes a second
    on each connection (0: as many as come). It runs in a process of its own, whose processor time nobody else's is."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=lambda: asyncio.run(_serve(theirs.send, port, latency, rate)), daemon=True)
    process.start()
    theirs.close()  # a process that dies before it tells its port ends the waiting for it
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


async def _serve(tell, port: int, latency: float, rate: float) -> None:  # type: ignore[no-untyped-def]
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            try:
                await asyncio.sleep(2 * latency)
                there, back = await asyncio.open_connection("127.0.0.1", port, limit=PIECE)
                with closing(back):
                    async with asyncio.TaskGroup() as ways:
                        ways.create_task(_carry(reader, back, latency, rate))
                        ways.create_task(_carry(there, writer, latency, rate))
            except* OSError:  # one end is gone: the other is told by its connection's end
                pass

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=PIECE)
    tell(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, latency: float, rate: float) -> None:
    """All bytes of one direction, each `latency` after it came."""
    way = asyncio.Queue[tuple[float, bytes]](PIECES)

    async def deliver() -> None:
        free = 0.0
        while True:
            due, piece = await way.get()
            free = max(free, due) + (len(piece) / rate if rate else 0.0)
            await asyncio.sleep(free - time.monotonic())
            if not piece:
                return sink.write_eof()  # the other direction may go on
            sink.write(piece)
            await sink.drain()

    async def collect() -> None:
        piece = b" "
        while piece:
            piece = await source.read(PIECE)
            await way.put((time.monotonic() + latency, piece))

    async with asyncio.TaskGroup() as both:
        both.create_task(deliver())
        both.create_task(collect())
