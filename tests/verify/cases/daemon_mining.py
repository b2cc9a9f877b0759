"""Mining at a local node: Monero's daemon calls over HTTP. Wallets and explorers make other calls there."""

import json

from harness.messages import HASH, WALLET, http_request, http_response, line
from harness.registry import case, cases

SHORT = WALLET[:6] + "…" + WALLET[-4:]
BLOB = "1010" + "ab" * 200


def rpc(method, params=None, target="/json_rpc", **options):
    return http_request(
        line(method, params, end="", jsonrpc="2.0"), target=target, host="node.example:18081", **options
    )


def reply(result):
    return http_response(json.dumps({"id": "0", "jsonrpc": "2.0", "result": result}).encode())


CALLS = {
    "template": ("get_block_template", {"wallet_address": WALLET, "reserve_size": 60}),
    "template_old_name": ("getblocktemplate", {"wallet_address": WALLET, "reserve_size": 8}),
    "template_extra_nonce": ("get_block_template", {"wallet_address": WALLET, "extra_nonce": "00" * 8}),
    "template_address_alone": ("get_block_template", {"wallet_address": WALLET}),
    "submit": ("submit_block", [BLOB]),
    "submit_old_name": ("submitblock", ["1010e9ca"[:6] + "fa" + "ab" * 200]),
    "miner_data": ("get_miner_data", None),
}


@cases(**CALLS)
def call(t, what):
    method, params = what
    c = t.tcp(dport=18081)
    c.client(rpc(method, params))
    expected = {"dialect": "monero-daemon", "speaker": "miner", "method": method, "pool": "node.example"}
    if isinstance(params, dict):
        expected["login"] = SHORT
    t.replay().blocked(c, mining=expected, app="http")


@case
def head_and_body_apart(t):
    c = t.tcp(dport=18081)
    data = rpc(*CALLS["template"])
    c.client(data, cuts=[data.index(b"\r\n\r\n") + 4])
    t.replay().blocked(c, mining={"dialect": "monero-daemon", "login": SHORT})


@case
def every_cut_in_two(t):
    data, flows = rpc(*CALLS["template"]), []
    for cut in range(1, len(data), 3):
        c = t.tcp(client=f"10.30.{cut // 200}.{cut % 200 + 1}", dport=18081)
        c.client(data, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining={"dialect": "monero-daemon"})


@case
def one_byte_per_segment(t):
    c = t.tcp(dport=18081)
    c.client(rpc(*CALLS["template"]), size=1)
    t.replay().blocked(c, mining={"dialect": "monero-daemon"})


@case
def chunked(t):
    body = line(*CALLS["template"], end="", jsonrpc="2.0")
    parts = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 50]), body[at : at + 50]) for at in range(0, len(body), 50))
    c = t.tcp(dport=18081)
    c.client(http_request(target="/json_rpc", headers=["Transfer-Encoding: chunked"]) + parts + b"0\r\n\r\n")
    t.replay().blocked(c, mining={"dialect": "monero-daemon"})


@case
def after_harmless_calls_of_the_connection(t):
    """A wallet and a miner that share a node."""
    c = t.tcp(dport=18081)
    for _ in range(20):
        c.client(rpc("get_info"))
        c.server(reply({"height": 3100000, "difficulty": 300000000000, "target": 120}))
    c.client(rpc(*CALLS["template"]))
    t.replay().blocked(c, mining={"dialect": "monero-daemon"})


@case
def gzip_is_asked_for(t):
    c = t.tcp(dport=18081)
    c.client(rpc(*CALLS["template"], headers=["Accept-Encoding: gzip", "User-Agent: XMRig/6.21.0"]))
    t.replay().blocked(c, mining={"dialect": "monero-daemon", "agent": "XMRig/6.21.0"})


@cases(
    template=reply(
        {"blocktemplate_blob": BLOB, "blockhashing_blob": "10" * 76, "difficulty": 3, "height": 7, "prev_hash": HASH}
    ),
    miner_data=reply({"difficulty": "0x47", "tx_backlog": [{"id": HASH, "fee": 1, "weight": 2}], "height": 7}),
)
def answer_of_the_node(t, data):
    """Its call was not seen: the work does not arrive."""
    c = t.tcp(dport=18081)
    c.client(rpc("get_info"))
    (cut,) = c.server(data)
    t.replay().blocked(c, at=cut, mining={"dialect": "monero-daemon", "speaker": "pool"})


WALLETS = {
    "get_info": ("get_info", None, {"height": 3100000, "difficulty": 300000000000, "top_block_hash": HASH}),
    "get_block_count": ("get_block_count", None, {"count": 993163, "status": "OK"}),
    "get_block": ("get_block", {"height": 912345}, {"blob": BLOB, "block_header": {"hash": HASH, "nonce": 7}}),
    "last_header": ("get_last_block_header", None, {"block_header": {"difficulty": 3, "height": 7, "hash": HASH}}),
    "fee": ("get_fee_estimate", None, {"fee": 20000, "quantization_mask": 10000}),
    "transfer": (
        "transfer",
        {"destinations": [{"amount": 1, "address": WALLET}], "priority": 0},
        {"tx_hash": HASH, "tx_blob": BLOB},
    ),
    "get_balance": ("get_balance", {"account_index": 0}, {"balance": 157443303037455077}),
    "get_address": ("get_address", {"account_index": 0}, {"address": WALLET}),
    "validate": ("validate_address", {"address": WALLET}, {"valid": True}),
    "sign": ("sign", {"data": "text"}, {"signature": "SigV1" + "a" * 90}),
    "txpool_backlog": ("get_txpool_backlog", None, {"backlog": "ab" * 60, "status": "OK"}),
    "submit_transfer": ("submit_transfer", {"tx_data_hex": BLOB}, {"tx_hash_list": [HASH]}),
    "named_alike": ("get_block_template_info", {"id": 7}, {"state": "none"}),
    "template_without_address": ("get_block_template", {}, {"error": "no address"}),
    "template_of_a_site": ("get_block_template", {"name": "hero", "lang": "en"}, {"html": "<b>"}),
    "submit_of_a_site": ("submit_block", {"block": "hero", "text": "words"}, {"saved": True}),
}


@cases(**WALLETS)
def wallet_and_explorer(t, what):
    method, params, result = what
    c = t.tcp(dport=18083)
    for _ in range(2):
        c.client(rpc(method, params))
        c.server(reply(result))
    c.close()
    t.replay().passed(c, app="http")


@cases(transactions="/send_raw_transaction", height="/get_height", blocks="/getblocks.bin")
def other_paths_of_a_node(t, target):
    c = t.tcp(dport=18081)
    c.client(http_request(json.dumps({"tx_as_hex": BLOB, "do_not_relay": False}).encode(), target=target))
    c.server(reply({"status": "OK"}))
    t.replay().passed(c)


@case
def documentation_of_the_call_passes(t):
    """A page that shows the call, posted to a wiki."""
    c = t.tcp(dport=80)
    body = json.dumps({"page": "rpc", "text": rpc(*CALLS["template"]).decode()}).encode()
    c.client(http_request(body, target="/save", host="wiki.example"))
    c.server(http_response(b"<pre>" + line(*CALLS["template"]) + b"</pre>"))
    t.replay().passed(c)
