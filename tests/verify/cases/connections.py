"""TCP itself: retransmissions, sequence numbers, ends and new beginnings, encapsulations."""

from harness.messages import AUTHORIZE, LOGIN, SUBMIT, SUBSCRIBE
from harness.registry import case, cases


@case
def retransmission_after_the_block_stays_here(t):
    """The client's stack sends the request again: no copy passes."""
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE, acked=False)
    for seconds in (0.2, 0.4, 0.8):
        t.wait(seconds)
        c.segment("client", SUBSCRIBE, flags="PA", seq=cut.seq)
    t.replay().blocked(c, at=cut)


@case
def retransmission_before_the_block_is_read_once(t):
    c = t.tcp()
    first = c.segment("client", SUBSCRIBE[:20], flags="PA")
    c.segment("client", SUBSCRIBE[:20], flags="PA", seq=first.seq)
    c.client(SUBSCRIBE[20:])
    t.replay().blocked(c)


@case
def overlapping_retransmission(t):
    """Old bytes and new ones in one segment."""
    c = t.tcp()
    first = c.segment("client", SUBSCRIBE[:20], flags="PA")
    c.segment("client", SUBSCRIBE[10:30], flags="PA", seq=first.seq + 10)
    c.next["client"] = first.seq + 30
    c.client(SUBSCRIBE[30:])
    t.replay().blocked(c)


@case
def resets_end_the_flow_and_a_new_one_begins(t):
    """The same ports again at once, as in a miner's reconnect."""
    flows = []
    for number in range(3):
        t.wait(1)
        c = t.tcp(sport=52200)
        (cut,) = c.client(SUBSCRIBE if number % 2 == 0 else LOGIN, acked=False)
        c.segment("client", flags="R", seq=cut.seq)
        flows.append((c, cut))
    r = t.replay()
    for c, cut in flows:
        r.blocked(c, at=cut)
    r.flow_count(3)


@case
def harmless_connection_behind_a_blocked_one(t):
    """A verdict belongs to a flow and not to a port."""
    miner = t.tcp(sport=52300)
    (cut,) = miner.client(SUBSCRIBE, acked=False)
    t.wait(1)
    web = t.tcp(sport=52300)
    web.client(b"hello\n")
    r = t.replay()
    r.blocked(miner, at=cut)
    r.passed(web)


@case
def port_is_used_again_after_a_close(t):
    first = t.tcp(sport=52400)
    first.client(b"hello\n")
    first.close()
    t.wait(2)
    second = t.tcp(sport=52400)
    (cut,) = second.client(SUBSCRIBE)
    r = t.replay()
    r.passed(first, keys={"flow": {"state": "closed", "reason": "closed"}})
    r.blocked(second, at=cut)


@cases(fin="FA", rst="R", rst_ack="RA")
def close_passes(t, flags):
    c = t.tcp()
    c.client(b"hello\n")
    c.segment("client", flags=flags)
    t.replay().passed(c)


@case
def request_with_fin(t):
    """Data and FIN in one segment: both are dropped."""
    c = t.tcp()
    cut = c.segment("client", SUBSCRIBE, flags="FPA")
    t.replay().blocked(c, at=cut)


@case
def request_after_the_servers_fin(t):
    """Half closed: the client may still send."""
    c = t.tcp()
    c.segment("server", flags="FA")
    c.segment("client")
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def sequence_numbers_wrap(t):
    c = t.tcp(isn={"client": 2**32 - 40, "server": 2**32 - 3})
    c.client(b'{"id":0,"method":"a"}\n')
    c.client(SUBSCRIBE, size=9)
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


@case
def request_long_after_the_beginning(t):
    """Hours of silence on an open connection."""
    c = t.tcp()
    c.client(b'{"id":0,"method":"noise"}\n')
    for _ in range(4):
        t.wait(1500)
        c.segment("client")
        c.segment("server")
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def keep_alive_byte(t):
    """A probe repeats the last byte before the next one: it is not new data."""
    c = t.tcp()
    c.client(SUBSCRIBE[:30])
    c.segment("client", SUBSCRIBE[29:30], flags="A", seq=c.next["client"] - 1)
    c.segment("server")
    c.client(SUBSCRIBE[30:])
    t.replay().blocked(c)


@case
def data_in_the_last_segment_of_the_handshake(t):
    c = t.tcp(handshake=False)
    c.segment("client", flags="S")
    c.segment("server", flags="SA")
    cut = c.segment("client", SUBSCRIBE, flags="PA")
    t.replay().blocked(c, at=cut)


@case
def data_in_the_syn(t):
    """TCP Fast Open: the request comes with the SYN."""
    c = t.tcp(handshake=False)
    cut = c.segment("client", SUBSCRIBE, flags="S")
    t.replay().blocked(c, at=cut, server_alive=False)


@case
def urgent_data(t):
    c = t.tcp()
    cut = c.segment("client", SUBSCRIBE, flags="PAU")
    t.replay().blocked(c, at=cut)


@case
def options_and_timestamps(t):
    c = t.tcp()
    cut = c.segment("client", SUBSCRIBE, flags="PA", options=bytes.fromhex("0101080a0000000100000002"))
    t.replay().blocked(c, at=cut)


@cases(
    ipv6={"v6": True},
    vlan={"vlan": (42,)},
    qinq={"vlan": (100, 200)},
    ipv6_in_vlan={"v6": True, "vlan": (4094,)},
    ip_options={},
)
def encapsulation(t, ends):
    """Blocked and reset in the same encapsulation: tags, addresses and MACs of the other direction."""
    c = t.tcp(**ends)
    options = {} if ends else {"ip_options": {"options": bytes([1] * 8)}}
    (cut,) = c.client(SUBSCRIBE, **options)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@case
def mpls(t):
    """Labels belong to one direction: the server gets a reset. The client does not, because its labels are not known.
    """
    c = t.tcp(link=lambda ether, kind: ether + b"\x88\x47" + b"\x00\x01\x01\x40")
    (cut,) = c.client(SUBSCRIBE, acked=False)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"}, client_told=False)


@case
def pppoe(t):
    def session(ether, kind):
        assert kind == b"\x08\x00"
        return ether + b"\x88\x64\x11\x00\x00\x07" + session.length.to_bytes(2, "big") + b"\x00\x21"

    # The session header carries a length: 2 for the protocol, 20 for IP, 20 for TCP, and the payload or the SYN's option.
    session.length = 46
    c = t.tcp(link=session)
    session.length = 42 + len(SUBSCRIBE)
    (cut,) = c.client(SUBSCRIBE, acked=False)
    session.length = 42
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@case
def ipv6_extension_headers(t):
    """Hop-by-hop and destination options in front of TCP."""
    from harness import packet  # pylint: disable=import-outside-toplevel

    c = t.tcp(v6=True)
    cut = c.segment("client", SUBSCRIBE, flags="PA")
    chain = b"\x3c\x00\x01\x04\x00\x00\x00\x00" + b"\x06\x00\x01\x04\x00\x00\x00\x00"
    head, body = cut.data[:14], cut.data[54:]
    cut.data = head + packet.ip(c.packed["client"], c.packed["server"], 0, chain + body, 9)
    t.replay().blocked(c, at=cut)


@case
def same_addresses_in_two_vlans_are_two_flows(t):
    miner, web = t.tcp(vlan=10, sport=52500), t.tcp(vlan=20, sport=52500)
    (cut,) = miner.client(SUBSCRIBE)
    web.client(b"hello\n")
    r = t.replay()
    r.blocked(miner, at=cut)
    r.passed(web)
    r.flow_count(2)


@case
def same_addresses_under_two_inner_tags_are_two_flows(t):
    """Two customers of one provider's outer tag, with the same private addresses."""
    miner, web = t.tcp(vlan=(100, 10), sport=52600), t.tcp(vlan=(100, 20), sport=52600)
    (cut,) = miner.client(SUBSCRIBE)
    web.client(b"hello\n")
    r = t.replay()
    r.blocked(miner, at=cut)
    r.passed(web)
    r.flow_count(2)


@case
def two_directions_at_once(t):
    """Requests of two miners, answers of two pools, interleaved packet by packet."""
    flows = [t.tcp(client=f"10.10.1.{n}") for n in range(2, 22)]
    for at in range(0, len(AUTHORIZE), 40):
        for c in flows:
            c.client(AUTHORIZE[at : at + 40])
    r = t.replay()
    for c in flows:
        r.blocked(c)


@case
def endless_client_is_not_answered_for_ever(t):
    """A client that ignores resets gets fifteen of them, and no packet of it passes."""
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE, acked=False)
    for _ in range(60):
        c.segment("client", SUBMIT, flags="PA")
    r = t.replay()
    r.blocked(c, at=cut)
    for outcome in r.outcomes:
        assert len(outcome.crafted) <= 17, f"{len(outcome.crafted)} frames were sent for 61"


@case
def chaff_with_a_bad_checksum(t):
    """The receiver discards the decoy and takes the request after it, which has the same sequence numbers."""
    c = t.tcp()
    c.segment("client", b"x" * len(SUBSCRIBE), flags="PA", bad_checksum=True)
    c.client(SUBSCRIBE)
    t.replay().blocked(c)
