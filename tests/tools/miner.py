#!/usr/bin/python3
"""A miner's side of a pool connection, for tests and the demo. It sends real messages and computes no hashes.

It connects, logs in, waits for a job, submits a share and prints the result in one line:

    exit 0   the pool accepted the share
    exit 2   the connection was reset
    exit 3   refused, timed out, or closed before that

    miner.py --host 198.51.100.200 --port 41003 --dialect stratum
    miner.py ... --segment 1          one byte per TCP segment
    miner.py ... --split 10,11        the first message in three segments, cut at these offsets
    miner.py ... --mute               sends nothing and waits for the pool's first job
"""

import argparse
import json
import os
import socket
import ssl
import sys
import time

ACCEPTED, RESET, FAILED = 0, 2, 3


class Failed(Exception):
    """The session ended before a share was accepted, without a reset."""


class Line:
    """A TCP connection that sends JSON lines in segments of the wanted size and reads JSON lines."""

    def __init__(self, options):
        source = (options.source, 0) if options.source else None
        self.deadline = time.monotonic() + options.timeout
        self.socket = socket.create_connection((options.host, options.port), options.timeout, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket, server_hostname=options.sni)
        self.segment, self.split, self.pause = options.segment, options.split, options.pause
        self.buffer, self.sent = b"", 0

    def send(self, message):
        data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        for part in self._segments(data):
            self.socket.sendall(part)
            self.sent += len(part)
            if len(part) < len(data):
                time.sleep(self.pause)  # else the kernel may merge the parts into one segment
        self.split = []

    def _segments(self, data):
        if self.split:
            borders = [0, *(offset for offset in self.split if 0 < offset < len(data)), len(data)]
            return [data[begin:end] for begin, end in zip(borders, borders[1:])]
        step = self.segment or len(data)
        return [data[begin : begin + step] for begin in range(0, len(data), step)]

    def receive(self):
        while b"\n" not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise Failed("timed out")
            self.socket.settimeout(left)
            data = self.socket.recv(65536)
            if not data:
                raise Failed("closed by the other side")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def until(self, wanted):
        """Reads on until a message fits; a pool may push others in between."""
        while True:
            message = self.receive()
            if message.get("error"):
                raise Failed(f"the pool refused: {message['error']}")
            if wanted(message):
                return message


def answer_to(ident):
    return lambda message: message.get("id") == ident and "result" in message


def shares(first, options):
    """The message ids of the shares to submit, paced by --interval."""
    for number in range(options.shares):
        if number:
            time.sleep(options.interval)
        yield first + number


def mine_stratum(line, options):
    first = {"id": 1, "method": "mining.subscribe", "params": [options.agent]}
    if options.first == "authorize":
        first = {"id": 1, "method": "mining.authorize", "params": [options.user, "x"]}
    elif options.first == "configure":
        first = {
            "id": 1,
            "method": "mining.configure",
            "params": [["version-rolling"], {"version-rolling.mask": "1fffe000"}],
        }
    line.send(first)
    line.until(answer_to(1))
    if options.first:
        line.send({"id": 2, "method": "mining.subscribe", "params": [options.agent]})
        line.until(answer_to(2))
    if options.first != "authorize":
        line.send({"id": 3, "method": "mining.authorize", "params": [options.user, "x"]})
        line.until(answer_to(3))
    job = line.until(lambda message: message.get("method") == "mining.notify")["params"]
    for ident in shares(4, options):
        line.send(
            {
                "id": ident,
                "method": "mining.submit",
                "params": [options.user, job[0], "00000001", job[7], f"{ident:08x}"],
            }
        )
        line.until(answer_to(ident))
    return job[0]


def mine_cryptonote(line, options):
    line.send(
        {
            "id": 1,
            "jsonrpc": "2.0",
            "method": "login",
            "params": {"login": options.user, "pass": "x", "agent": options.agent, "algo": ["rx/0"]},
        }
    )
    result = line.until(answer_to(1))["result"]
    job = result["job"]
    for ident in shares(2, options):
        share = {
            "id": result["id"],
            "job_id": job["job_id"],
            "nonce": f"{ident:08x}",
            "result": os.urandom(32).hex(),
        }
        line.send({"id": ident, "jsonrpc": "2.0", "method": "submit", "params": share})
        line.until(answer_to(ident))
    return job["job_id"]


def mine_ethproxy(line, options):
    line.send(
        {
            "id": 1,
            "jsonrpc": "2.0",
            "method": "eth_submitLogin",
            "params": [options.user, "x"],
            "worker": "rig1",
        }
    )
    line.until(answer_to(1))
    line.send({"id": 2, "jsonrpc": "2.0", "method": "eth_getWork", "params": []})
    work = line.until(answer_to(2))["result"]
    for ident in shares(3, options):
        line.send(
            {
                "id": ident,
                "jsonrpc": "2.0",
                "method": "eth_submitWork",
                "params": [f"0x{ident:016x}", work[0], "0x" + os.urandom(32).hex()],
            }
        )
        line.until(answer_to(ident))
    return work[0][:10]


def wait_for_job(line, _options):
    """Only listens, for tests that recognise mining by the pool's messages."""
    line.receive()
    return "pushed"


SPEAKERS = {"stratum": mine_stratum, "cryptonote": mine_cryptonote, "ethproxy": mine_ethproxy}
USERS = {
    "stratum": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT.rig1",
    "cryptonote": "4" + "8" * 94,
    "ethproxy": "0x" + "ab" * 20,
}


def offsets(text):
    return sorted(int(part) for part in text.split(","))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dialect", choices=SPEAKERS, default="stratum")
    parser.add_argument("--user", help="wallet or login (default: a plausible one for the dialect)")
    parser.add_argument("--agent", default="minerwall-test/1.0")
    parser.add_argument(
        "--first", choices=("configure", "authorize"), help="Stratum: open with this, not mining.subscribe"
    )
    parser.add_argument(
        "--segment", type=int, default=0, help="bytes per TCP segment (default: a message in one)"
    )
    parser.add_argument(
        "--split", type=offsets, default=[], help="offsets at which the first message is cut into segments"
    )
    parser.add_argument("--pause", type=float, default=0.002, help="seconds between segments (default 0.002)")
    parser.add_argument(
        "--mute", action="store_true", help="send nothing; a job from the pool counts as success"
    )
    parser.add_argument("--shares", type=int, default=1, help="how many to submit (default 1)")
    parser.add_argument("--interval", type=float, default=0.2, help="seconds between shares (default 0.2)")
    parser.add_argument("--source", help="local address to connect from")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--sni", help="server name to send with --tls")
    parser.add_argument(
        "--timeout", type=float, default=5.0, help="seconds for the whole session (default 5)"
    )
    options = parser.parse_args()
    options.user = options.user or USERS[options.dialect]
    speak = wait_for_job if options.mute else SPEAKERS[options.dialect]
    line, begin = None, time.monotonic()
    try:
        line = Line(options)
        job = speak(line, options)
        print(f"accepted: {options.dialect} job {job} after {time.monotonic() - begin:.2f} s")
        return ACCEPTED
    except (ConnectionResetError, BrokenPipeError):
        print(f"reset after {line.sent if line else 0} bytes sent")
        return RESET
    except (Failed, OSError, ValueError) as error:
        print(f"failed: {error}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
