"""Harmless traffic that must never be flagged, in each carrier in which mining is looked for.

Plain lines, HTTP bodies, WebSocket, SOCKS tunnels, and segments in any order.
"""

import json

from harness import dns, websocket
from harness.messages import (
    AUTHORIZE,
    ETH_WALLET,
    HASH,
    JOB,
    LOGIN,
    NOTIFY,
    PUSH_JOB,
    SUBSCRIBE,
    http_request,
    http_response,
    line,
    text,
)
from harness.nodes import noise
from harness.registry import case, cases
from harness.socks import WAYS


def reply(result):
    return text({"id": 1, "jsonrpc": "2.0", "result": result})


# Pairs of a question and its answer from everyday traffic. No line of these is a miner's.
PAIRS = {
    "generic_login": (line("login", {"user": "alice", "password": "x"}), reply({"token": "abc"})),
    "generic_login_with_agent": (
        line("login", {"username": "a", "pass": "x", "agent": "app/1"}),
        reply({"status": "OK"}),
    ),
    "generic_login_with_login": (line("login", {"login": "alice", "password": "x"}), reply({"id": 7})),
    "generic_submit": (line("submit", {"job_id": "nightly-7", "queue": "ci"}), reply({"job": {"job_id": "7"}})),
    "generic_submit_nonce": (line("submit", {"nonce": "ab12", "form": 7}), reply(True)),
    "generic_job": (
        line("job", {"id": 3, "target": "lp0", "height": 7}),
        reply({"job": {"job_id": "3", "target": "x"}}),
    ),
    "generic_keepalive": (line("keepalive", {"id": "7"}), reply({"status": "OK"})),
    "worker_key": (line("status", [], worker="w1"), reply({"worker": "w1", "job_id": 7})),
    "wallet_call": (line("eth_call", [{"to": ETH_WALLET, "data": "0x70a08231"}, "latest"]), reply("0x0")),
    "wallet_block_number": (line("eth_blockNumber", []), reply("0x10d4f")),
    "wallet_transaction": (line("eth_sendRawTransaction", ["0xf86c" + "ab" * 100]), reply("0x" + HASH)),
    "wallet_block": (
        line("eth_getBlockByNumber", ["latest", False]),
        reply(
            {
                "hash": "0x" + HASH,
                "nonce": "0x" + "12" * 8,
                "difficulty": "0x1",
                "miner": ETH_WALLET,
                "transactions": [],
            }
        ),
    ),
    "wallet_hashrate": (line("eth_hashrate", []), reply("0x38a")),
    "wallet_mining": (line("eth_mining", []), reply(False)),
    "bitcoin_balance": (line("getbalance", ["*", 6]), reply(1.5)),
    "bitcoin_mining_info": (line("getmininginfo", []), reply({"blocks": 7, "difficulty": 1.0, "networkhashps": 7e18})),
    "bitcoin_hash_ps": (line("getnetworkhashps", []), reply(7e18)),
    "bitcoin_block": (line("getblock", [HASH]), reply({"hash": HASH, "previousblockhash": HASH, "bits": "1d00ffff"})),
    "electrum_version": (line("server.version", ["electrum 4.5", "1.4"]), reply(["ElectrumX 1.16", "1.4"])),
    "electrum_headers": (line("blockchain.headers.subscribe", []), reply({"hex": "00" * 80, "height": 700000})),
    "electrum_subscribe": (line("blockchain.scripthash.subscribe", [HASH]), reply(None)),
    "monero_wallet": (line("get_transfers", {"in": True}), reply({"in": [{"txid": HASH}]})),
    "language_server": (
        line("initialize", {"processId": 7, "capabilities": {}}, jsonrpc="2.0"),
        reply({"capabilities": {"hoverProvider": True}}),
    ),
    "devtools": (text({"id": 1, "method": "Page.enable"}), text({"method": "Page.frameNavigated", "params": {}})),
    "kodi": (line("Player.GetActivePlayers", jsonrpc="2.0"), reply([{"playerid": 1, "type": "video"}])),
    "aria2": (line("aria2.tellStatus", ["token:x", "2089b05ecca3d829"]), reply({"status": "active", "gid": "2089"})),
    "mcp": (
        line("tools/call", {"name": "search", "arguments": {"method": "mining.subscribe"}}),
        reply({"content": []}),
    ),
    "name_behind_a_dot": (line("datamining.submit", ["x"]), reply(None)),
    "name_that_begins_alike": (line("miningcompany.list", []), reply([])),
    "name_in_another_case": (line("Mining.Subscribe", []), reply([])),
    "name_as_value": (line("search", {"q": "mining.subscribe"}), reply(["mining.notify", "mining.subscribe"])),
    "name_as_key": (text({"mining.subscribe": [], "id": 1}), reply({"mining.notify": 1})),
    "deeper": (text({"rpc": json.loads(SUBSCRIBE)}), text({"log": [json.loads(NOTIFY)], "job": {"blob": "x"}})),
    "quoted": (text({"text": SUBSCRIBE.decode()}), text({"text": PUSH_JOB.decode()})),
    "topics": (line("eth_getLogs", [{"topics": ["0x" + HASH]}]), reply([{"topics": ["0x" + HASH] * 3}])),
    "exchange_feed": (
        text({"method": "SUBSCRIBE", "params": ["xmrusdt@trade"], "id": 1}),
        text({"e": "trade", "s": "XMRUSDT", "p": "150.1"}),
    ),
    "miner_dashboard": (
        text({"method": "miner_getstat1", "jsonrpc": "2.0", "id": 0, "psw": "x"}),
        reply(["12.0 - ETH", "7", "30502;1;0"]),
    ),
    "notify_of_a_desktop": (line("notify", ["title", "body"]), reply(True)),
    "authorize_of_an_api": (line("authorize", ["client", "token"]), reply(True)),
    "set_difficulty_of_a_game": (line("set_difficulty", [3]), reply(True)),
    "reconnect_of_a_chat": (line("reconnect", {"host": "chat.example", "port": 6667}), reply(True)),
    "show_message_of_a_server": (line("window/showMessage", {"type": 3, "message": "hi"}), reply(None)),
}


@cases(**PAIRS)
def pair(t, messages):
    """The same pair in every carrier, in one capture."""
    asked, told = messages
    plain, web, socket, tunnel, shuffled, late = (
        t.tcp(dport=9001),
        t.tcp(dport=80),
        websocket.open_websocket(t, dport=80),
        t.tcp(dport=1080),
        t.tcp(dport=9002),
        t.tcp(handshake=False, dport=9003),
    )
    for _ in range(2):
        plain.client(asked)
        plain.server(told)
        web.client(http_request(asked.strip()))
        web.server(http_response(told.strip(), headers=["Content-Type: application/json"]))
        socket.client(websocket.message(asked.strip()))
        socket.server(websocket.answer(told.strip()))
        shuffled.pieces("client", asked, [5, len(asked) // 2], [2, 0, 1])
        shuffled.pieces("server", told, [5, len(told) // 2], [1, 2, 0])
        late.client(asked)
        late.server(told)
    WAYS["socks5"].open(tunnel, "api.example.org", 9001)
    tunnel.client(asked)
    tunnel.server(told)
    r = t.replay()
    for c in (plain, web, socket, tunnel, shuffled, late):
        r.passed(c)


DOCUMENTS = {
    "html": b"<html><pre>" + SUBSCRIBE + AUTHORIZE + b"</pre></html>",
    "markdown": b"# How miners talk\n\n```\n" + SUBSCRIBE + LOGIN + b"```\n",
    "json_string": json.dumps({"body": (SUBSCRIBE + LOGIN).decode()}).encode(),
    "json_array_of_strings": json.dumps([SUBSCRIBE.decode(), LOGIN.decode()]).encode(),
    "form": b"text=" + SUBSCRIBE.replace(b" ", b"+"),
    "lines_of_json_in_a_body": SUBSCRIBE + AUTHORIZE,
    "stratum_call_in_a_body": SUBSCRIBE.strip(),
    "login_call_in_a_body": LOGIN.strip(),
    "job_in_a_body": PUSH_JOB.strip(),
    "list_of_jobs": json.dumps([{"job": JOB}]).encode(),
}


@cases(**DOCUMENTS)
def document(t, body):
    """Posted to a wiki, and read there: HTTP carries getwork and similar dialects, and not stratum."""
    post, read, upload = t.tcp(dport=80), t.tcp(dport=80), t.tcp(dport=80)
    post.client(http_request(body, target="/save", host="wiki.example"))
    post.server(http_response(b"saved"))
    read.client(http_request(method="GET", target="/page", host="wiki.example"))
    read.server(http_response(body))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 40]), body[at : at + 40]) for at in range(0, len(body), 40))
    upload.client(http_request(headers=["Transfer-Encoding: chunked"], host="wiki.example") + chunks + b"0\r\n\r\n")
    upload.server(http_response(b"saved"))
    r = t.replay()
    for c in (post, read, upload):
        r.passed(c)


@cases(
    adb=(5555, b"CNXN\x00\x00\x00\x01\x00\x10\x00\x00", b"CNXN\x01\x00\x00\x01device::"),
    irc=(6666, b"NICK a\r\nUSER a 0 * :a\r\nJOIN #mining\r\n", b":a!a@h PRIVMSG #mining :" + SUBSCRIBE),
    jupyter=(8888, http_request(method="GET", target="/tree"), http_response(b"<html>")),
    ssh=(2222, b"SSH-2.0-OpenSSH_9.2\r\n", b"SSH-2.0-OpenSSH_9.2\r\n" + noise(500)),
    game=(7777, noise(60, "g"), noise(90, "h")),
    selenium=(4444, http_request(b'{"capabilities":{}}'), http_response(b'{"value":{}}')),
)
def port_of_others(t, what):
    """A port alone is reported, and never blocks."""
    port, asked, told = what
    c = t.tcp(dport=port)
    for _ in range(4):
        c.client(asked)
        c.server(told)
    c.close()
    t.replay().passed(c, action="observe", rule="mining-port", risk=20)


@cases(udp_json=SUBSCRIBE, udp_login=LOGIN, mdns=b"\0\0\x84\0" + bytes(8), syslog=b"<13>app: sent " + AUTHORIZE)
def datagram(t, data):
    """The line dialects do not use UDP."""
    u = t.udp(dport=5514)
    u.client(data)
    u.server(data)
    t.replay().passed(u)


@case
def multicast_dns_is_no_lookup(t):
    u = t.udp(server="224.0.0.251", sport=5353, dport=5353)
    u.client(dns.query("xmr-eu1.nanopool.org"))
    t.replay().passed(u)


@case
def hundred_harmless_connections_of_each_kind_at_once(t):
    """Nothing of one flow counts for another one."""
    flows = []
    names = list(PAIRS)
    for number in range(100):
        asked, told = PAIRS[names[number % len(names)]]
        c = t.tcp(client=f"10.30.{number}.1", dport=9100 + number)
        flows.append((c, asked, told))
    for c, asked, _ in flows:
        c.client(asked[: len(asked) // 2])
    for c, asked, _ in flows:
        c.client(asked[len(asked) // 2 :])
    for c, _, told in flows:
        c.server(told)
    r = t.replay()
    for c, _, _ in flows:
        r.passed(c)
