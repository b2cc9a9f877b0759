"""Coin nodes: a category of their own. They pass and are named, unless a rule says otherwise."""

from harness import nodes
from harness.messages import SUBSCRIBE
from harness.registry import case, cases

STREAMS = {coin.replace("-", "_"): (nodes.bitcoin_version(magic), 8333) for coin, magic in nodes.MAGIC.items()}
STREAMS["monero"] = (nodes.levin(), 18080)
STREAMS["bitcoin_testnet"] = (nodes.bitcoin_version("0b110907"), 18333)
DATAGRAMS = {
    "discovery_ping": nodes.DISCOVERY_PING,
    "discovery_pong": nodes.DISCOVERY_PONG,
    "find_node": nodes.FIND_NODE,
}
BLOCK = '{ name = "no-nodes"; when = { app = "coin-p2p"; }; action = "reset"; risk = 30; category = "other"; }'


@cases(**STREAMS)
def node_is_named_and_passes(t, what):
    data, port = what
    c = t.tcp(dport=20000 + port % 1000)
    c.client(data)
    c.server(data)
    for _ in range(3):
        c.client(nodes.bitcoin_message("ping", bytes(8)))
        c.server(nodes.bitcoin_message("pong", bytes(8)))
    c.close()
    t.replay().passed(c, rule="coin-node", app="coin-p2p")


@cases(**DATAGRAMS)
def discovery_is_named_and_passes(t, data):
    u = t.udp(dport=30303)
    u.client(data)
    u.server(nodes.DISCOVERY_PONG)
    u.client(nodes.FIND_NODE)
    t.replay().passed(u, rule="coin-node", app="coin-p2p")


@cases(**STREAMS)
def rule_blocks_nodes(t, what):
    data, _ = what
    t.rules(BLOCK)
    c = t.tcp()
    (cut,) = c.client(data)
    t.replay().blocked(c, at=cut, rule="no-nodes", recognised=False, risk=30, app="coin-p2p")


@cases(**DATAGRAMS)
def rule_blocks_discovery(t, data):
    t.rules(BLOCK)
    u = t.udp(dport=30303)
    first = u.client(data)
    t.replay().blocked(u, at=first, rule="no-nodes", recognised=False, risk=30, app="coin-p2p")


@case
def rule_observes_nodes(t):
    t.rules('{ name = "nodes"; when = { app = "coin-p2p"; }; action = "observe"; risk = 10; }')
    c = t.tcp()
    c.client(nodes.bitcoin_version())
    c.server(nodes.bitcoin_version())
    t.replay().passed(c, action="observe", rule="nodes", risk=10, app="coin-p2p")


@cases(one=1, nine=9)
def segments_do_not_matter(t, size):
    t.rules(BLOCK)
    c, d = t.tcp(), t.tcp()
    c.client(nodes.bitcoin_version(), size=size)
    d.client(nodes.levin(), size=size)
    r = t.replay()
    r.blocked(c, rule="no-nodes", recognised=False, risk=30)
    r.blocked(d, rule="no-nodes", recognised=False, risk=30)


@case
def server_side_alone(t):
    t.rules(BLOCK)
    c = t.tcp()
    (cut,) = c.server(nodes.bitcoin_version())
    t.replay().blocked(c, at=cut, rule="no-nodes", recognised=False, risk=30)


@case
def mining_rule_leaves_nodes_alone(t):
    """A rule for app "mining" does not include them."""
    t.rules('{ name = "mining"; when = { app = "mining"; }; action = "reset"; }')
    c, miner = t.tcp(), t.tcp()
    c.client(nodes.bitcoin_version())
    c.server(nodes.bitcoin_version())
    (cut,) = miner.client(SUBSCRIBE)
    r = t.replay()
    r.passed(c, app="coin-p2p")
    r.blocked(miner, at=cut, rule="mining")


@cases(
    magic_alone=bytes.fromhex("f9beb4d9") + bytes(40),
    other_command=nodes.bitcoin_message("getaddr", bytes(60)),
    length_beyond=nodes.bitcoin_version()[:16] + b"\xff\xff\xff\xff" + bytes(40),
    levin_of_another_version=nodes.levin()[:29] + b"\x09\x00\x00\x00" + bytes(40),
    levin_cut=nodes.levin()[:20],
    one_byte=b"\xf9",
)
def no_node(t, data):
    t.rules(BLOCK)
    c = t.tcp()
    c.client(data)
    c.server(b"ok")
    c.close()
    t.replay().passed(c)


@cases(
    type_unknown=nodes.discovery(9, nodes.EXPIRATION),
    list_longer_than_the_packet=nodes.DISCOVERY_PING[:-4],
    recovery_id=nodes.noise(32) + nodes.noise(64) + b"\x07" + nodes.DISCOVERY_PING[97:],
    random=nodes.noise(129),
    ntp=b"\x23" + bytes(47),
    game=b"\xff\xff\xff\xffTSource Engine Query\0",
)
def no_discovery(t, data):
    t.rules(BLOCK)
    u = t.udp(dport=30303)
    u.client(data)
    u.server(data)
    t.replay().passed(u)
