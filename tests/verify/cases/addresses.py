"""Rules by address: prefix lists of IPv4 and IPv6, client, server, either."""

from harness.messages import SUBSCRIBE
from harness.registry import case, cases

LISTS = """
  bad = { type = "ip"; values = [ "198.51.100.0/24", "192.0.2.7", "2001:db8:bad::/48", "2001:db8:1::1" ]; };
  ours = { type = "ip"; category = "other"; values = [ "10.20.0.0/24", "2001:db8:20::/64" ]; };
"""


def block(t, condition='server_ip = "@bad";', action="reset"):
    t.rules(f'{{ name = "address"; when = {{ {condition} }}; action = "{action}"; }}', lists=LISTS)


@cases(
    prefix="198.51.100.77",
    prefix_first="198.51.100.0",
    prefix_last="198.51.100.255",
    host="192.0.2.7",
    prefix_v6="2001:db8:bad:ffff::1",
    host_v6="2001:db8:1::1",
)
def server_on_the_list(t, address):
    block(t)
    c = t.tcp(server=address, client="2001:db8:10::7" if ":" in address else None, handshake=False)
    syn = c.segment("client", flags="S")
    t.replay().blocked(
        c, at=syn, rule="address", mining={"recognised_by": "address", "list": "bad"}, server_alive=False
    )


@cases(
    above="198.51.101.0",
    below="198.51.99.255",
    neighbour="192.0.2.6",
    v6="2001:db8:bae::1",
    v6_host="2001:db8:1::2",
)
def server_beside_the_list(t, address):
    block(t)
    c = t.tcp(server=address, client="2001:db8:10::7" if ":" in address else None)
    c.client(b"hello\n")
    t.replay().passed(c)


@case
def client_on_a_list_of_mining_servers_is_no_miner(t):
    """The rule asks for the server: a packet that comes *from* such an address does not match."""
    block(t)
    c = t.tcp(client="198.51.100.77")
    c.client(b"hello\n")
    t.replay().passed(c)


@case
def any_ip_is_either_end(t):
    block(t, 'any_ip = "@bad";', action="drop")
    a = t.tcp(client="198.51.100.77", handshake=False)
    first = a.segment("client", flags="S")
    b = t.tcp(server="198.51.100.77", handshake=False)
    second = b.segment("client", flags="S")
    r = t.replay()
    r.blocked(a, at=first, rule="address", action="drop")
    r.blocked(b, at=second, rule="address", action="drop")


@cases(v4={"client": "10.20.0.9"}, v6={"client": "2001:db8:20::9", "server": "2001:db8:ff::9"})
def sanctioned_client_may_mine(t, ends):
    """Recognised, reported and forwarded."""
    t.shipped(changes=[("values = [ ];", 'values = [ "10.20.0.0/24", "2001:db8:20::/64" ];')])
    rig, other = t.tcp(**ends), t.tcp()
    for c in (rig, other):
        c.client(SUBSCRIBE)
    r = t.replay()
    r.passed(rig, rule="sanctioned", mining={"dialect": "stratum-v1"})
    r.blocked(other, mining={"dialect": "stratum-v1"})


@case
def later_fragments_are_judged_by_address(t):
    """They have no ports and no flow."""
    from harness import packet  # pylint: disable=import-outside-toplevel

    block(t, action="drop")
    ether = bytes.fromhex("020000000002 020000000001 0800")
    source = packet.packed("10.10.0.7")
    body = bytes(64)
    to_listed, to_other = (
        t.raw(ether + packet.ip(source, packet.packed(address), packet.UDP, body, 77, fragment=0x2000 | 100))[0]
        for address in ("198.51.100.9", "203.0.113.9")
    )
    r = t.replay()
    r.dropped(to_listed)
    assert to_other.index not in r.outcomes[0].held_back
