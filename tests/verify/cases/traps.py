"""Harmless traffic that must never be flagged: each case was a false alarm of some product."""

import json

from harness.messages import ETH_WALLET, HASH, JOB, LOGIN, SUBSCRIBE, line, text
from harness.registry import case, cases


def conversation(t, request, answer, **ends):
    c = t.tcp(**ends)
    c.client(request)
    c.server(answer)
    c.client(request)
    c.close()
    t.replay().passed(c)


def reply(result):
    return text({"id": 1, "jsonrpc": "2.0", "result": result})


@cases(
    login_of_an_api=(line("login", {"user": "alice", "password": "x"}), reply({"token": "abc"})),
    login_with_text=(line("login", ["alice", "secret"]), reply(True)),
    login_by_name=(line("login", {"username": "alice", "pass": "x", "agent": "Mozilla/5.0"}), reply({"status": "OK"})),
    submit_a_form=(line("submit", {"form": "survey", "id": 7}), reply("thanks")),
    submit_with_job=(
        line("submit", {"job_id": "nightly-7", "queue": "ci"}),
        reply({"job": {"job_id": "7", "state": "queued"}}),
    ),
    job_of_a_printer=(line("job", {"printer": "lp0", "pages": 3}), reply({"job": {"id": 3}})),
    keepalive=(line("keepalive", {"id": 7}), reply("pong")),
    subscribe=(line("subscribe", ["ticker"]), reply(["ticker", 1])),
    authorize=(line("authorize", ["user", "token"]), reply(True)),
    notify_in_another_namespace=(line("datamining.notify", []), reply(None)),
    method_that_begins_alike=(line("miningcompany.list", []), reply([])),
    mining_as_a_value=(line("search", {"q": "mining.subscribe"}), reply(["mining.subscribe", "mining.notify"])),
    method_deeper=(text({"rpc": {"method": "mining.subscribe", "params": []}}), reply({"method": "mining.notify"})),
    key_named_worker=(line("eth_blockNumber", [], worker="web-1"), reply("0x10d4f")),
    three_hashes_as_log_topics=(
        line("eth_getLogs", [{"topics": ["0x" + HASH]}]),
        reply([{"topics": ["0x" + HASH] * 3}]),
    ),
)
def json_rpc(t, messages):
    conversation(t, *messages)


@cases(
    call=(line("eth_call", [{"to": ETH_WALLET, "data": "0x70a08231"}, "latest"]), reply("0x0")),
    block_number=(line("eth_blockNumber", []), reply("0x10d4f")),
    raw_transaction=(line("eth_sendRawTransaction", ["0xf86c" + "ab" * 100]), reply("0x" + HASH)),
    balance=(line("getbalance", ["*", 6]), reply(1.5)),
    block_hash=(line("getblockhash", [700000]), reply(HASH)),
    chain_info=(line("getblockchaininfo", []), reply({"chain": "main", "blocks": 700000, "bestblockhash": HASH})),
    monero_wallet=(line("get_transfers", {"in": True}), reply({"in": []})),
    monero_daemon=(line("get_info"), reply({"height": 3100000, "target": 120})),
    electrum=(
        line("server.version", ["electrum 4.5", "1.4"]) + line("blockchain.headers.subscribe", []),
        reply(["ElectrumX 1.16", "1.4"]) + reply({"hex": "00" * 80, "height": 700000}),
    ),
    electrum_history=(line("blockchain.scripthash.get_history", [HASH]), reply([{"tx_hash": HASH, "height": 1}])),
)
def wallet_and_node(t, messages):
    conversation(t, *messages)


def framed(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@cases(
    language_server=(
        framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": 7, "capabilities": {}}}),
        framed({"jsonrpc": "2.0", "id": 1, "result": {"capabilities": {}}}),
    ),
    devtools=(
        text({"id": 1, "method": "Page.navigate", "params": {"url": "https://x"}}),
        text({"method": "Network.dataReceived", "params": {}}),
    ),
    kodi=(line("Player.GetActivePlayers", jsonrpc="2.0"), reply([{"playerid": 1}])),
    aria2=(line("aria2.addUri", ["token:x", ["http://x/y"]]), reply("2089b05ecca3d829")),
    mcp=(line("tools/call", {"name": "search", "arguments": {"q": "miner"}}), reply({"content": []})),
    docker_events=(
        b"GET /events HTTP/1.1\r\nHost: docker\r\n\r\n",
        b'HTTP/1.1 200 OK\r\n\r\n{"status":"start","id":"ab"}\n',
    ),
    mqtt_json=(b'\x10\x1f\x00\x04MQTT{"worker":"rig"}', b"\x20\x02\x00\x00"),
    ndjson_logs=(b'{"level":"info","msg":"job 7 done","worker":"w1"}\n' * 20, b'{"ack":20}\n'),
    redis=(b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"),
)
def other_protocol(t, messages):
    conversation(t, *messages)


@cases(
    mail=(
        25,
        b"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n",
        b"Subject: how miners talk\r\n\r\n" + SUBSCRIBE + b".\r\n",
    ),
    mail_split=(25, b"DATA\r\n", b"They send:\r\n"),
    irc=(6667, b"NICK a\r\nUSER a 0 * :a\r\n", b"PRIVMSG #mining :" + LOGIN),
    pop3=(110, b"RETR 1\r\n", b"+OK\r\n" + SUBSCRIBE + b".\r\n"),
    ftp_listing=(21, b"LIST\r\n", b"-rw-r--r-- 1 a a 7 mining.subscribe\r\n"),
    git=(9418, b"0032git-upload-pack /p.git\0host=example.org\0", b"003fmining.subscribe refs/heads/main\n"),
)
def text_that_quotes(t, what):
    port, first, second = what
    c = t.tcp(dport=port)
    c.server(b"220 ready\r\n")
    c.client(first)
    c.client(second)
    t.replay().passed(c)


@cases(adb=5555, irc=6666, jupyter=8888)
def port_of_others_is_only_reported(t, port):
    """The same ports that miners use."""
    c = t.tcp(dport=port)
    c.client(
        b"CNXN\x00\x00\x00\x01" if port == 5555 else b"NICK a\r\n" if port == 6666 else b"GET /tree HTTP/1.1\r\n\r\n"
    )
    t.replay().passed(c, action="observe", rule="mining-port", risk=20)


@case
def long_session_of_harmless_json(t):
    c = t.tcp()
    for number in range(300):
        c.client(line("ping", [number]))
    t.replay().passed(c)


@case
def job_of_a_pool_inside_an_answer_that_quotes_it(t):
    """An API of a block explorer returns a job as a text."""
    c = t.tcp(dport=80)
    c.client(b"GET /raw/7 HTTP/1.1\r\nHost: explorer.example\r\n\r\n")
    body = json.dumps({"raw": json.dumps({"method": "job", "params": JOB})}).encode()
    c.server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    t.replay().passed(c)
