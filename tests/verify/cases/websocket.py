"""WebSocket: browser miners and line dialects in it, unmasked before they are judged."""

from harness import websocket
from harness.messages import (
    AUTHORIZE,
    ETH_GET_WORK,
    ETH_WALLET,
    HASH,
    JOB,
    LOGIN,
    NOTIFY,
    PUSH_JOB,
    SHARE,
    SUBMIT,
    SUBSCRIBE,
    http_request,
    http_response,
)
from harness.registry import case, cases
from harness.websocket import PING, answer, frame, message, open_websocket, upgrade

KEY = "kQ7Lk2cEtHbHc9Y2fUZsOeWjJxAaZ4mP"
SHORT = KEY[:6] + "…" + KEY[-4:]
NONCE = {"job_id": "164698158344253", "nonce": "04000000", "result": HASH}
WORK = {"job_id": "164698158344253", "blob": "0606" + "ab" * 74, "target": "ffffff00"}

AUTH = {"type": "auth", "params": {"site_key": KEY, "type": "anonymous", "user": None, "goal": 0}}
HANDSHAKE = {
    "identifier": "handshake",
    "pool": "moneroocean.stream",
    "login": KEY,
    "password": "x",
    "userid": "",
    "version": 7,
}
CLIENT = {
    "auth_site_key": (AUTH, {"method": "auth", "login": SHORT}),
    "auth_user_id": ({"type": "auth", "params": {"userID": 1234567}}, {"method": "auth", "login": "1234567"}),
    "submit": ({"type": "submit", "params": {"version": 7, **NONCE}}, {"method": "submit"}),
    "handshake": (HANDSHAKE, {"method": "handshake", "login": SHORT, "pool": "moneroocean.stream"}),
    "solved": ({"identifier": "solved", **NONCE}, {"method": "solved"}),
}
SERVER = {
    "authed": ({"type": "authed", "params": {"token": "", "hashes": 0}}, "authed"),
    "job": ({"type": "job", "params": WORK}, "job"),
    "hash_accepted": ({"type": "hash_accepted", "params": {"hashes": 256}}, "hash_accepted"),
    "identified_job": ({"identifier": "job", **WORK}, "job"),
    "hashsolved": ({"identifier": "hashsolved"}, "hashsolved"),
}


@cases(**CLIENT)
def browser_miner(t, what):
    said, found = what
    c = open_websocket(t, dport=80)
    (cut,) = c.client(message(said))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer", "speaker": "miner", **found}, app="websocket")


@cases(**SERVER)
def proxy_of_the_pool(t, what):
    said, method = what
    c = open_websocket(t, dport=80)
    c.client(message({"type": "hello"}))
    (cut,) = c.server(answer(said))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer", "speaker": "pool", "method": method})


LINES = {
    "subscribe": ("stratum-v1", SUBSCRIBE),
    "authorize": ("stratum-v1", AUTHORIZE),
    "submit": ("stratum-v1", SUBMIT),
    "login": ("cryptonote", LOGIN),
    "share": ("cryptonote", SHARE),
    "eth_get_work": ("ethproxy", ETH_GET_WORK),
}


@cases(**LINES)
def line_dialect(t, what):
    """Pools offer stratum to browsers, and proxies wrap it."""
    dialect, said = what
    c = open_websocket(t, dport=80)
    (cut,) = c.client(message(said))
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "miner"})


@cases(notify=("stratum-v1", NOTIFY), job=("cryptonote", PUSH_JOB))
def line_dialect_of_the_pool(t, what):
    dialect, said = what
    c = open_websocket(t, dport=80)
    (cut,) = c.server(answer(said.strip()))
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "pool"})


RAW = message(AUTH, mask=None)[2:]


@cases(
    zero_mask=message(AUTH, mask=bytes(4)),
    unmasked=message(AUTH, mask=None),
    binary=message(AUTH, opcode=websocket.BINARY),
    fragmented=message(AUTH, cuts=[1, 5, 20, 60]),
    fragmented_by_byte=message(AUTH, cuts=range(1, 40)),
    ping_between=message(AUTH, cuts=[3, 9, 30], between=frame(b"are you there?", PING)),
    pong_first=frame(b"", websocket.PONG) + message(AUTH),
    length_of_two_bytes=frame(b" " * 100 + RAW),
    length_longer_than_needed=frame(b'{"type":"auth","params":{"userID":7}}', width=8),
    other_message_first=message({"type": "hello", "v": 1}) + message(AUTH),
    text_first=message(b"hello there") + message(AUTH),
    white_space_first=message(b" \r\n\t" + RAW),
    byte_order_mark=message(b"\xef\xbb\xbf" + SUBSCRIBE),
    keys_in_another_order=message(
        b'{"params":{"goal":0,"type":"anonymous","site_key":"' + KEY.encode() + b'"},"type":"auth"}'
    ),
    escaped=message(b'{"t\\u0079pe":"\\u0061uth","params":{"site\\u005fkey":"' + KEY.encode() + b'"}}'),
    junk_first=message(b'{"junk":"' + b"x" * 3000 + b'","type":"auth","params":{"userID":7}}'),
)
def however_it_is_framed(t, data):
    c = open_websocket(t, dport=80)
    c.client(data)
    t.replay().blocked(c)


@cases(auth=message(AUTH), fragmented=message(AUTH, cuts=[10, 20, 30]), stratum=message(SUBSCRIBE))
def every_cut_in_two(t, data):
    flows = []
    for cut in range(1, len(data)):
        c = open_websocket(t, client=f"10.30.{cut // 200}.{cut % 200 + 1}", dport=80)
        c.client(data, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c)


@case
def one_byte_per_segment(t):
    c = open_websocket(t, dport=80)
    c.client(message(AUTH), size=1)
    t.replay().blocked(c, mining={"dialect": "webminer", "login": SHORT})


@case
def upgrade_and_first_message_in_one_segment(t):
    """A script that does not wait for the server's answer."""
    c = t.tcp(dport=80)
    c.reader = websocket.messages
    (cut,) = c.client(upgrade() + message(AUTH))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer"})


@case
def after_a_web_page_on_the_same_connection(t):
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", host="site.example"))
    c.server(http_response(b"<html></html>"))
    c.client(upgrade())
    c.server(websocket.SWITCHED)
    (cut,) = c.client(message(AUTH))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer"})


@case
def late_after_much_chat(t):
    c = open_websocket(t, dport=80)
    for number in range(60):
        c.client(message({"type": "chat", "text": f"line {number}", "params": {"room": 7}}))
    (cut,) = c.client(message(AUTH))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer"})


@case
def listed_host_of_the_upgrade(t):
    c = t.tcp(dport=80)
    (cut,) = c.client(upgrade(host="ws001.coinhive.com"))
    t.replay().blocked(c, at=cut, rule="browser-miner-name", risk=60, mining={"list": "browser-miner-names"})


@case
def through_a_proxy(t):
    c = t.tcp(server="10.10.0.80", dport=3128)
    c.client(http_request(method="CONNECT", target="site.example:80", host="site.example:80"))
    c.server(b"HTTP/1.1 200 OK\r\n\r\n")
    c.client(upgrade(host="site.example"))
    c.server(websocket.SWITCHED)
    (cut,) = c.client(message(AUTH))
    t.replay().blocked(c, at=cut, mining={"dialect": "webminer"})


BENIGN = {
    "chat": ({"type": "message", "text": "mining.subscribe"}, {"type": "ack", "id": 7}),
    "auth_by_token": ({"type": "auth", "params": {"token": "abc", "userID": 7}}, {"type": "authed", "user": "alice"}),
    "auth_by_password": (
        {"type": "auth", "params": {"userID": "alice", "password": "x"}},
        {"type": "authed", "params": {"token": "abc"}},
    ),
    "auth_user_id_of_the_web": ({"type": "auth", "params": {"userId": 7}}, {"type": "authed", "ok": True}),
    "auth_flat": ({"type": "auth", "access_token": "abc"}, {"type": "auth_ok"}),
    "captcha_site_key": ({"type": "captcha", "params": {"site_key": KEY}}, {"type": "ok"}),
    "ci_job": (
        {"type": "subscribe", "channel": "jobs"},
        {"type": "job", "params": {"job_id": "nightly-7", "state": "running", "target": "all"}},
    ),
    "ci_submit": ({"type": "submit", "params": {"job_id": "nightly-7", "result": "ok"}}, {"type": "job", "id": 7}),
    "form_submit": ({"type": "submit", "params": {"form": 1, "nonce": "ab"}}, {"type": "submitted"}),
    "peer_handshake": ({"identifier": "handshake", "version": 7}, {"identifier": "job", "name": "print"}),
    "puzzle_solved": ({"identifier": "solved", "level": 3}, {"identifier": "next", "level": 4}),
    "graphql": (
        {"id": "1", "type": "subscribe", "payload": {"query": "subscription { job { id } }"}},
        {"id": "1", "type": "next", "payload": {"data": {"job": {"id": 7}}}},
    ),
    "node_rpc": (
        {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]},
        {"jsonrpc": "2.0", "id": 1, "result": "0x" + HASH},
    ),
    "node_rpc_three_hashes": (
        {"jsonrpc": "2.0", "id": 1, "method": "eth_getFilterChanges", "params": ["0x1"]},
        {"jsonrpc": "2.0", "id": 1, "result": ["0x" + HASH, "0x" + "ab" * 32, "0x" + "7c" * 32]},
    ),
    "node_call": (
        {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"to": ETH_WALLET}, "latest"]},
        {"jsonrpc": "2.0", "id": 1, "result": "0x0"},
    ),
    "devtools": (
        {"id": 1, "method": "Page.navigate", "params": {"url": "https://x"}},
        {"method": "Network.dataReceived", "params": {"login": "x"}},
    ),
    "login_of_an_api": ({"method": "login", "params": {"user": "a", "password": "x"}}, {"result": {"token": "x"}}),
    "quoted_in_text": (
        {"type": "message", "text": SUBSCRIBE.decode()},
        {"type": "message", "text": PUSH_JOB.decode(), "job": {"id": 1}},
    ),
    "plain_text": (b"just words, mining.subscribe and login", {"ok": 1}),
    "explorer_job": ({"cmd": "tail"}, {"log": [{"type": "job", "params": JOB}]}),
}


@cases(**BENIGN)
def harmless(t, what):
    asked, told = what
    c = open_websocket(t, dport=80)
    for _ in range(2):
        c.client(message(asked))
        c.server(answer(told))
    c.client(frame(b"\x03\xe8", websocket.CLOSE))
    c.close()
    t.replay().passed(c, app="websocket")


@cases(
    lsp_over_tcp=b'{"type":"auth","params":{"site_key":"' + KEY.encode() + b'"}}\n',
    identified=b'{"identifier":"handshake","pool":"a","login":"b"}\n',
    job=b'{"type":"job","params":{"job_id":"1","blob":"abcd","target":"ff"}}\n',
)
def browser_miner_words_outside_of_websocket(t, data):
    """Much JSON has `type` and `identifier`: nothing on a plain connection, and nothing in an HTTP body."""
    plain, web = t.tcp(), t.tcp(dport=80)
    plain.client(data)
    plain.server(data)
    web.client(http_request(data.strip()))
    web.server(http_response(data))
    r = t.replay()
    r.passed(plain)
    r.passed(web)


@cases(
    tls=b"\x16\x03\x01\x00\x20" + bytes(range(32)),
    binary=bytes((i * 89 + 3) & 255 for i in range(600)),
    reserved_opcode=frame(b'{"type":"chat"}', opcode=5),
)
def upgraded_to_something_else(t, data):
    c = open_websocket(t, request=http_request(method="GET", headers=["Upgrade: h2c", "Connection: Upgrade"]), dport=80)
    c.client(data)
    c.server(data)
    t.replay().passed(c)
