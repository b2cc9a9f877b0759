"""Carriers over UDP, and what a client can do to a datagram before the IP layer."""

import dataclasses
import struct
import typing

import oracle
import quic
import wire
from carriers import ASKED, QUESTION
from harness import dns, tls
from receiver import DNS, TLS


@dataclasses.dataclass(frozen=True)
class DatagramCarrier:
    name: str
    text: str
    datagrams: tuple
    complete: typing.Callable  # list of datagrams read -> whether the receiver has the message
    port: int = DNS


DATAGRAM_CARRIERS = {}


def _carrier(name, text, datagrams, complete=None, **more):
    datagrams = tuple(datagrams)
    DATAGRAM_CARRIERS[name] = DatagramCarrier(name, text, datagrams, complete or oracle.all_of(datagrams), **more)


_carrier("dns-udp", "a DNS question for a listed name", [QUESTION], oracle.dns_datagram(ASKED))
_carrier(
    "dns-udp-edns",
    "the same with EDNS",
    [dns.query(ASKED, opt=dns.edns(cookie=b"8 bytes."))],
    oracle.dns_datagram(ASKED),
)
_carrier(
    "dns-udp-case", "the same in mixed case", [dns.query(ASKED.title(), kind=dns.HTTPS)], oracle.dns_datagram(ASKED)
)

HELLO = tls.client_hello(ASKED)
LARGE = tls.client_hello(ASKED, before=(tls.extension(0x1234, bytes(1400)),))


def _frames(hello, size):
    return [quic.crypto(at, hello[at : at + size]) for at in range(0, len(hello), size)]


_carrier("quic", "a QUIC Initial with a listed name", [quic.initial(quic.crypto(0, HELLO), 0)], port=TLS)
_carrier(
    "quic-v2", "the same in QUIC version 2", [quic.initial(quic.crypto(0, HELLO), 0, version=quic.V2)], port=TLS
)
_carrier(
    "quic-reversed",
    "CRYPTO frames of 20 bytes, the last one first, PING and PADDING between",
    [quic.initial((quic.PING + bytes(3)).join(_frames(HELLO, 20)[::-1]), 1)],
    port=TLS,
)
_carrier(
    "quic-overlap",
    "CRYPTO frames that overlap",
    [quic.initial(b"".join(quic.crypto(at, HELLO[at : at + 30]) for at in range(0, len(HELLO), 12)), 2)],
    port=TLS,
)
_carrier(
    "quic-two-reversed",
    "a ClientHello over two datagrams, the second one first",
    [
        quic.initial(quic.crypto(1000, LARGE[1000:]), 1),
        quic.initial(quic.crypto(0, LARGE[:1000]), 0),
    ],
    port=TLS,
)
_carrier(
    "quic-two-interleaved",
    "a ClientHello over two datagrams, frames of 50 bytes dealt in turn",
    [
        quic.initial(b"".join(_frames(LARGE, 50)[1::2]), 0),
        quic.initial(b"".join(_frames(LARGE, 50)[0::2]), 1),
    ],
    port=TLS,
)
_carrier(
    "quic-token",
    "with a token, as after a Retry",
    [quic.initial(quic.crypto(0, HELLO), 5, token=b"t" * 60)],
    port=TLS,
)


@dataclasses.dataclass(frozen=True)
class DatagramTechnique:
    name: str
    text: str
    send: typing.Callable


DATAGRAM_TECHNIQUES = {}


def _technique(name, text):
    def register(send):
        DATAGRAM_TECHNIQUES[name] = DatagramTechnique(name, text, send)
        return send

    return register


async def _put(peer, body, **fields):
    await peer.put(body, protocol=wire.UDP, **fields)


@_technique("datagram", "as it is")
async def plain(peer, data):
    await _put(peer, wire.udp(peer.ends, data))


@_technique("udp-decoy-ttl", "a harmless datagram first, with too small a TTL")
async def decoy_ttl(peer, data):
    await _put(peer, wire.udp(peer.ends, bytes(len(data))), ttl=1)
    await plain(peer, data)


@_technique("udp-decoy-checksum", "a harmless datagram first, with a wrong checksum")
async def decoy_checksum(peer, data):
    body = wire.udp(peer.ends, b"h" * len(data))
    await _put(peer, body[:6] + bytes([body[6] ^ 0x5A]) + body[7:])
    await plain(peer, data)


@_technique("udp-trailing", "bytes behind the UDP length, within the IP packet")
async def trailing(peer, data):
    """The checksum covers what the length says (RFC 768); Linux cuts the rest off."""
    await _put(peer, wire.udp(peer.ends, data) + b"#" * 16)


@_technique("udp-twice", "twice")
async def twice(peer, data):
    await plain(peer, data)
    await plain(peer, data)


@_technique("udp-no-checksum", "without a checksum (IPv4)")
async def no_checksum(peer, data):
    body = wire.udp(peer.ends, data)
    await _put(peer, body[:6] + (struct.pack(">H", 0) if peer.v4 else body[6:8]) + body[8:])
