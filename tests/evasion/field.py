"""The field of the matrix: a client's side on which only we send, the appliance, a routed hop, and a Linux server.

hosts                wire                        edge (router)                 internet
  lan0  <----->  inside [minerwalld] outside  <----->  wan0   srv0  <----->  srv0  198.51.100.9 ..
  no address            no address                 one hop: TTL 1 ends here        real TCP and UDP

With `cable=True` there is no appliance and lan0 is plugged into wan0: this shows what the receiver itself makes of a
cell. No kernel has the client's addresses, so only we answer for them: the edge sends their packets to one
fixed MAC address. Addresses of 10.80.0.0/16 and fd80::/64 lead to the tunnel end (tunnel_end.py) instead.
"""

import ipaddress

import paths  # noqa: F401  pylint: disable=unused-import
from lab import netns, topology

CLIENT_MAC = bytes.fromhex("02000000c001")
EDGE_MAC = bytes.fromhex("02000000e001")
EDGE_SRV_MAC = bytes.fromhex("02000000e002")
SERVER_MAC = bytes.fromhex("020000005001")
BOX_MAC = bytes.fromhex("02000000b001")  # the tunnel end, on both of its sides

# One address for each set-up of a server; every kind of service listens on each address.
SERVERS = {
    "plain": ("198.51.100.9", "2001:db8:79::9"),
    "fastopen": ("198.51.100.10", "2001:db8:79::10"),
    "inline": ("198.51.100.11", "2001:db8:79::11"),
    "narrow": ("198.51.100.12", "2001:db8:79::12"),
}


def server_address(kind, v4):
    return ipaddress.ip_address(SERVERS[kind][0 if v4 else 1]).packed


def client_address(number, v4, boxed):
    """The address of a cell, which no other cell of this run has."""
    if v4:
        return bytes([10, 80 if boxed else 79]) + number.to_bytes(2, "big")
    return bytes.fromhex("fd80" if boxed else "fd79") + bytes(12) + number.to_bytes(2, "big")


def _mac(value):
    return value.hex(":")


class Field(topology.Lab):
    """The namespaces and their addresses."""

    def __init__(self, cable=False):
        self.cable = cable
        self.edge = None
        super().__init__()

    def _connect(self, mtu):
        netns.silence(self.hosts)
        self.edge = self._namespace("edge")
        if self.cable:
            netns.connect(self.hosts, "lan0", self.edge, "wan0", mtu)
        else:
            netns.connect(self.hosts, "lan0", self.wire, "inside", mtu)
            netns.connect(self.edge, "wan0", self.wire, "outside", mtu)
        netns.connect(self.edge, "srv0", self.internet, "srv0", mtu)
        self._edge()
        self._server()

    def _edge(self):
        edge = self.edge
        edge.ip("link", "set", "wan0", "address", _mac(EDGE_MAC))
        edge.ip("link", "set", "srv0", "address", _mac(EDGE_SRV_MAC))
        for name in ("ipv4.ip_forward", "ipv6.conf.all.forwarding"):
            edge.sysctl(f"net.{name}", 1)
        for interface in ("all", "wan0", "srv0"):
            edge.sysctl(f"net.ipv4.conf.{interface}.rp_filter", 0)
            edge.sysctl(f"net.ipv4.conf.{interface}.send_redirects", 0)
        edge.ip("address", "add", "10.78.0.1/24", "dev", "wan0")
        edge.ip("address", "add", "198.51.100.1/24", "dev", "srv0")
        edge.ip("-6", "address", "add", "fd78::1/64", "dev", "wan0", "nodad")
        edge.ip("-6", "address", "add", "2001:db8:79::1/64", "dev", "srv0", "nodad")
        for gateway in ("10.78.0.2", "fd78::2"):
            edge.ip("neighbor", "replace", gateway, "lladdr", _mac(CLIENT_MAC), "nud", "permanent", "dev", "wan0")
        edge.ip("route", "add", "10.79.0.0/16", "via", "10.78.0.2")
        edge.ip("-6", "route", "add", "fd79::/64", "via", "fd78::2")
        for addresses in SERVERS.values():
            for address in addresses:
                edge.ip("neighbor", "replace", address, "lladdr", _mac(SERVER_MAC), "nud", "permanent", "dev", "srv0")

    def _server(self):
        server = self.internet
        server.ip("link", "set", "srv0", "address", _mac(SERVER_MAC))
        for interface in ("all", "srv0"):
            server.sysctl(f"net.ipv4.conf.{interface}.rp_filter", 0)
        server.sysctl("net.core.somaxconn", 4096)
        server.sysctl("net.ipv4.tcp_max_syn_backlog", 8192)
        server.sysctl("net.ipv4.tcp_syncookies", 0)
        # A listener that asks for it accepts data in a SYN from any client: the worst case.
        server.sysctl("net.ipv4.tcp_fastopen", 0x203)
        # Many packets here never become whole; they must not take the room of those that do.
        for family in ("ipv4.ip", "ipv6.ip6"):
            server.sysctl(f"net.{family}frag_high_thresh", 256 << 20)
            server.sysctl(f"net.{family}frag_time", 5)
        for ipv4, ipv6 in SERVERS.values():
            server.ip("address", "add", f"{ipv4}/24", "dev", "srv0")
            server.ip("-6", "address", "add", f"{ipv6}/64", "dev", "srv0", "nodad")
        routes = (
            ("198.51.100.1", EDGE_SRV_MAC, "-4", "default"),
            ("2001:db8:79::1", EDGE_SRV_MAC, "-6", "default"),
            ("198.51.100.2", BOX_MAC, "-4", "10.80.0.0/16"),
            ("2001:db8:79::2", BOX_MAC, "-6", "fd80::/64"),
        )
        for gateway, mac, family, target in routes:
            server.ip("neighbor", "replace", gateway, "lladdr", _mac(mac), "nud", "permanent", "dev", "srv0")
            server.ip(family, "route", "add", target, "via", gateway, "dev", "srv0")
