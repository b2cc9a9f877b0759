"""Every message form of the line dialects: at a connection's beginning, in its middle, and after harmless messages.

Each with what it tells about the miner.
"""

from harness.messages import ETH_WALLET, HASH, JOB, WALLET, XMRIG, http_request, http_response, line, text
from harness.registry import case, cases

SHORT = WALLET[:6] + "…" + WALLET[-4:]
ETH_SHORT = ETH_WALLET[:6] + "…" + ETH_WALLET[-4:]
BTC = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
BTC_SHORT = BTC[:6] + "…" + BTC[-4:]
KASPA = "kaspa:qpamkvhgh0kzx50gwvvp5xs8ktmqutcy3dfs9dc3w7lm9rq0zs76vf959mmrp"
BLOB = "0707" + "ab" * 74
STRATUM, CRYPTONOTE, ETHPROXY = "stratum-v1", "cryptonote", "ethproxy"


def rpc(method, params=None, **more):
    return line(method, params, jsonrpc="2.0", **more)


MINERS = {
    # Stratum V1
    "subscribe": (STRATUM, line("mining.subscribe", []), {"method": "mining.subscribe"}),
    "subscribe_agent": (STRATUM, line("mining.subscribe", ["bmminer/2.0.0"]), {"agent": "bmminer/2.0.0"}),
    "subscribe_session": (STRATUM, line("mining.subscribe", ["cpuminer/2.5", "08000002"]), {"agent": "cpuminer/2.5"}),
    "nicehash": (
        STRATUM,
        line("mining.subscribe", ["ccminer/2.3", "EthereumStratum/1.0.0"]),
        {"agent": "ccminer/2.3"},
    ),
    "zip_301": (
        STRATUM,
        line("mining.subscribe", ["lolMiner 1.8", None, "zec.pool.example", 2142]),
        {"agent": "lolMiner 1.8", "pool": "zec.pool.example:2142"},
    ),
    "zip_301_port_as_text": (
        STRATUM,
        line("mining.subscribe", ["miniZ/2.3", "ab12", "zec.pool.example", "2142"]),
        {"agent": "miniZ/2.3", "pool": "zec.pool.example:2142"},
    ),
    "zip_301_address": (
        STRATUM,
        line("mining.subscribe", ["gminer/3.4", None, "198.51.100.7", 3333]),
        {"pool": "198.51.100.7:3333"},
    ),
    "kawpow": (
        STRATUM,
        line("mining.subscribe", ["t-rex/0.26.8", None, "rvn.pool.example", "8888"]),
        {"agent": "t-rex/0.26.8", "pool": "rvn.pool.example:8888"},
    ),
    "authorize": (STRATUM, line("mining.authorize", [f"{BTC}.rig01", "x"]), {"login": BTC_SHORT, "worker": "rig01"}),
    "authorize_account": (
        STRATUM,
        line("mining.authorize", ["alice.farm7", "x"]),
        {"login": "alice", "worker": "farm7"},
    ),
    "authorize_without_worker": (STRATUM, line("mining.authorize", ["alice", ""]), {"login": "alice", "worker": None}),
    "authorize_by_mail": (STRATUM, line("mining.authorize", ["al@mail.example", "x"]), {"worker": None}),
    "authorize_kaspa": (
        STRATUM,
        line("mining.authorize", [f"{KASPA}.rig", "x"]),
        {"login": "kaspa:…mmrp", "worker": "rig"},
    ),
    "configure": (
        STRATUM,
        line("mining.configure", [["version-rolling", "minimum-difficulty"], {"minimum-difficulty.value": 2048}]),
        {"method": "mining.configure"},
    ),
    "submit": (
        STRATUM,
        line("mining.submit", [f"{BTC}.rig01", "bf", "00000001", "504e86ed", "b2957c02"]),
        {"login": BTC_SHORT, "worker": "rig01"},
    ),
    "submit_version_rolling": (
        STRATUM,
        line("mining.submit", ["alice.w", "bf", "00000001", "504e86ed", "b2957c02", "00c00000"]),
        {"login": "alice", "worker": "w"},
    ),
    "submit_equihash": (
        STRATUM,
        line("mining.submit", ["t1abc.w", "7", "504e86ed", "00" * 28, "fd4005" + "ab" * 60]),
        {},
    ),
    "submit_kawpow": (
        STRATUM,
        line("mining.submit", ["R9x.w", "7", "0x1234567812345678", "0x" + HASH, "0x" + HASH]),
        {},
    ),
    "suggest_difficulty": (STRATUM, line("mining.suggest_difficulty", [512]), {}),
    "suggest_target": (STRATUM, line("mining.suggest_target", ["00" * 4 + "ff" * 28]), {}),
    "extranonce_subscribe": (
        STRATUM,
        line("mining.extranonce.subscribe", []),
        {"method": "mining.extranonce.subscribe"},
    ),
    "get_transactions": (STRATUM, line("mining.get_transactions", ["26eb-2"]), {}),
    "hashrate": (STRATUM, line("mining.hashrate", ["0x500000", "0x" + HASH]), {}),
    "noop": (STRATUM, line("mining.noop"), {}),
    "pong": (STRATUM, line("mining.pong", []), {}),
    "unknown_of_the_family": (
        STRATUM,
        line("mining.multi_version", [1]),
        {"method": "mining.multi_version", "speaker": None},
    ),
    "ethereum_stratum_2": (
        STRATUM,
        line(
            "mining.hello",
            {"agent": "ethminer-0.17", "host": "eth.pool.example", "port": "4d2", "proto": "EthereumStratum/2.0.0"},
        ),
        {"agent": "ethminer-0.17", "pool": "eth.pool.example:1234", "method": "mining.hello"},
    ),
    "ethereum_stratum_2_subscribe": (STRATUM, line("mining.subscribe", {"agent": "ethminer-0.17"}), {}),
    "alephium_hello": (
        STRATUM,
        line("mining.hello", ["alephium-gpu/0.5", "alph.pool.example", "20032"]),
        {"agent": "alephium-gpu/0.5", "pool": "alph.pool.example:20032"},
    ),
    "alephium_gzip": (STRATUM, line("connection.set_gzip", [True]), {"speaker": None}),  # either may say it
    "alephium_hashrate": (STRATUM, line("alph_submitHashrate", ["0x500", "w"]), {}),
    "iron_fish": (
        STRATUM,
        line("mining.subscribe", body={"version": 2, "publicAddress": "ab" * 32, "name": "rig5", "agent": "bzminer"}),
        {"agent": "bzminer", "worker": "rig5", "login": "ababab…abab"},
    ),
    "conflux": (STRATUM, rpc("mining.subscribe", ["cfx:acc7.rig", ""]), {"login": "cfx:acc7", "worker": "rig"}),
    # CryptoNote
    "login_xmrig": (
        CRYPTONOTE,
        rpc("login", {"login": WALLET, "pass": "x", "agent": XMRIG, "rigid": "rig9", "algo": ["rx/0", "cn/2"]}),
        {"login": SHORT, "worker": "rig9", "agent": XMRIG, "algorithm": "rx/0", "method": "login"},
    ),
    "login_worker_behind_a_dot": (
        CRYPTONOTE,
        rpc("login", {"login": f"{WALLET}.rig4", "pass": "x", "agent": "SRBMiner/2"}),
        {"login": SHORT, "worker": "rig4", "agent": "SRBMiner/2"},
    ),
    "login_old": (CRYPTONOTE, line("login", {"login": WALLET, "pass": "x"}), {"login": SHORT, "agent": None}),
    "login_without_password": (CRYPTONOTE, line("login", {"login": WALLET}), {"login": SHORT}),
    "login_one_algorithm": (
        CRYPTONOTE,
        rpc("login", {"login": "a", "pass": "x", "algo": "panthera"}),
        {"algorithm": "panthera"},
    ),
    "login_self_select": (CRYPTONOTE, rpc("login", {"login": WALLET, "pass": "x", "mode": "self-select"}), {}),
    "xmr_stak": (
        CRYPTONOTE,
        b'{"method":"login","params":{"login":"%s","pass":"","rigid":"","agent":"xmr-stak-rx/1.0.5"},"id":1}\n'
        % WALLET.encode(),
        {"agent": "xmr-stak-rx/1.0.5", "login": SHORT},
    ),
    "submit_share": (
        CRYPTONOTE,
        rpc("submit", {"id": "7f3a", "job_id": "Kx9s", "nonce": "220c0000", "result": HASH, "algo": "rx/0"}),
        {"algorithm": "rx/0", "method": "submit"},
    ),
    "keepalived": (CRYPTONOTE, rpc("keepalived", {"id": "7f3a"}), {"method": "keepalived"}),
    "grin_login": (
        CRYPTONOTE,
        rpc("login", {"login": "g.rig", "pass": "", "agent": "grin-miner"}),
        {"agent": "grin-miner"},
    ),
    "grin_template": (CRYPTONOTE, rpc("getjobtemplate"), {"method": "getjobtemplate"}),
    "grin_submit": (
        CRYPTONOTE,
        rpc("submit", {"edge_bits": 32, "height": 9, "job_id": 0, "nonce": 1234567, "pow": [1, 2, 3]}),
        {},
    ),
    "beam_login": (CRYPTONOTE, rpc("login", api_key="ab" * 33), {"method": "login"}),
    "beam_solution": (CRYPTONOTE, rpc("solution", nonce="0102030405060708", output="ab" * 104), {"method": "solution"}),
    # ETHPROXY
    "eth_submit_login": (
        ETHPROXY,
        rpc("eth_submitLogin", [ETH_WALLET], worker="rig01"),
        {"login": ETH_SHORT, "worker": "rig01", "method": "eth_submitLogin"},
    ),
    "eth_login_dot": (
        ETHPROXY,
        rpc("eth_submitLogin", [f"{ETH_WALLET}.rig8", "x"]),
        {"login": ETH_SHORT, "worker": "rig8"},
    ),
    "eth_login": (ETHPROXY, line("eth_login", [ETH_WALLET]), {"login": ETH_SHORT}),
    "eth_get_work": (ETHPROXY, rpc("eth_getWork", []), {"method": "eth_getWork"}),
    "eth_submit_work": (
        ETHPROXY,
        rpc("eth_submitWork", ["0x" + "12" * 8, "0x" + HASH, "0x" + HASH], worker="rig02"),
        {"worker": "rig02"},
    ),
    "eth_submit_hashrate": (ETHPROXY, rpc("eth_submitHashrate", ["0x500000", "0x" + HASH]), {}),
    "cortex_login": (ETHPROXY, rpc("ctxc_submitLogin", ["0x" + "ab" * 20]), {}),
}

POOLS = {
    "subscribed": (
        STRATUM,
        text(
            {
                "id": 1,
                "result": [[["mining.set_difficulty", "1"], ["mining.notify", "2"]], "08000002", 4],
                "error": None,
            }
        ),
        {},
    ),
    "subscribed_one": (STRATUM, text({"id": 1, "result": [["mining.notify", "ae"], "08000002", 4], "error": None}), {}),
    "subscribed_nicehash": (
        STRATUM,
        text({"id": 1, "result": [["mining.notify", "ae", "EthereumStratum/1.0.0"], "080c"], "error": None}),
        {},
    ),
    "notify": (
        STRATUM,
        text(
            {"id": None, "method": "mining.notify", "params": ["bf", HASH, "0100", "072f", [], "2", "1c", "50", True]}
        ),
        {"method": "mining.notify"},
    ),
    "notify_params_first": (STRATUM, text({"params": ["bf", HASH], "id": None, "method": "mining.notify"}), {}),
    "notify_equihash": (
        STRATUM,
        text({"id": None, "method": "mining.notify", "params": ["7", "04000000", HASH, HASH, HASH, "50", "1c", True]}),
        {},
    ),
    "set_difficulty": (STRATUM, text({"id": None, "method": "mining.set_difficulty", "params": [4096]}), {}),
    "set_target": (STRATUM, text({"id": None, "method": "mining.set_target", "params": ["00ff" + "00" * 30]}), {}),
    "set_extranonce": (STRATUM, text({"id": None, "method": "mining.set_extranonce", "params": ["0800", 4]}), {}),
    "kaspa_set_extranonce": (STRATUM, text({"id": None, "method": "set_extranonce", "params": ["0800"]}), {}),
    "set_version_mask": (STRATUM, text({"id": None, "method": "mining.set_version_mask", "params": ["1fffe000"]}), {}),
    "ping": (STRATUM, text({"id": 7, "method": "mining.ping", "params": []}), {}),
    "reconnect": (
        STRATUM,
        text({"id": None, "method": "client.reconnect", "params": ["next.pool.example", 3334, 10]}),
        {"next_pool": "next.pool.example:3334", "method": "client.reconnect"},
    ),
    "reconnect_to_the_same": (STRATUM, text({"id": None, "method": "client.reconnect", "params": []}), {}),
    "show_message": (STRATUM, text({"id": None, "method": "client.show_message", "params": ["maintenance"]}), {}),
    "get_version": (STRATUM, text({"id": 9, "method": "client.get_version", "params": []}), {}),
    "hello_answer": (
        STRATUM,
        text({"id": 0, "result": {"proto": "EthereumStratum/2.0.0", "encoding": "gzip", "resume": 1, "timeout": 180}}),
        {},
    ),
    "ethereum_stratum_2_set": (
        STRATUM,
        text({"method": "mining.set", "params": {"epoch": "dc", "target": "0112"}}),
        {},
    ),
    "logged_in": (
        CRYPTONOTE,
        text({"id": 1, "jsonrpc": "2.0", "error": None, "result": {"id": "7f", "job": JOB, "status": "OK"}}),
        {},
    ),
    "job": (CRYPTONOTE, text({"jsonrpc": "2.0", "method": "job", "params": JOB}), {"method": "job"}),
    "job_algorithm": (
        CRYPTONOTE,
        text({"method": "job", "params": {"blob": BLOB, "job_id": "4", "target": "ffff", "algo": "rx/0"}}),
        {"algorithm": "rx/0"},
    ),
    "kept_alive": (
        CRYPTONOTE,
        text({"id": 3, "jsonrpc": "2.0", "error": None, "result": {"status": "KEEPALIVED"}}),
        {},
    ),
    "grin_job": (
        CRYPTONOTE,
        text({"method": "job", "params": {"difficulty": 1, "height": 9, "job_id": 5, "pre_pow": "0001"}}),
        {},
    ),
    "grin_template": (
        CRYPTONOTE,
        text({"method": "getjobtemplate", "result": {"difficulty": 1, "height": 9, "job_id": 0, "pre_pow": "0001"}}),
        {},
    ),
    "beam_job": (
        CRYPTONOTE,
        text({"difficulty": 54, "height": 9, "id": "7", "input": HASH, "jsonrpc": "2.0", "method": "job"}),
        {},
    ),
    "beam_result": (CRYPTONOTE, text({"code": 0, "description": "ok", "method": "result", "nonceprefix": "ab01"}), {}),
    "work": (ETHPROXY, text({"id": 0, "result": ["0x" + HASH, "0x" + "ab" * 32, "0x" + "0c" * 32]}), {}),
    "work_with_number": (
        ETHPROXY,
        text({"id": 0, "jsonrpc": "2.0", "result": ["0x" + HASH, "0x" + "ab" * 32, "0x" + "0c" * 32, "0xabc"]}),
        {},
    ),
}


def three_flows(t, send, message):
    """At the beginning, in the middle of a connection, and after a harmless message: each with the frame that carries
    it.
    """
    beginning, middle, later = t.tcp(), t.tcp(handshake=False), t.tcp()
    later.client(b'{"id":0,"method":"server.features","params":[]}\n')
    later.server(b'{"id":0,"result":{}}\n')
    return [(c, getattr(c, send)(message)[0]) for c in (beginning, middle, later)]


@cases(**MINERS)
def miner_says(t, what):
    dialect, message, found = what
    flows = three_flows(t, "client", message)
    r = t.replay()
    for c, cut in flows:
        r.blocked(c, at=cut, mining={"dialect": dialect, "speaker": "miner", **found}, app="stratum")


@cases(**POOLS)
def pool_says(t, what):
    dialect, message, found = what
    flows = three_flows(t, "server", message)
    r = t.replay()
    for c, cut in flows:
        r.blocked(c, at=cut, mining={"dialect": dialect, "speaker": "pool", **found}, app="stratum")


HTTP_ANSWERS = {
    "getwork": ("getwork", {"result": {"midstate": HASH, "data": "00000002" + "ab" * 124, "target": "ff" * 32}}),
    "getblocktemplate": (
        "getblocktemplate",
        {"result": {"previousblockhash": HASH, "coinbasevalue": 625000000, "transactions": [], "bits": "1d00ffff"}},
    ),
    "eth_getwork": ("eth-getwork", {"result": ["0x" + HASH, "0x" + "ab" * 32, "0x0000" + "0c" * 30]}),
}


@cases(**HTTP_ANSWERS)
def node_answers_over_http(t, what):
    dialect, value = what
    c = t.tcp(dport=8332)
    c.client(http_request(line("ping", [], end="")))
    (cut,) = c.server(http_response(text({"id": 1, **value})))
    t.replay().blocked(c, at=cut, mining={"dialect": dialect, "speaker": "pool"})


@case
def all_that_a_login_holds_is_told_by_halves(t):
    """Subscribe and authorize come together: the agent is in one, the wallet in the other."""
    c = t.tcp()
    (cut,) = c.client(line("mining.subscribe", ["cgminer/4.11.1"]) + line("mining.authorize", [f"{BTC}.rig01", "x"]))
    t.replay().blocked(c, at=cut, mining={"agent": "cgminer/4.11.1", "login": BTC_SHORT, "worker": "rig01"})
