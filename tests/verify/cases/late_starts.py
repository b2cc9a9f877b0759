"""Mining that begins late on a connection that was something else: caught within a stated number of segments."""

import json

from harness import tls
from harness.messages import (
    AUTHORIZE,
    ETH_GET_WORK,
    LOGIN,
    NOTIFY,
    SUBMIT,
    SUBSCRIBE,
    http_request,
    http_response,
    line,
)
from harness.nodes import noise
from harness.registry import case, cases

# Every so many segments with payload, resampling reads one; see docs/detection.md.
WITHIN = 16


def http_text(c):
    for number in range(40):
        c.client(http_request(method="GET", target=f"/{number}"))
        c.server(http_response(b"<html>%d</html>" % number))


def words(c):
    for number in range(60):
        c.client(b"NOOP %d, and so many words that the connection is held to be none of ours\r\n" % number)
        c.server(b"250 %d is fine, and so many words that the connection is held to be none of ours\r\n" % number)


def binary(c):
    for number in range(60):
        c.client(noise(200, f"c{number}"))
        c.server(noise(300, f"s{number}"))


def json_rpc(c):
    for number in range(300):
        c.client(line("ping", [number]))
        c.server(b'{"id":%d,"result":true}\n' % number)


def large(c):
    """More than the limit for unknown bytes."""
    for number in range(40):
        c.client(noise(1400, f"u{number}"))


PREFIXES = {"http": http_text, "words": words, "binary": binary, "json": json_rpc, "large": large}
MESSAGES = {"stratum": SUBSCRIBE, "cryptonote": LOGIN, "ethproxy": ETH_GET_WORK, "share": SUBMIT}
STARTS = {
    f"{message}_behind_{prefix}": (PREFIXES[prefix], MESSAGES[message]) for prefix in PREFIXES for message in MESSAGES
}


@cases(**STARTS)
def mining_begins(t, what):
    """Within so many messages one is caught, and nothing of the connection passes from there on.

    The messages before it have reached the pool: this is the declared limit of resampling.
    """
    prefix, message = what
    c = t.tcp(dport=9000)
    prefix(c)
    before = len([frame for frame in c.frames if frame.payload])
    for _ in range(WITHIN):
        c.client(message)
    r = t.replay()
    r.blocked_late(c, within=before + WITHIN)


@cases(**PREFIXES)
def pool_begins(t, prefix):
    c = t.tcp(dport=9000)
    prefix(c)
    before = len([frame for frame in c.frames if frame.payload])
    for _ in range(WITHIN):
        c.server(NOTIFY)
    t.replay().blocked_late(c, within=before + WITHIN)


@cases(http=http_text, words=words, binary=binary)
def listed_name_begins(t, prefix):
    """A tunnel opens late: TLS in the place of something else."""
    c = t.tcp(dport=9000)
    prefix(c)
    (cut,) = c.client(tls.hello("xmr-eu1.nanopool.org"))
    t.replay().blocked(c, at=cut, rule="pool-name", mining={"recognised_by": "name"})


@cases(words=words, binary=binary)
def web_request_for_a_pool_begins(t, prefix):
    c = t.tcp(dport=9000)
    prefix(c)
    (cut,) = c.client(http_request(method="GET", host="xmr-eu1.nanopool.org"))
    t.replay().blocked(c, at=cut, rule="pool-name", mining={"recognised_by": "name"})


@cases(**PREFIXES)
def goes_on_harmlessly(t, prefix):
    c = t.tcp(dport=9000)
    for _ in range(3):
        prefix(c)
    c.close()
    t.replay().passed(c)


def log_lines(number):
    return b"".join(
        b"2025-10-09T08:%02d:%02d proxy[7]: sent %s to pool\n" % (number % 60, at, AUTHORIZE.rstrip())
        for at in range(3)
    )


SHIPPED = {
    "log": log_lines,
    "log_of_raw_lines": lambda number: b"line %d\n" % number + SUBSCRIBE + b"end\n",
    "json_log": lambda number: json.dumps({"n": number, "msg": SUBSCRIBE.decode()}).encode() + b"\n",
    "syslog": lambda number: b"<34>1 - host app - - " + LOGIN,
    "mail": lambda number: b"they say:\r\n> " + SUBSCRIBE + b"\r\n",
    "cut_in_the_middle": lambda number: b'said: "' + SUBSCRIBE.rstrip() + b'" and so on\n',
}


@cases(**SHIPPED)
def log_that_quotes_mining(t, write):
    """Logs and mails go over TCP for hours, and quote miners' messages."""
    c = t.tcp(dport=5514)
    c.client(b"hello, this is a log\n")
    for number in range(80):
        c.client(write(number))
    t.replay().passed(c)


@case
def bulk_transfer_is_not_disturbed(t):
    """Hundreds of full segments of a download, one of which begins like a message by chance."""
    c = t.tcp(dport=443)
    c.client(tls.hello("www.example.org"))
    c.server(tls.SERVER_HELLO)
    for number in range(120):
        c.server(noise(1400, f"d{number}") if number != 64 else SUBSCRIBE + noise(1200, "x"))
    t.replay().passed(c)
