"""Stratum V1 in cleartext: blocked before the pool has one complete request, in any spelling."""

from harness.messages import (
    AUTHORIZE,
    CONFIGURE,
    NOTIFY,
    RECONNECT,
    SET_DIFFICULTY,
    SUBMIT,
    SUBSCRIBE,
    SUBSCRIBED,
    WALLET,
    line,
    text,
)
from harness.registry import case, cases

SHORT = WALLET[:6] + "…" + WALLET[-4:]


@case
def subscribe_is_cut(t):
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE)
    c.server(SUBSCRIBED)
    r = t.replay()
    r.blocked(
        c,
        at=cut,
        mining={
            "dialect": "stratum-v1",
            "method": "mining.subscribe",
            "agent": "cgminer/4.11.1",
            "speaker": "miner",
            "recognised_by": "payload",
        },
        keys={"flow": {"alerted": True, "action": "drop"}},
    )


@case
def authorize_tells_login_and_worker(t):
    c = t.tcp()
    (cut,) = c.client(AUTHORIZE)
    r = t.replay()
    r.blocked(
        c, at=cut, mining={"dialect": "stratum-v1", "login": SHORT, "worker": "rig01", "method": "mining.authorize"}
    )


@cases(
    configure=CONFIGURE,
    submit=SUBMIT,
    subscribe_without_params=b'{"id":1,"method":"mining.subscribe"}\n',
    subscribe_null_params=b'{"id":1,"method":"mining.subscribe","params":null}\n',
    suggest_difficulty=line("mining.suggest_difficulty", [1024]),
    suggest_target=line("mining.suggest_target", ["ab" * 32]),
    extranonce=line("mining.extranonce.subscribe", []),
    noop=line("mining.noop"),
    hashrate=line("mining.hashrate", ["500000", "0x" + "ab" * 32]),
    get_transactions=text({"params": ["26eb-2"], "id": "txlist26eb-2", "method": "mining.get_transactions"}),
    iron_fish_body=line("mining.subscribe", body={"version": 1, "publicAddress": "ab" * 32, "name": "rig"}),
    conflux=line("mining.subscribe", ["worker.1", ""], jsonrpc="2.0"),
    alephium_hello=line("mining.hello", ["alephium-miner/0.1", "stratum.pool.example", "20032"]),
    id_is_text=line("mining.subscribe", [], id="one"),
    id_is_null=text({"id": None, "method": "mining.subscribe", "params": []}),
)
def first_request(t, message):
    """Each of these may be a miner's first message."""
    c = t.tcp()
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1", "speaker": "miner"})


@cases(
    zcash=(line("mining.subscribe", ["equihashminer", None, "zec.pool.example", 2142]), "zec.pool.example:2142"),
    kawpow=(line("mining.subscribe", ["kawpowminer/1.2", "ab", "rvn.pool.example", "8888"]), "rvn.pool.example:8888"),
    ethereum_stratum_2=(
        line(
            "mining.hello",
            {"agent": "ethminer", "host": "eth.pool.example", "port": "16a8", "proto": "EthereumStratum/2.0.0"},
        ),
        "eth.pool.example:5800",
    ),
)
def payload_names_the_pool(t, message):
    """ZIP-301 and similar protocols carry the pool's name: it is in the event."""
    request, pool = message
    c = t.tcp()
    (cut,) = c.client(request)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1", "pool": pool})


@cases(
    notify=NOTIFY,
    subscribed=SUBSCRIBED,
    set_difficulty=SET_DIFFICULTY,
    set_target=text({"id": None, "method": "mining.set_target", "params": ["ab" * 32]}),
    set_extranonce=text({"id": None, "method": "mining.set_extranonce", "params": ["08000002", 4]}),
    version_mask=text({"id": None, "method": "mining.set_version_mask", "params": ["1fffe000"]}),
    reconnect=RECONNECT,
    nicehash=text({"id": 1, "result": [["mining.notify", "ab" * 16, "EthereumStratum/1.0.0"], "080c"], "error": None}),
)
def server_side(t, message):
    """The client's messages prove nothing: the pool's message decides, and it does not arrive."""
    c = t.tcp()
    c.client(b'{"id":1,"method":"hello"}\n')
    (cut,) = c.server(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1", "speaker": "pool"})


@case
def eager_pool_speaks_first(t):
    c = t.tcp()
    (cut,) = c.server(SET_DIFFICULTY + NOTIFY)
    c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"speaker": "pool"})


@case
def subscribe_and_authorize_in_one_segment(t):
    """The first message decides; the event has the second one's wallet if both came together."""
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE + AUTHORIZE)
    t.replay().blocked(c, at=cut, mining={"agent": "cgminer/4.11.1"})


@case
def all_segments_after_the_cut_stay_here(t):
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE)
    c.client(AUTHORIZE)
    c.server(SUBSCRIBED)
    c.client(SUBMIT)
    c.close()
    t.replay().blocked(c, at=cut)


@case
def whole_session_with_a_hundred_neighbours(t):
    """Flows do not disturb each other."""
    miners, others = [], []
    for number in range(100):
        c = t.tcp(client=f"10.20.{number}.5", dport=41000 + number)
        (miners if number % 5 == 0 else others).append(c)
        c.client(SUBSCRIBE if number % 5 == 0 else b'{"id":1,"method":"ping"}\n')
    r = t.replay()
    for c in miners:
        r.blocked(c)
    for c in others:
        r.passed(c)
    r.flow_count(100)
