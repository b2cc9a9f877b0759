"""Carriers: the ways in which a miner can send its message. A carrier is a dialogue, then the message.

Each message is all that the receiver needs to act; the oracle tells whether it has arrived.
"""

import dataclasses
import random
import typing

import oracle
import paths  # noqa: F401  pylint: disable=unused-import
from harness import dns, messages, proxy_header, tls
from lab.servers import POOL_NAME
from receiver import DNS, LINES, TLS, WEB

ASKED = "eu1.stratum.rig-0017." + POOL_NAME  # below a listed name, and long enough for any cut


@dataclasses.dataclass(frozen=True)
class Carrier:
    name: str
    text: str
    message: bytes
    complete: typing.Callable  # bytes read -> whether the receiver has the message
    port: int = LINES
    dialogue: tuple = ()  # pairs (what the client says, what the server's application answers)
    lines: bool = False  # whether harmless lines may come first


CARRIERS = {}


def carrier(name, text, message, complete, **more):
    before = sum(len(said) for said, _ in more.get("dialogue", ()))
    if before:
        complete = oracle.behind(before, complete)
    CARRIERS[name] = Carrier(name, text, message, complete, **more)


def line_carrier(name, text, message, **more):
    more.setdefault("lines", not more.get("dialogue"))
    carrier(name, text, message, oracle.lines, **more)


BENIGN = b'{"jsonrpc":"2.0","id":7,"method":"eth_blockNumber","params":[]}\n'
GETWORK = messages.line("getwork", [], end="")
TEMPLATE = messages.line("getblocktemplate", [{"rules": ["segwit"]}], end="", jsonrpc="2.0")


def chunked(data, size):
    """A body in chunks of this many bytes (RFC 9112, 7.1)."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


line_carrier("stratum", "mining.subscribe", messages.SUBSCRIBE)
line_carrier(
    "authorize",
    "mining.authorize",
    messages.line("mining.authorize", ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT.rig", "x"]),
)
line_carrier("cryptonote", "login of CryptoNote", messages.LOGIN)
line_carrier("ethproxy", "eth_submitLogin", messages.ETH_LOGIN)
HELLO = {"agent": "ergo/1.0", "host": "a.example", "port": "4d2", "proto": "EthereumStratum/2.0.0"}
line_carrier(
    "hello",
    "mining.hello of EthereumStratum 2",
    messages.line("mining.hello", HELLO),
)
line_carrier(
    "beam",
    "login with an API key",
    messages.line("login", id="login", jsonrpc="2.0", api_key="3b2a" * 16, nonceprefix=""),
)
line_carrier(
    "escapes",
    "escapes in key and method",
    rb'{"id":1,"\u006d\u0065thod":"\u006dining\u002esubscrib\u0065","params":["cgminer\/4.11.1"]}' + b"\n",
)
line_carrier(
    "white-space",
    "white space wherever JSON takes it",
    b'\r\n \t{ \t"params" \t: [ ] , \t "id"\t:\tnull ,\t"method" \t:\t "mining.subscribe" \t}\t \r\n',
)
line_carrier("batch", "an array of messages", b"[" + BENIGN[:-1] + b"," + messages.SUBSCRIBE[:-1] + b"]\n")
line_carrier("byte-order-mark", "a byte order mark first", b"\xef\xbb\xbf" + messages.SUBSCRIBE)
line_carrier(
    "duplicate-key",
    "the method twice, the last one counts",
    b'{"id":1,"method":"eth_blockNumber","method":"mining.subscribe","params":["a/1"]}\n',
)
line_carrier(
    "long-member", "600 bytes of junk first", b'{"junk":"' + b"j" * 600 + b'",' + messages.SUBSCRIBE[1:]
)
line_carrier("decoy-line", "another JSON-RPC message first", BENIGN * 3 + messages.SUBSCRIBE)
line_carrier("text-line", "a line of another protocol first", b"GET / HTTP/1.0\r\n\r\n" + messages.SUBSCRIBE)
line_carrier("late", "8 KB of another JSON-RPC first", messages.SUBSCRIBE, dialogue=((BENIGN * 128, b""),))
carrier(
    "getwork", "getwork by HTTP POST", messages.http_request(GETWORK), oracle.http_body, port=WEB
)
carrier(
    "template-chunked",
    "getblocktemplate by HTTP POST in chunks of 9 bytes",
    messages.http_request(headers=("Content-Type: application/json", "Transfer-Encoding: chunked"))
    + chunked(TEMPLATE, 9),
    oracle.http_body,
    port=WEB,
)
MONERO = {"wallet_address": messages.WALLET, "reserve_size": 8}
carrier(
    "monero-daemon",
    "get_block_template of a Monero node",
    messages.http_request(
        messages.line("get_block_template", MONERO, end="", jsonrpc="2.0"),
        target="/json_rpc",
    ),
    oracle.http_body,
    port=WEB,
)
carrier(
    "eth-getwork",
    "eth_getWork by HTTP POST",
    messages.http_request(messages.ETH_GET_WORK[:-1], target="/?miner=30@0x8A4B1cD0e2F3@rig"),
    oracle.http_body,
    port=WEB,
)
carrier(
    "pipelined",
    "a harmless GET, then getwork, without waiting",
    messages.http_request(method="GET", host="www.example.test") + messages.http_request(GETWORK),
    oracle.http_body,
    port=WEB,
)
carrier(
    "host",
    "an HTTP Host that is listed",
    messages.http_request(method="GET", host=ASKED),
    oracle.http_host(ASKED),
    port=WEB,
)
CONNECT = b"CONNECT 203.0.113.9:3333 HTTP/1.1\r\nHost: 203.0.113.9:3333\r\n\r\n"
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
line_carrier("connect", "behind HTTP CONNECT", messages.SUBSCRIBE, port=WEB, dialogue=((CONNECT, CONNECTED),))
SOCKS5 = b"\x05\x01\x00\x01\xcb\x00\x71\x09\x0d\x05"
SOCKS5_DONE = b"\x05\x00\x00\x01" + bytes(6)
line_carrier(
    "socks5",
    "behind SOCKS5",
    messages.LOGIN,
    port=WEB,
    dialogue=((b"\x05\x01\x00", b"\x05\x00"), (SOCKS5, SOCKS5_DONE)),
)
line_carrier(
    "socks4",
    "behind SOCKS4",
    messages.ETH_LOGIN,
    port=WEB,
    dialogue=((b"\x04\x01\x0d\x05\xcb\x00\x71\x09miner\0", b"\x00\x5a" + bytes(6)),),
)
PROXIED = b"PROXY TCP4 192.0.2.7 203.0.113.9 50000 80\r\n" + messages.http_request(method="GET", host=ASKED)
carrier(
    "proxy-header-1",
    "version 1 of the PROXY protocol before an HTTP Host that is listed",
    PROXIED,
    oracle.proxy_header_1(oracle.http_host(ASKED)),
    port=WEB,
)
PROXY_HEADER_2 = proxy_header.version2(values=proxy_header.value(4, b"\n{" + bytes(40)))
carrier(
    "proxy-header-2",
    "version 2 of the PROXY protocol before a ClientHello with a listed name",
    tls.hello(ASKED),
    oracle.tls_name(ASKED),
    port=TLS,
    dialogue=((PROXY_HEADER_2, b""),),
)
# Clients that do not wait for their proxy's answer.
line_carrier(
    "connect-early",
    "HTTP CONNECT and the miner's first line at once",
    CONNECT + messages.SUBSCRIBE,
    port=WEB,
    lines=False,
)
EARLY = b"\x05\x01\x00" + SOCKS5
carrier(
    "socks5-early",
    "SOCKS5 and the miner's first line at once",
    EARLY + messages.SUBSCRIBE,
    oracle.behind(len(EARLY), oracle.lines),
    port=WEB,
)
SOCKS_NAME = b"\x05\x01\x00\x03" + tls.sized(ASKED.encode(), 1) + b"\x0d\x05"
carrier(
    "socks5-name",
    "a SOCKS5 request for a listed name",
    SOCKS_NAME,
    lambda data: data.startswith(SOCKS_NAME),
    port=WEB,
    dialogue=((b"\x05\x01\x00", b"\x05\x00"),),
)
CONNECT_NAME = f"CONNECT {ASKED}:3333 HTTP/1.1\r\nHost: {ASKED}:3333\r\n\r\n".encode()
carrier(
    "connect-name",
    "HTTP CONNECT to a listed name",
    CONNECT_NAME,
    lambda data: CONNECT_NAME in data,
    port=WEB,
)
UPGRADE = messages.http_request(
    method="GET",
    target="/proxy",
    host="www.example.test",
    headers=(
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ),
)
UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
WEB_MINER = b'{"type":"auth","params":{"site_key":"Yd5wxtK7ZTZ2vbGzKYwp4b","type":"anonymous","user":null,"goal":0}}'


def frame(data, opcode=1, final=True, mask=b"\x37\xfa\x21\x3d"):
    """A WebSocket frame of a client (RFC 6455, 5.2)."""
    size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
    return bytes([opcode | (0x80 if final else 0)]) + size + mask + masked


def fragmented(data, size):
    """A message in frames of this many bytes, each with a mask of its own."""
    out = b""
    for at in range(0, len(data), size):
        mask = bytes((at * 7 + place * 31) & 255 for place in range(4))
        out += frame(data[at : at + size], 0 if at else 1, at + size >= len(data), mask)
    return out




def setup_connection(host, port):
    """SetupConnection of Stratum V2 without encryption (Stratum V2 specification, 3.2 and 3.5.1)."""
    texts = (b"bitaxe", b"bm1366", b"2.1.0", b"")
    body = b"\x00\x02\x00\x02\x00" + bytes(4) + tls.sized(host.encode(), 1) + port.to_bytes(2, "little")
    body += b"".join(tls.sized(text, 1) for text in texts)
    return b"\x00\x00\x00" + len(body).to_bytes(3, "little") + body


def noise(size, seed):
    """Bytes that look like ciphertext."""
    return random.Random(seed).randbytes(size)


SETUP = setup_connection("pool.example.test", 34254)
carrier("stratum2-plain", "SetupConnection of Stratum V2 in the clear", SETUP, lambda data: data == SETUP)
CHANNEL = noise(22 + 70 + 16, "open channel")
carrier(
    "stratum2",
    "a channel is opened behind the handshake of Stratum V2",
    CHANNEL,
    lambda data: data == CHANNEL,
    dialogue=(
        (noise(64, "key"), noise(234, "answer")),
        (noise(22 + len(SETUP) - 6 + 16, "setup"), noise(44, "success")),
    ),
)



def p2pool_solution(seed, proves_work):
    """A hash with its most significant bytes last, and a salt (SChernykh/p2pool, p2p_server.h)."""
    return b"\x01" + noise(30, seed) + (bytes(2) if proves_work else b"\xff\xff") + noise(8, seed + " salt")


PEER = p2pool_solution("miner", True) + b"\x02\x01\x94\0\0" + b"\x03" + bytes(32)
carrier(
    "p2pool",
    "a peer of P2Pool proves its work and asks for a block",
    PEER,
    lambda data: data == PEER,
    dialogue=(
        (
            b"\0" + noise(16, "miner's challenge"),
            b"\0" + noise(16, "pool's challenge") + p2pool_solution("pool", False),
        ),
    ),
)

SHARE = b"1234567,185000.25,Official PC Miner 4.3,rig-7,,1234\n"
JOB = b"3.0\n" + b"3a" * 20 + b"," + b"c5" * 20 + b",25000\n"
carrier(
    "duinocoin",
    "a share of Duino-Coin, behind the request for its job and the job",
    SHARE,
    lambda data: data == SHARE,
    dialogue=((b"JOB,alice,LOW,None\n", JOB),),
)

for _name, _text, _message in (
    ("websocket", "a browser miner in a masked WebSocket frame", frame(WEB_MINER)),
    ("websocket-fragments", "the same in fragments with different masks", fragmented(WEB_MINER, 9)),
    ("websocket-stratum", "Stratum in a binary WebSocket frame", frame(messages.SUBSCRIBE[:-1], 2, mask=b"\0\0\0\0")),
):
    carrier(_name, _text, _message, oracle.websocket, port=WEB, dialogue=((UPGRADE, UPGRADED),))

carrier(
    "websocket-early",
    "the request to upgrade and the miner's frame at once",
    UPGRADE + frame(WEB_MINER),
    oracle.behind(len(UPGRADE), oracle.websocket),
    port=WEB,
)

carrier("tls", "a ClientHello with a listed name", tls.hello(ASKED), oracle.tls_name(ASKED), port=TLS)
carrier(
    "tls-records",
    "the same in records of 16 bytes",
    tls.hello(ASKED, size=16),
    oracle.tls_name(ASKED),
    port=TLS,
)
carrier(
    "tls-large",
    "the name behind 1,800 bytes of other extensions and GREASE",
    tls.hello(ASKED, before=(tls.grease(), tls.extension(21, bytes(1800)), tls.grease(0x8A8A))),
    oracle.tls_name(ASKED),
    port=TLS,
)
QUESTION = dns.query(ASKED)
carrier("dns", "a question for a listed name", tls.sized(QUESTION), oracle.dns_stream(ASKED), port=DNS)
carrier(
    "dns-second",
    "the second question of a connection",
    tls.sized(dns.query("www.example.test")) + tls.sized(dns.query(ASKED, dns.AAAA, opt=dns.edns())),
    oracle.dns_stream(ASKED),
    port=DNS,
)
