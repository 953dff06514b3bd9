"""The long line that benchmarks/mirror.py puts before its server, by plain sockets at both its ends."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

from benchmarks.line import long_line


@contextmanager
def far_server(serve, latency=0.0, rate=0.0):
    """A connection to a server that does `serve(its connection)` once, over such a line."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                serve(connection)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with long_line(server.getsockname()[1], latency, rate) as port:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                yield client
            thread.join(timeout=10)
            assert not thread.is_alive()


def received(connection):
    """All that comes until the other end closes its half."""
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_an_answer_comes_after_the_asker_has_closed_its_half():
    with far_server(lambda connection: connection.sendall(received(connection)[::-1]), latency=0.01) as client:
        client.sendall(b"abc")
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b"cba"


def test_a_line_is_as_late_and_as_slow_as_it_is_asked_to_be():
    with far_server(lambda connection: connection.sendall(bytes(300_000)), latency=0.1, rate=1e6) as client:
        begin = time.monotonic()
        assert len(received(client)) == 300_000
        assert 0.6 <= time.monotonic() - begin < 2.0, "a handshake, half a round trip, and 0.3 s of bytes"


def test_a_server_is_told_that_the_one_it_sends_to_is_gone(capfd):
    def flood(connection):
        with suppress(OSError):
            while True:
                connection.sendall(bytes(1 << 16))

    with far_server(flood, rate=1e7) as client:
        client.recv(1)
    assert capfd.readouterr().err == ""


def test_nobody_at_the_far_end_is_an_end_at_once(capfd):
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = server.getsockname()[1]
    with long_line(nobody, 0.0) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        assert client.recv(1) == b""
    assert capfd.readouterr().err == ""
