#!/usr/bin/python3
"""A mining pool on real sockets, for tests and the demo.

It speaks the three cleartext dialects that most miners use (Stratum V1, CryptoNote, ETHPROXY), answers as a pool does
and pushes jobs. It records every COMPLETE request in a file, one JSON line each, with or without a line feed behind it.
It records bytes that never became a request in another file. So a test can say "the pool received no complete request"
about the bytes that a real TCP receiver handed to an application.

    pool.py --listen stratum:41003 --listen cryptonote:41004 --record requests.jsonl --fragments fragments.jsonl
    pool.py --listen stratum:41013:eager      sends a job as soon as a client connects
    pool.py --listen stratum:41443:tls --cert cert.pem --key key.pem
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import ssl
import sys
import time

MAX_PENDING = 1 << 20  # bytes of an unfinished request that are kept per connection


class RequestSplitter:
    """Cuts a byte stream into complete JSON objects and arrays.

    Deliberately more forgiving than any pool: it needs no line feed and skips junk before an object. So every text
    that a pool might take for a request counts as received.
    """

    def __init__(self):
        self.pending = bytearray()
        self.skipped = bytearray()
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def feed(self, data):
        complete = []
        for byte in data:
            if self._depth == 0 and byte not in b"{[":
                if byte not in b" \t\r\n\0" and len(self.skipped) < MAX_PENDING:
                    self.skipped.append(byte)
                continue
            self.pending.append(byte)
            if self._step(byte):
                complete.append(bytes(self.pending))
                self.pending.clear()
            elif len(self.pending) > MAX_PENDING:
                raise ValueError("request too long")
        return complete

    def _step(self, byte):
        """Reads one byte; true if it closes the outermost bracket."""
        if self._in_string:
            if self._escaped:
                self._escaped = False
            elif byte == ord("\\"):
                self._escaped = True
            elif byte == ord('"'):
                self._in_string = False
            return False
        if byte == ord('"'):
            self._in_string = True
        elif byte in b"{[":
            self._depth += 1
        elif byte in b"}]":
            self._depth -= 1
            return self._depth == 0
        return False


class Stratum:
    """Stratum V1 as Bitcoin pools speak it."""

    name = "stratum"

    def __init__(self):
        self.jobs = 0

    def job(self):
        self.jobs += 1
        previous = os.urandom(32).hex()
        notify = [
            f"{self.jobs:x}",
            previous,
            "01000000010000",
            "ffffffff0100f2052a01000000",
            [],
            "20000000",
            "1d00ffff",
            f"{int(time.time()):x}",
            True,
        ]
        return [
            {"id": None, "method": "mining.set_difficulty", "params": [1024]},
            {"id": None, "method": "mining.notify", "params": notify},
        ]

    def answer(self, request):
        """The replies to one request, and whether it logs the worker in."""
        method, ident = request.get("method"), request.get("id")
        results = {
            "mining.configure": {"version-rolling": True, "version-rolling.mask": "1fffe000"},
            "mining.subscribe": [[["mining.set_difficulty", "1"], ["mining.notify", "1"]], "08000002", 4],
            "mining.authorize": True,
            "mining.extranonce.subscribe": True,
            "mining.suggest_difficulty": True,
            "mining.submit": True,
        }
        if method not in results:
            return [{"id": ident, "result": None, "error": [20, "unsupported method", None]}], False
        return [{"id": ident, "result": results[method], "error": None}], method == "mining.authorize"


class CryptoNote:
    """The login / job / submit dialect of Monero pools."""

    name = "cryptonote"

    def __init__(self):
        self.jobs = 0

    def _new_job(self):
        self.jobs += 1
        blob = "1010" + os.urandom(74).hex()
        return {
            "blob": blob,
            "job_id": f"job{self.jobs}",
            "target": "b88d0600",
            "algo": "rx/0",
            "height": 3000000,
            "seed_hash": os.urandom(32).hex(),
        }

    def job(self):
        return [{"jsonrpc": "2.0", "method": "job", "params": self._new_job()}]

    def answer(self, request):
        method, ident = request.get("method"), request.get("id")
        reply = {"id": ident, "jsonrpc": "2.0", "error": None}
        if method == "login":
            reply["result"] = {"id": "5d9e8d4f", "job": self._new_job(), "status": "OK"}
            return [reply], True
        if method == "submit":
            reply["result"] = {"status": "OK"}
        elif method == "keepalived":
            reply["result"] = {"status": "KEEPALIVED"}
        else:
            reply["error"] = {"code": -1, "message": "unsupported method"}
        return [reply], False


class EthProxy:
    """eth_submitLogin and eth_getWork over a plain TCP line protocol."""

    name = "ethproxy"

    def __init__(self):
        self.jobs = 0

    def _work(self):
        self.jobs += 1
        return [
            "0x" + os.urandom(32).hex(),
            "0x" + os.urandom(32).hex(),
            "0x" + "00" * 4 + os.urandom(28).hex(),
        ]

    def job(self):
        return [{"id": 0, "jsonrpc": "2.0", "result": self._work()}]

    def answer(self, request):
        method, ident = request.get("method"), request.get("id")
        reply = {"id": ident, "jsonrpc": "2.0"}
        if method in ("eth_submitLogin", "eth_login", "eth_submitWork", "eth_submitHashrate"):
            reply["result"] = True
            return [reply], method.lower().endswith("login")
        if method == "eth_getWork":
            reply["result"] = self._work()
        else:
            reply["error"] = {"code": -32601, "message": "unsupported method"}
        return [reply], False


DIALECTS = {kind.name: kind for kind in (Stratum, CryptoNote, EthProxy)}


class Journal:
    """A file of JSON lines, flushed line by line so that a test can read it at any time."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1, encoding="utf-8") if path else None

    def write(self, **fields):
        if self.file:
            self.file.write(json.dumps({"time": round(time.time(), 6), **fields}) + "\n")


def readable(data):
    return bytes(data).decode("utf-8", "backslashreplace")


class Pool:
    def __init__(self, requests, fragments, job_interval):
        self.requests = requests
        self.fragments = fragments
        self.job_interval = job_interval

    async def serve(self, listen, context):
        """Opens one listening address, for IPv6 and IPv4 clients."""

        async def client(reader, writer):
            await self.session(listen, reader, writer)

        return await asyncio.start_server(
            client, host=None, port=listen.port, ssl=context if listen.tls else None
        )

    async def session(self, listen, reader, writer):
        peer = writer.get_extra_info("peername")
        about = {"peer": peer[0], "peer_port": peer[1], "port": listen.port, "dialect": listen.dialect}
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        speaker, splitter, pusher, end = DIALECTS[listen.dialect](), RequestSplitter(), None, "closed"
        try:
            if listen.eager:
                await self.send(writer, speaker.job())
            while data := await reader.read(65536):
                for raw in splitter.feed(data):
                    if await self.request(raw, about, speaker, writer) and pusher is None:
                        pusher = asyncio.ensure_future(self.push_jobs(writer, speaker))
        except ConnectionError as error:
            end = error.__class__.__name__
        except ValueError as error:
            end = str(error)
        finally:
            if pusher:
                pusher.cancel()
            left = bytes(splitter.skipped) + bytes(splitter.pending)
            if left:
                self.fragments.write(**about, end=end, bytes=len(left), raw=readable(left))
            writer.close()

    async def request(self, raw, about, speaker, writer):
        """Records and answers one complete request; true when it logged a worker in."""
        try:
            parsed = json.loads(raw.decode("utf-8", "replace"), strict=False)
        except ValueError:
            self.fragments.write(**about, end="not JSON", bytes=len(raw), raw=readable(raw))
            return False
        logged_in = False
        for item in parsed if isinstance(parsed, list) else [parsed]:
            method = item.get("method") if isinstance(item, dict) else None
            self.requests.write(**about, method=method, raw=readable(raw))
            if isinstance(item, dict):
                replies, login = speaker.answer(item)
                await self.send(writer, replies + (speaker.job() if login else []))
                logged_in = logged_in or login
        return logged_in

    async def push_jobs(self, writer, speaker):
        try:
            while True:
                await asyncio.sleep(self.job_interval)
                await self.send(writer, speaker.job())
        except ConnectionError:
            return  # the session's reader sees the same end and records it

    @staticmethod
    async def send(writer, messages):
        writer.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
        await writer.drain()


class Listen:
    """One --listen argument: dialect:port, then :tls or :eager or both."""

    def __init__(self, text):
        dialect, port, *flags = text.split(":")
        if dialect not in DIALECTS:
            raise argparse.ArgumentTypeError(f"'{dialect}' is none of {', '.join(DIALECTS)}")
        if not port.isdigit() or not 0 < int(port) < 65536 or set(flags) - {"tls", "eager"}:
            raise argparse.ArgumentTypeError(f"'{text}' is not DIALECT:PORT[:tls][:eager]")
        self.dialect, self.port = dialect, int(port)
        self.tls, self.eager = "tls" in flags, "eager" in flags


async def run(options):
    context = None
    if options.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.cert, options.key)
    pool = Pool(Journal(options.record), Journal(options.fragments), options.job_interval)
    servers = [await pool.serve(listen, context) for listen in options.listen]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("pool: ready on " + ", ".join(f"{one.port} ({one.dialect})" for one in options.listen), flush=True)
    await stop.wait()
    for server in servers:
        server.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--listen", type=Listen, action="append", required=True, help="DIALECT:PORT[:tls][:eager], repeatable"
    )
    parser.add_argument("--record", help="file for complete requests, JSON lines")
    parser.add_argument("--fragments", help="file for bytes that never became a request, JSON lines")
    parser.add_argument(
        "--job-interval", type=float, default=2.0, help="seconds between pushed jobs (default 2)"
    )
    parser.add_argument("--cert", help="PEM certificate for :tls listeners")
    parser.add_argument("--key", help="PEM key of the certificate")
    options = parser.parse_args()
    if any(listen.tls for listen in options.listen) and not options.cert:
        parser.error("a :tls listener needs --cert and --key")
    try:
        asyncio.run(run(options))
    except OSError as error:
        print(f"pool: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
