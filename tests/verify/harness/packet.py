"""IP, TCP and UDP packets from their fields, and back.

Written by hand, because a case needs control of every byte and there are some ten thousand packets. Cases of odd
encapsulations use scapy instead.
"""

import ipaddress
import struct

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
FLAGS = {"F": FIN, "S": SYN, "R": RST, "P": PSH, "A": ACK, "U": URG}


def flag_bits(letters):
    return sum(FLAGS[letter] for letter in letters)


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def transport_checksum(source, destination, protocol, segment):
    if len(source) == 4:
        pseudo = source + destination + struct.pack(">BBH", 0, protocol, len(segment))
    else:
        pseudo = source + destination + struct.pack(">IHBB", len(segment), 0, 0, protocol)
    return checksum(pseudo + segment)


def tcp(source, destination, sport, dport, seq, ack, flags, data=b"", options=b"", window=64240, bad_checksum=False):
    """A TCP segment between two addresses given as bytes."""
    offset = (20 + len(options)) // 4

    def build(check):
        return (
            struct.pack(
                ">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset << 4, flags, window, check, 0
            )
            + options
            + data
        )

    check = transport_checksum(source, destination, TCP, build(0))
    return build(check ^ 0x5A5A if bad_checksum else check)


def udp(source, destination, sport, dport, data=b"", no_checksum=False):
    def build(check):
        return struct.pack(">HHHH", sport, dport, 8 + len(data), check) + data

    if no_checksum:
        return build(0)
    return build(transport_checksum(source, destination, UDP, build(0)) or 0xFFFF)


def ip(source, destination, protocol, body, identity, ttl=64, fragment=0x4000, options=b""):
    """An IPv4 or IPv6 packet.

    `identity` makes each packet unlike all others: IPv4's identification, IPv6's flow label. By it the harness can tell
    which of two retransmissions left.
    """
    if len(source) == 16:
        return (
            struct.pack(">IHBB", 0x60000000 | identity & 0xFFFFF, len(body), protocol, ttl)
            + source
            + destination
            + body
        )

    def head(check):
        return (
            struct.pack(
                ">BBHHHBBH",
                0x40 | (20 + len(options)) // 4,
                0,
                20 + len(options) + len(body),
                identity & 0xFFFF,
                fragment,
                ttl,
                protocol,
                check,
            )
            + source
            + destination
            + options
        )

    return head(checksum(head(0))) + body


class Parsed:
    """The fields of a packet that the appliance made. Raises ValueError if a checksum or field is wrong."""

    def __init__(self, packet):
        version = packet[0] >> 4
        if version == 4:
            header = (packet[0] & 15) * 4
            if checksum(packet[:header]) != 0:
                raise ValueError("wrong IPv4 header checksum")
            total = struct.unpack_from(">H", packet, 2)[0]
            self.protocol, self.ttl = packet[9], packet[8]
            source, destination = packet[12:16], packet[16:20]
        elif version == 6:
            header = 40
            total = 40 + struct.unpack_from(">H", packet, 4)[0]
            self.protocol, self.ttl = packet[6], packet[7]
            source, destination = packet[8:24], packet[24:40]
        else:
            raise ValueError(f"IP version {version}")
        if total > len(packet):
            raise ValueError("IP length beyond the frame")
        if any(packet[total:]):
            raise ValueError("padding that is not zero")
        body = packet[header:total]
        self.source, self.destination = str(ipaddress.ip_address(source)), str(ipaddress.ip_address(destination))
        self.sport, self.dport = struct.unpack_from(">HH", body)
        unchecked = self.protocol == UDP and version == 4 and body[6:8] == b"\0\0"
        if not unchecked and transport_checksum(source, destination, self.protocol, body) != 0:
            raise ValueError("wrong transport checksum")
        if self.protocol == TCP:
            self.seq, self.ack, offset, self.flags = struct.unpack_from(">IIBB", body, 4)
            self.data = body[(offset >> 4) * 4 :]
        else:
            if struct.unpack_from(">H", body, 4)[0] != len(body):
                raise ValueError("UDP length is not that of the packet")
            self.data = body[8:]
