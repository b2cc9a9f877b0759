"""Connections whose beginning was not seen: the daemon was started, or the cabling changed, in the middle."""

from harness.messages import (
    AUTHORIZE,
    ETH_SHARE,
    ETH_WORK,
    LOGIN,
    NOTIFY,
    PUSH_JOB,
    SHARE,
    SUBMIT,
    SUBSCRIBE,
    http_request,
    line,
)
from harness.registry import case, cases


@cases(stratum=("stratum-v1", SUBMIT), cryptonote=("cryptonote", SHARE), ethproxy=("ethproxy", ETH_SHARE))
def share_is_cut(t, what):
    dialect, message = what
    c = t.tcp(handshake=False)
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "miner"})


@cases(stratum=("stratum-v1", NOTIFY), cryptonote=("cryptonote", PUSH_JOB), ethproxy=("ethproxy", ETH_WORK))
def pool_speaks_first(t, what):
    """The first packet is the pool's, from a port that looks like a client's: the message says who the client is."""
    dialect, message = what
    c = t.tcp(handshake=False, sport=51000, dport=52999)
    (cut,) = c.server(message)
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "pool"})


@cases(stratum=SUBMIT, cryptonote=SHARE, ethproxy=ETH_SHARE)
def starts_inside_a_message(t, share):
    """The first segment is the end of a message; the next share is complete."""
    c = t.tcp(handshake=False)
    c.client(share[25:])
    (cut,) = c.client(share)
    t.replay().blocked(c, at=cut)


@case
def tail_and_next_message_in_one_segment(t):
    c = t.tcp(handshake=False)
    (cut,) = c.client(SUBMIT[40:] + SUBMIT)
    t.replay().blocked(c, at=cut)


@case
def share_split_in_three(t):
    c = t.tcp(handshake=False)
    c.client(b'"0badc0de"]}\n')
    c.client(SUBMIT, cuts=[15, 60])
    t.replay().blocked(c)


@case
def acknowledgements_come_first(t):
    c = t.tcp(handshake=False)
    for _ in range(5):
        c.segment("client")
        c.segment("server")
    (cut,) = c.client(SUBMIT)
    t.replay().blocked(c, at=cut)


@case
def only_one_direction_is_seen(t):
    """Asymmetric routing: the pool's segments take another path."""
    c = t.tcp(handshake=False)
    c.client(SUBMIT[:20], acked=False)
    c.client(SUBMIT[20:], acked=False)
    t.replay().blocked(c)


@case
def server_port_is_known(t):
    """Without a SYN, the end with the service port is the server, even if it speaks first."""
    c = t.tcp(handshake=False, dport=443)
    c.server(b"\x17\x03\x03\x00\x10" + bytes(16))
    c.client(b"\x17\x03\x03\x00\x10" + bytes(16))
    t.replay().passed(c)


@case
def getwork_in_progress(t):
    c = t.tcp(handshake=False, dport=8332)
    c.client(http_request(line("getwork", [], end="")))
    t.replay().blocked(c, mining={"dialect": "getwork"})


@cases(
    binary=bytes((i * 89 + 3) & 255 for i in range(600)),
    quoted=b"He wrote: " + SUBSCRIBE,
    half_of_json=b'"result":true}\n{"id":7,"result":[1,2,3]}\n',
    log_line=b"2025-01-01 sent " + AUTHORIZE.rstrip() + b" to pool\n",
    in_a_text=b"<p>\n" + LOGIN + b"</p>\n",
)
def harmless(t, data):
    c = t.tcp(handshake=False, dport=2000)
    c.client(data)
    c.server(data)
    t.replay().passed(c)
