"""Mining messages as miners and pools write them, and benign ones that look like them."""

import json

WALLET = "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD"
ETH_WALLET = "0x8A4B1cD0e2F3a4B5C6d7E8f9A0b1C2d3E4f5A6b7"
HASH = "5c" * 32


def line(method, params=None, end="\n", **more):
    """A request as most miners write it: compact, LF at its end."""
    message = {"id": 1, "method": method, **more}
    if params is not None:
        message["params"] = params
    return json.dumps(message, separators=(",", ":")).encode() + end.encode()


def text(message):
    return json.dumps(message).encode() + b"\n"


SUBSCRIBE = line("mining.subscribe", ["cgminer/4.11.1"])
AUTHORIZE = line("mining.authorize", [WALLET + ".rig01", "x"])
CONFIGURE = line("mining.configure", [["version-rolling"], {"version-rolling.mask": "1fffe000"}])
SUBMIT = line("mining.submit", [WALLET + ".rig01", "bf", "00000001", "504e86ed", "b2957c02"])
SUBSCRIBED = text(
    {"id": 1, "result": [[["mining.set_difficulty", "1"], ["mining.notify", "1"]], "08000002", 4], "error": None}
)
NOTIFY = text(
    {
        "params": ["bf", HASH, "0100", "072f", [HASH], "00000002", "1c2ac4af", "504e86b9", False],
        "id": None,
        "method": "mining.notify",
    }
)
SET_DIFFICULTY = text({"id": None, "method": "mining.set_difficulty", "params": [4096]})
RECONNECT = text({"id": None, "method": "client.reconnect", "params": ["eu.pool.example", 3333, 60]})

XMRIG = "XMRig/6.21.0 (Linux x86_64) libuv/1.44.2 gcc/11.2.1"
LOGIN = line(
    "login",
    {"login": WALLET, "pass": "x", "agent": XMRIG, "algo": ["rx/0", "cn/r"]},
    jsonrpc="2.0",
)
JOB = {"blob": "0707" + "ab" * 74, "job_id": "Kx9s", "target": "b88d0600", "height": 3100000, "seed_hash": HASH}
LOGGED_IN = text({"id": 1, "jsonrpc": "2.0", "error": None, "result": {"id": "7f3a", "job": JOB, "status": "OK"}})
PUSH_JOB = text({"jsonrpc": "2.0", "method": "job", "params": JOB})
SHARE = line("submit", {"id": "7f3a", "job_id": "Kx9s", "nonce": "220c0000", "result": HASH}, jsonrpc="2.0")

ETH_LOGIN = line("eth_submitLogin", [ETH_WALLET, "x"], jsonrpc="2.0", worker="rig01")
ETH_GET_WORK = line("eth_getWork", [], jsonrpc="2.0")
ETH_SHARE = line("eth_submitWork", ["0x" + "12" * 8, "0x" + HASH, "0x" + HASH], jsonrpc="2.0")
ETH_WORK = text({"id": 0, "jsonrpc": "2.0", "result": ["0x" + HASH, "0x" + "ab" * 32, "0x" + "0c" * 32]})

FIRST = {"stratum-v1": SUBSCRIBE, "cryptonote": LOGIN, "ethproxy": ETH_LOGIN}

ETH_METHODS = {"eth_submitLogin", "eth_login", "eth_getWork", "eth_submitWork", "eth_submitHashrate"}


def is_mining_request(message):
    """Whether a miner's message is useful to a pool: the tests' own reading of the protocols, without the product's
    code.
    """
    if not isinstance(message, dict):
        return False
    method, params = message.get("method"), message.get("params")
    if is_web_miner_request(message, params):
        return True
    if not isinstance(method, str):
        return False
    if method.startswith("mining.") or method in ETH_METHODS:
        return True
    if method in ("getwork", "getblocktemplate", "submitblock"):
        return True
    if method == "login":
        return "api_key" in message or (isinstance(params, dict) and "login" in params)
    if method == "submit":
        return isinstance(params, dict) and "job_id" in params and "nonce" in params
    return False


def is_web_miner_request(message, params):
    """Messages that browser miners send to the proxies of their pools."""
    if message.get("identifier") in ("handshake", "solved"):
        return "login" in message or "nonce" in message
    if not isinstance(params, dict):
        return False
    if message.get("type") == "auth":
        return "site_key" in params or set(params) == {"userID"}
    return message.get("type") == "submit" and "nonce" in params and "result" in params


def http_request(body=b"", method="POST", target="/", host="203.0.113.9:8332", headers=(), length=True):
    lines = [f"{method} {target} HTTP/1.1"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += headers
    if body and length:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def http_response(body=b"", status="200 OK", headers=()):
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
