"""Frames around IP packets: encapsulations as they are used between two sites, put on and taken off."""

import struct

import wire

# Name: whether the packet inside is IPv4. The first two pass the kernel's own hop, the others our tunnel end.
KINDS = {
    "plain": True,
    "ipv6": False,
    "vlan": True,
    "qinq": True,
    "mpls": True,
    "pppoe": True,
    "gre": True,
    "ipip": True,
    "6in4": False,
    "vxlan": True,
}
BY_KERNEL = ("plain", "ipv6")

OUTER = {True: (bytes([10, 81, 0, 2]), bytes([10, 81, 0, 1]))}
OUTER[False] = OUTER[True][::-1]
VLAN = struct.pack(">HH", 0x8100, 10)
QINQ = struct.pack(">HHHH", 0x88A8, 100, 0x8100, 10)
MPLS = struct.pack(">HI", 0x8847, 16 << 12 | 0x100 | 64)
PPPOE = struct.pack(">HBBH", 0x8864, 0x11, 0, 7)
GRE = struct.pack(">HH", 0, 0x0800)
VXLAN = bytes.fromhex("0800000000000500")
VXLAN_PORT = 4789
INNER_MACS = bytes.fromhex("02000000aa0102000000aa02")


def ethertype(packet):
    return b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"


def wrap(kind, packet, addresses, outward=True, trailer=b""):
    """A frame with these MAC `addresses` (destination and source). `trailer` comes after everything, as padding does.
    """
    kind_of = ethertype(packet)
    if kind in BY_KERNEL:
        body = kind_of + packet
    elif kind == "vlan":
        body = VLAN + kind_of + packet
    elif kind == "qinq":
        body = QINQ + kind_of + packet
    elif kind == "mpls":
        body = MPLS + packet
    elif kind == "pppoe":
        protocol = b"\0\x21" if kind_of == b"\x08\x00" else b"\0\x57"
        body = PPPOE + struct.pack(">H", len(packet) + 2) + protocol + packet
    else:
        body = b"\x08\x00" + _tunnel(kind, packet, outward)
    return addresses + body + trailer


def _tunnel(kind, packet, outward):
    source, destination = OUTER[outward]
    if kind == "gre":
        return wire.ipv4(source, destination, wire.GRE, GRE + packet)
    if kind == "ipip":
        return wire.ipv4(source, destination, wire.IPIP, packet)
    if kind == "6in4":
        return wire.ipv4(source, destination, wire.IPV6_IN_IP, packet)
    inner = VXLAN + INNER_MACS + ethertype(packet) + packet
    return wire.ipv4(source, destination, wire.UDP, wire.udp((source, destination, 49152, VXLAN_PORT), inner))


def unwrap(frame):
    """(kind, packet) of a frame as wrap() makes them, or None. The packet's own length says where its padding begins.
    """
    type_of, rest = frame[12:14], frame[14:]
    if type_of == b"\x08\x00":
        return _open(rest)
    if type_of == b"\x86\xdd":
        return "ipv6", rest
    if frame[12:16] == VLAN:
        return "vlan", frame[18:]
    if frame[12:20] == QINQ:
        return "qinq", frame[22:]
    if frame[12:18] == MPLS:
        return "mpls", frame[18:]
    if type_of == PPPOE[:2]:
        return "pppoe", frame[22:]
    return None


def _open(packet):
    if len(packet) < 20 or packet[12:16] not in OUTER[True]:
        return "plain", packet
    total = struct.unpack_from(">H", packet, 2)[0]
    body = packet[20:total]
    if packet[9] == wire.GRE:
        return "gre", body[4:]
    if packet[9] == wire.IPIP:
        return "ipip", body
    if packet[9] == wire.IPV6_IN_IP:
        return "6in4", body
    if packet[9] == wire.UDP:
        return "vxlan", body[8 + len(VXLAN) + 14 :]
    return None
