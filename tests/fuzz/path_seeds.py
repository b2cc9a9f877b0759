#!/usr/bin/python3
"""Writes the seeds of fuzz_path, fuzz_event and fuzz_config to corpus/; the seeds are in the tree.

A seed of fuzz_path is two bytes of options and then operations: see Script::step() in path.cpp,
path_talk.hpp for who speaks, and the order of samples in path_samples.hpp.
"""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")

# Options: first byte, second byte.
TWO_WORKERS, STARVE, FULL_DROPS, OFFLOADED, ENDS_UNKNOWN, HONEST = 1, 2, 4 + 8 + 16, 32, 64, 128
AMPLE = 1
# Who: pairs of ends, and bits.
PORT_3333, PORT_8080, PORT_4444, DNS, SOCKS, TLS6, DNS6, BAD = range(8)
SERVER, WRONG_END, UDP, NEXT_PORT = 8, 16, 32, 64
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
SUBSCRIBE, AUTHORIZE, NOTIFY, LOGIN, ETH, RESULT, RECONNECT, JOB, JOB2, ZIP301 = range(10)
GETWORK, TEMPLATE, X_STRATUM, WEBMINER, HELLO, HELLO_OTHER, HTTP, PROXY, CONNECT, ESTABLISHED = range(10, 20)
UPGRADE, SWITCHING, SOCKS4, SOCKS5, SOCKS5_OK, SOCKS5_TO, SOCKS5_DONE = range(20, 27)
QUERY, QUERY_HTTPS, QUERY_OTHER, ANSWER, ANSWER_ALIAS, STREAM_QUERY, STREAM_ANSWER = range(27, 34)


def open_(who):
    return bytes([0, who])


def say(who, sample):
    return bytes([1, who, sample])


def literal(who, data):
    return bytes([2, who]) + struct.pack(">H", len(data)) + data


def segment(who, sample, start, length, flags=ACK, distance=None, scale=0):
    """A slice of a sample, by default at its place in the stream."""
    if distance is None:
        distance, scale = (start, 0) if start < 128 else (start >> 4, 4)
    return bytes([3, who, flags, distance & 0xFF, scale, sample, start, length])


def acknowledge(who, window=255):
    return bytes([4, who, window])


def frame(end, data):
    return bytes([5, end]) + struct.pack(">H", len(data) - 1) + data


def dress(kind):
    return bytes([6, kind])


def fragments(units, order=0):
    return bytes([7, order << 5 | units])


def corrupt(at, mask):
    return bytes([8, at, mask])


def buffers(size):
    return bytes([9, size])


def wait(power):
    return bytes([10, power])


RELOAD, TURN, STALL = b"\x0b", b"\x0c", b"\x0d"


def tcp_options(kind):
    return bytes([14, kind])


def again(at=0, mask=0):
    return bytes([15, at, mask])


def options(first=0, second=AMPLE):
    return bytes([first, second])


def mine(who):
    return open_(who) + say(who, SUBSCRIBE) + say(who | SERVER, RESULT) + say(who, AUTHORIZE) + say(who | SERVER, JOB)


def quic(who, name):
    """The datagrams of a seed of fuzz_quic: a byte, then each behind two bytes of its size."""
    with open(os.path.join(CORPUS, "quic", name), "rb") as file:
        data = file.read()[1:]
    said = b""
    while data:
        size, = struct.unpack(">H", data[:2])
        said += literal(who, data[2:2 + size])
        data = data[2 + size:]
    return said


LOGIN_SIZE = 104
CUTS = [(at, min(16, LOGIN_SIZE - at)) for at in range(0, LOGIN_SIZE, 16)]
ARP = bytes.fromhex("ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000202")
STP = bytes.fromhex("0180c200000002000000000100264242030000000000") + bytes(38)

PATH = {
    "mining": options() + mine(PORT_3333) + mine(PORT_8080),
    "mining-observed": options() + TURN + RELOAD + mine(PORT_8080) + TURN + RELOAD + say(PORT_8080, LOGIN),
    "mining-two-workers": options(TWO_WORKERS) + mine(PORT_8080) + mine(TLS6) + mine(PORT_8080 | NEXT_PORT),
    "reversed": options(HONEST) + open_(PORT_8080)
    + b"".join(segment(PORT_8080, LOGIN, at, n) for at, n in reversed(CUTS)) + acknowledge(PORT_8080),
    "overlapping": options(HONEST) + open_(PORT_8080)
    + b"".join(segment(PORT_8080, LOGIN, at, n + 8) for at, n in CUTS[1::2])
    + b"".join(segment(PORT_8080, LOGIN, at, n + 8) + acknowledge(PORT_8080) for at, n in CUTS[0::2]),
    "two-copies": options(HONEST) + open_(PORT_8080) + segment(PORT_8080, HTTP, 16, 90, distance=16)
    + segment(PORT_8080, LOGIN, 16, 91) + segment(PORT_8080, LOGIN, 0, 16) + acknowledge(PORT_8080),
    "decoys": options(HONEST) + open_(PORT_8080) + dress(12) + say(PORT_8080, HTTP) + dress(0) + tcp_options(4)
    + segment(PORT_8080, HTTP, 0, 60) + tcp_options(0) + segment(PORT_8080, LOGIN, 0, 255, RST | ACK, 100)
    + segment(PORT_8080, LOGIN, 0, 255, distance=0) + segment(PORT_8080, LOGIN, 0, 255),
    "fragments": options(HONEST) + open_(PORT_8080) + fragments(4) + say(PORT_8080, LOGIN) + fragments(3, 1)
    + open_(PORT_4444) + say(PORT_4444, SUBSCRIBE),
    "fragments-overlap": options(FULL_DROPS) + fragments(2, 4) + say(DNS | UDP, QUERY) + fragments(2, 2)
    + say(DNS6 | UDP, QUERY) + fragments(1, 3) + say(PORT_8080 | UDP, 37) + wait(17) + fragments(1, 5)
    + say(PORT_8080 | UDP, LOGIN),
    "fragments-two-workers": options(TWO_WORKERS) + open_(PORT_8080) + fragments(3, 1) + say(PORT_8080, LOGIN)
    + say(DNS | UDP, QUERY),
    "dressed": options() + b"".join(dress(kind) + mine((kind % 3) | NEXT_PORT * (kind % 4)) for kind in range(18)),
    "names": options() + open_(TLS6) + say(TLS6, HELLO) + open_(PORT_8080) + say(PORT_8080, HTTP)
    + open_(PORT_4444) + say(PORT_4444, HELLO_OTHER) + say(PORT_4444, PROXY),
    "proxies": options() + open_(SOCKS) + say(SOCKS, SOCKS5) + say(SOCKS | SERVER, SOCKS5_OK) + say(SOCKS, SOCKS5_TO)
    + say(SOCKS | SERVER, SOCKS5_DONE) + say(SOCKS, LOGIN) + open_(PORT_8080) + say(PORT_8080, CONNECT)
    + say(PORT_8080 | SERVER, ESTABLISHED) + say(PORT_8080, HELLO) + open_(PORT_4444) + say(PORT_4444, SOCKS4),
    "websocket": options() + open_(PORT_8080) + say(PORT_8080, UPGRADE) + say(PORT_8080 | SERVER, SWITCHING)
    + say(PORT_8080, WEBMINER),
    "http-mining": options() + open_(PORT_8080) + say(PORT_8080, GETWORK) + say(PORT_8080 | SERVER, X_STRATUM)
    + open_(PORT_4444) + say(PORT_4444, TEMPLATE),
    "dns": options() + say(DNS | UDP, QUERY) + say(DNS | UDP, QUERY_HTTPS) + say(DNS | UDP, QUERY_OTHER)
    + say(DNS | UDP | SERVER, ANSWER_ALIAS) + say(DNS6 | UDP | SERVER, ANSWER) + open_(DNS) + say(DNS, STREAM_QUERY)
    + open_(DNS6) + say(DNS6, STREAM_ANSWER),
    "learned": options() + TURN + RELOAD + say(DNS | UDP, QUERY) + say(DNS | UDP | SERVER, ANSWER) + TURN + RELOAD
    + mine(PORT_4444) + open_(PORT_8080) + say(PORT_8080, ZIP301) + say(PORT_8080 | SERVER, RECONNECT),
    "quic-v1": options() + quic(TLS6 | UDP, "raw-v1") + quic(TLS6 | UDP, "raw-v2-two"),
    "quic-exhausted": options(0, 0) + quic(TLS6 | UDP, "raw-v1") + quic(PORT_8080 | UDP, "raw-v1"),
    "transparent": options() + frame(0, ARP) + frame(1, ARP) + frame(1, STP) + frame(0, b"\0") + frame(0, bytes(13))
    + frame(0, bytes(3000)),
    "starved": options(STARVE | FULL_DROPS, 0) + fragments(4) + b"".join(mine(who) for who in range(8))
    + b"".join(mine(who | NEXT_PORT) for who in range(8)),
    "stalled": options(0, 0) + STALL + b"".join(mine(who) + again() * 9 for who in range(8)) + STALL
    + mine(PORT_8080),
    "mid-stream": options(ENDS_UNKNOWN | OFFLOADED) + say(PORT_8080, LOGIN) + say(PORT_4444 | SERVER, NOTIFY),
    "reused": options() + open_(PORT_8080) + segment(PORT_8080, HTTP, 0, 0, RST | ACK) + wait(12) + open_(PORT_8080)
    + say(PORT_8080, LOGIN) + segment(PORT_8080, LOGIN, 0, 0, FIN | ACK) + wait(15) + wait(21),
    "cut-buffers": options() + buffers(1) + mine(PORT_8080) + buffers(7) + mine(PORT_4444) + say(DNS | UDP, QUERY),
    "retransmitted": options(HONEST) + open_(PORT_8080) + segment(PORT_8080, LOGIN, 0, 50) + again() + again(200, 1)
    + acknowledge(PORT_8080) + segment(PORT_8080, LOGIN, 50, 57) + again(),
    # Port 53 may carry another protocol than DNS.
    "port-53": options(HONEST) + open_(DNS) + say(DNS, SUBSCRIBE) + open_(DNS | NEXT_PORT) + say(DNS | NEXT_PORT, LOGIN),
    "corrupted": options() + open_(PORT_8080) + corrupt(14, 0x0F) + say(PORT_8080, LOGIN) + corrupt(16, 0xFF)
    + say(PORT_8080, LOGIN) + corrupt(46, 0xF0) + say(PORT_8080, LOGIN),
}


def text(value):
    return bytes([len(value)]) + value


def record(kind, parts, body, action=3, proto=6):
    """A record as fill() in event.cpp reads it."""
    head = b"\x80" + bytes([kind]) + struct.pack(">Q", 1_700_000_000_123_456_789)
    head += bytes([action, 0x0F]) + struct.pack(">2H", 300, 7) + bytes([5, proto, 0, kind, 0])
    head += struct.pack(">2H", 40000, 3333) + b"\x8c" + bytes([10, 0, 0, 1]) + b"\x00" + bytes(range(16))
    head += struct.pack(">8Q", 1, 2, 3, 4, 5, 6, 7, 8)[:56] + struct.pack(">Q", 9) + bytes([1, 2])
    return head + bytes([parts]) + body


NAME = b"\x02\x03" + struct.pack(">2H", 4711, 65) + text(b"xmr.pool.example") + text(b"t13d1516h2_8daaf6152771_e5627efa2ab1")
MATCH = b"\x01\x5f" + struct.pack(">2I", 3, 0) + text(b"payload") + text(b"starter.conf:80") + text(b"pools")
MATCH += text(b"pool.example\n\x1b[31m") + text(b"")
MINING = b"\x02\x01" + struct.pack(">I", 17) + text(b"login") + text(b"4AbCdEfGhJkLmNpQrStUvWxYz123456789.rig1") + text(b"rig")
MINING += text(b"XMRig/6 \xff\xc3\x28\xe2\x82") + text(b"pool.example:3333") + text(b"") + text(b"rx/0")
MINING += text(b'{"login":"4AbCdEfGhJkLmNpQrStUvWxYz123456789.rig1","pass":"secret"}')
LEARNED = b"\x01" + struct.pack(">HI", 4444, 60) + b"\x8c\xc0\x00\x02\x0a" + text(b"a.example")

EVENT = {
    "alert": record(0, 0x47, NAME + MATCH + MINING),
    "alert-bare": record(0, 0, b""),
    "dns": record(1, 0x13, NAME + MATCH, action=4, proto=17),
    "flow": record(2, 7, NAME + MATCH + MINING) + record(2, 0, b"", proto=58),
    "learned": record(3, 0x88, LEARNED) + record(3, 8, LEARNED),
}


def example():
    """The shipped example, with every commented default in force."""
    path = os.path.join(HERE, "..", "..", "drivers-config", "minerwall.conf.example")
    with open(path, encoding="utf-8") as file:
        return "".join(line for line in (each.replace("#", "", 1) if each.strip().startswith("#") and " = " in each
                                         and each.rstrip().endswith(";") else each for each in file)
                       if not line.strip().startswith("#"))


CONFIG = {
    "example": example(),
    "least": 'wires = ( { ends = [ "eth1", "eth2" ]; } ); policy = "p.conf";',
    "devices": 'wires = ( { name = "a"; ends = [ "0000:01:00.0", "01:00.1" ]; },'
    ' { ends = [ "net_tap0,iface=x", "kernel:net_1" ]; } ); policy = "/p";\nworkers = { cores = [ 2, 3 ]; };',
    "errors": 'wires = ( { name = ""; ends = [ "eth1" ]; }, 3 );\npolicy = 7;\nworkers = { cuont = 0; burst = 99; };\n'
    'flows = [ 1 ];\nmemory = { mb = 0x40; hugepages = "maybe"; };\nmetrics = { listen = "::1:9"; };',
    "numbers": "memory = { mb = 99999999999; mbufs = -1; };\nflows = { capacity = 1e9; };\n@include \"/etc/passwd\"\n",
    "syntax": 'wires = ( { ends = [ "eth1"\n/* never closed',
}


def write(target, seeds):
    folder = os.path.join(CORPUS, target)
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)


write("path", PATH)
write("event", EVENT)
write("config", CONFIG)
