"""Tunnels around the packets of a conversation: t.tcp(tunnel=Gre(key=7)), t.udp(tunnel=Vxlan(5, v6=True)).

A tunnel wraps an IP packet into another one. It also opens the appliance's answers in it and checks every field: the
tunnel's far end must accept the answer.
"""

import struct

from . import packet
from .conversation import CLIENT, SERVER, V4, V6, other

IPIP, IPV6, GRE = 4, 41, 47
TRANSPARENT = 0x6558
INNER_MAC = {CLIENT: bytes.fromhex("060000000011"), SERVER: bytes.fromhex("060000000022")}


def open_ip(data):
    """Source, destination, protocol and body of an IP packet whose header is right and which a host has just sent."""
    if data[0] >> 4 == 4:
        if data[0] != 0x45 or packet.checksum(data[:20]) != 0:
            raise ValueError("a wrong outer IPv4 header")
        total, ttl, protocol = struct.unpack_from(">H", data, 2)[0], data[8], data[9]
        if struct.unpack_from(">H", data, 6)[0] & 0x3FFF:
            raise ValueError("a fragment")
        head, source, destination = 20, data[12:16], data[16:20]
    else:
        total, ttl, protocol = 40 + struct.unpack_from(">H", data, 4)[0], data[7], data[6]
        head, source, destination = 40, data[8:24], data[24:40]
    if ttl != 64 or total > len(data) or any(data[total:]):
        raise ValueError("outer TTL, length or padding")
    return source, destination, protocol, data[head:total]


class Tunnel:
    """One tunnel between two hosts. `v6`: it runs over IPv6. `inside`: another tunnel inside it."""

    def __init__(self, v6=False, inside=None, ends=None):
        client, server = ends or (("2001:db8:a::1", "2001:db8:b::2") if v6 else ("198.51.100.1", "198.51.100.2"))
        self.ends = {CLIENT: packet.packed(client), SERVER: packet.packed(server)}
        self.inside = inside
        self.identity = 0
        self.count = {CLIENT: 0, SERVER: 0}  # packets sent from each end

    @property
    def kind(self):
        """The EtherType of the outer packet."""
        return V6 if len(self.ends[CLIENT]) == 16 else V4

    def wrap(self, sender, data):
        """The outer IP packet around an inner one."""
        if self.inside:
            data = self.inside.wrap(sender, data)
        self.identity += 1
        self.count[sender] += 1
        protocol, body = self.carry(sender, data)
        return packet.ip(self.ends[sender], self.ends[other(sender)], protocol, body, self.identity)

    def open(self, sender, data):
        """The inner packet of an outer one that claims to come from `sender`; None if it is not of this tunnel."""
        if not data or data[0] >> 4 != (4 if self.kind == V4 else 6):
            return None
        source, destination, protocol, body = open_ip(data)
        if (source, destination) != (self.ends[sender], self.ends[other(sender)]):
            return None
        data = self.release(sender, protocol, body)
        return self.inside.open(sender, data) if self.inside and data else data

    def carry(self, sender, data):
        raise NotImplementedError

    def release(self, sender, protocol, body):
        raise NotImplementedError


class Ipip(Tunnel):
    """IPv4 or IPv6 directly in IPv4 or IPv6."""

    def carry(self, sender, data):
        return (IPIP if data[0] >> 4 == 4 else IPV6), data

    def release(self, sender, protocol, body):
        return body if protocol == (IPIP if body[0] >> 4 == 4 else IPV6) else None


def inner_link(sender, data, vlan):
    ether = INNER_MAC[other(sender)] + INNER_MAC[sender]
    for tag in vlan:
        ether += b"\x81\x00" + tag.to_bytes(2, "big")
    return ether + (V4 if data[0] >> 4 == 4 else V6)


def strip_link(sender, frame, vlan):
    length = 14 + 4 * len(vlan)
    if frame[:length] != inner_link(sender, frame[length:], vlan):
        raise ValueError(f"inner link header {frame[:length].hex()}")
    return frame[length:]


class Gre(Tunnel):
    """`ethernet`: it carries frames, with these VLAN tags."""

    def __init__(self, key=None, checksum=False, sequence=False, ethernet=False, vlan=(), **outer):
        super().__init__(**outer)
        self.key, self.checksum, self.sequence, self.ethernet, self.vlan = key, checksum, sequence, ethernet, vlan

    def carry(self, sender, data):
        kind = TRANSPARENT if self.ethernet else 0x0800 if data[0] >> 4 == 4 else 0x86DD
        if self.ethernet:
            data = inner_link(sender, data, self.vlan) + data
        flags = self.checksum << 15 | (self.key is not None) << 13 | self.sequence << 12
        words = b"" if self.key is None else self.key.to_bytes(4, "big")
        if self.sequence:
            words += self.count[sender].to_bytes(4, "big")
        head = struct.pack(">HH", flags, kind)
        if self.checksum:
            check = packet.checksum(head + bytes(4) + words + data)
            words = struct.pack(">HH", check, 0) + words
        return GRE, head + words + data

    def release(self, sender, protocol, body):
        flags, kind = struct.unpack_from(">HH", body)
        if protocol != GRE or bool(flags & 0x2000) != (self.key is not None):
            return None
        if bool(flags & 0x8000) != self.checksum:
            raise ValueError(f"GRE flags {flags:04x}")
        if self.checksum and packet.checksum(body) != 0:
            raise ValueError("wrong GRE checksum")
        at = 8 if self.checksum else 4
        if self.key is not None:
            if int.from_bytes(body[at : at + 4], "big") != self.key:
                return None
            at += 4
        if flags & 0x1000:
            # It must not run ahead of what its sender really sends, or its far end would discard the sender's
            # packets.
            if int.from_bytes(body[at : at + 4], "big") > self.count[sender]:
                raise ValueError("a GRE sequence number of the future")
            at += 4
        data = body[at:]
        if self.ethernet:
            if kind != TRANSPARENT:
                raise ValueError(f"GRE carries {kind:04x}")
            return strip_link(sender, data, self.vlan)
        if kind != (0x0800 if data[0] >> 4 == 4 else 0x86DD):
            raise ValueError(f"GRE carries {kind:04x}")
        return data


class Vxlan(Tunnel):
    """`checksum`: of the outer UDP header; most senders leave it zero."""

    def __init__(self, vni, checksum=False, vlan=(), **outer):
        super().__init__(**outer)
        self.vni, self.checksum, self.vlan = vni, checksum, vlan
        self.sport = {CLIENT: 50001, SERVER: 50002}  # a hash of the inner packet, different in each direction

    def head(self):
        return b"\x08\0\0\0" + self.vni.to_bytes(3, "big") + b"\0"

    def carry(self, sender, data):
        data = self.head() + inner_link(sender, data, self.vlan) + data
        source, destination = self.ends[sender], self.ends[other(sender)]
        return packet.UDP, packet.udp(source, destination, self.sport[sender], 4789, data, not self.checksum)

    def release(self, sender, protocol, body):
        _, dport, length, check = struct.unpack_from(">HHHH", body)
        if (protocol, dport, body[8:16]) != (packet.UDP, 4789, self.head()):
            return None
        if length != len(body):
            raise ValueError(f"outer UDP length {length}")
        if bool(check) != self.checksum:
            raise ValueError(f"outer checksum {check:04x}")
        source, destination = self.ends[sender], self.ends[other(sender)]
        if check and packet.transport_checksum(source, destination, packet.UDP, body) != 0:
            raise ValueError("wrong outer UDP checksum")
        return strip_link(sender, body[16:], self.vlan)
