"""Port rules: a hint in the starter policy, a firewall if the operator wants one."""

from harness.messages import SUBSCRIBE, http_request
from harness.registry import case, cases

LIST = 'p = { type = "port"; category = "other"; values = [ "3333", "9000-9010" ]; };'


def firewall(t, condition, action="reset", extra=""):
    t.rules(
        f'{{ name = "ports"; when = {{ {condition} }}; action = "{action}"; {extra} }}',
        lists=LIST,
    )


@case
def starter_observes_a_mining_port(t):
    """Reported and forwarded; a port alone never recognises a flow as mining."""
    c = t.tcp(dport=3333)
    c.client(http_request(method="GET", host="dev.example.org"))
    t.replay().passed(c, action="observe", rule="mining-port", risk=20)


@case
def starter_observes_the_clients_port_too(t):
    c = t.tcp(sport=45700, dport=443)
    c.client(b"\x17\x03\x03\x00\x05hello")
    t.replay().passed(c, action="observe", rule="mining-port", risk=20)


@case
def mining_on_a_mining_port_is_cut_by_its_payload(t):
    c = t.tcp(dport=3333)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, rule="mining-payload", mining={"dialect": "stratum-v1"})


@cases(
    server='server_port = "@p";',
    any='any_port = "@p";',
    literal="server_port = 3333;",
    array="server_port = [ 1, 3333 ];",
)
def syn_to_a_blocked_port(t, condition):
    """Refused at once in the server's name; the server never hears of it. RFC 9293, 3.10.7.1: seq 0, ack behind the
    SYN.
    """
    firewall(t, condition)
    c = t.tcp(dport=3333, handshake=False)
    syn = c.segment("client", flags="S", options=bytes.fromhex("020405b4"))
    t.replay().blocked(c, at=syn, rule="ports", recognised=False, server_alive=False)


@case
def tried_again_and_again_from_one_port(t):
    """Each attempt is refused, and is a flow of its own."""
    firewall(t, 'server_port = "@p";')
    attempts = []
    for seconds in (0, 1, 3):
        t.wait(seconds)
        c = t.tcp(sport=52100, dport=3333, handshake=False)
        attempts.append((c, c.segment("client", flags="S")))
    r = t.replay()
    for c, syn in attempts:
        r.blocked(c, at=syn, rule="ports", recognised=False, server_alive=False)


@case
def ports_around_the_list_pass(t):
    firewall(t, 'server_port = "@p";')
    inside = [t.tcp(dport=port, handshake=False) for port in (9000, 9005, 9010)]
    syns = [c.segment("client", flags="S") for c in inside]
    outside = [t.tcp(dport=port) for port in (3332, 3334, 8999, 9011)]
    r = t.replay()
    for c, syn in zip(inside, syns):
        r.blocked(c, at=syn, rule="ports", recognised=False, server_alive=False)
    for c in outside:
        r.passed(c)


@case
def client_port_rule(t):
    firewall(t, 'client_port = "@p";')
    hit = t.tcp(sport=9001, dport=443, handshake=False)
    syn = hit.segment("client", flags="S")
    miss = t.tcp(dport=9001)
    r = t.replay()
    r.blocked(hit, at=syn, rule="ports", recognised=False, server_alive=False)
    r.passed(miss)


@case
def drop_is_silent(t):
    firewall(t, 'server_port = "@p";', action="drop")
    c = t.tcp(dport=3333, handshake=False)
    syn = c.segment("client", flags="S")
    t.wait(1)
    c.segment("client", flags="S", seq=syn.seq)
    t.replay().blocked(c, at=syn, rule="ports", action="drop", recognised=False)


@cases(drop="drop", reset="reset")
def udp_to_a_blocked_port(t, action):
    """UDP has no reset, so the packet is only dropped."""
    firewall(t, 'server_port = "@p";', action=action)
    u = t.udp(dport=3333)
    first = u.client(b"x" * 20)
    u.client(b"y" * 20)
    t.replay().blocked(u, at=first, rule="ports", action=action, recognised=False)


@case
def only_the_protocol_that_was_named(t):
    firewall(t, 'proto = "udp"; server_port = "@p";', action="drop")
    c, u = t.tcp(dport=3333), t.udp(dport=3333)
    c.client(b"hello")
    first = u.client(b"hello")
    r = t.replay()
    r.passed(c)
    r.blocked(u, at=first, rule="ports", action="drop", recognised=False)


@case
def strict_policy_blocks_the_port(t):
    t.shipped("strict")
    c = t.tcp(dport=4444, handshake=False)
    syn = c.segment("client", flags="S")
    t.replay().blocked(c, at=syn, rule="mining-port", risk=40, recognised=False, server_alive=False)


@case
def strict_policy_only_reports_the_clients_port(t):
    t.shipped("strict")
    c = t.tcp(sport=45700, dport=443)
    c.client(b"\x17\x03\x03\x00\x05hello")
    t.replay().passed(c, action="observe", rule="mining-client-port", risk=20)


@case
def icmp_has_no_ports(t):
    from scapy.all import ICMP, IP, Ether, Raw  # pylint: disable=import-outside-toplevel  # slow, and seldom needed

    firewall(t, 'any_port = "@p";')
    t.raw(
        Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        / IP(src="10.10.0.7", dst="203.0.113.9")
        / ICMP()
        / Raw(b"\x0d\x05" * 20)
    )
    t.replay().flow_count(1)
