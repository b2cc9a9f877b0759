"""CryptoNote and its relatives (xmrig, xmr-stak, Grin, Beam) in cleartext."""

from harness.messages import HASH, JOB, LOGGED_IN, LOGIN, PUSH_JOB, SHARE, WALLET, XMRIG, line, text
from harness.registry import case, cases

SHORT = WALLET[:6] + "…" + WALLET[-4:]


@case
def login_is_cut(t):
    c = t.tcp()
    (cut,) = c.client(LOGIN)
    c.server(LOGGED_IN)
    t.replay().blocked(
        c,
        at=cut,
        mining={
            "dialect": "cryptonote",
            "method": "login",
            "login": SHORT,
            "agent": XMRIG,
            "algorithm": "rx/0",
            "speaker": "miner",
        },
    )


@cases(
    minimal=line("login", {"login": WALLET, "pass": "x"}),
    no_pass=line("login", {"login": WALLET}),
    method_first=text({"method": "login", "params": {"login": "x", "pass": "y", "agent": "xmr-stak/2.10"}, "id": 1}),
    grin=text(
        {"id": "0", "jsonrpc": "2.0", "method": "login", "params": {"login": "g", "pass": "", "agent": "grin-miner"}}
    ),
    beam=text({"method": "login", "api_key": HASH, "id": "login", "jsonrpc": "2.0"}),
    share=SHARE,
    keepalive=line("keepalived", {"id": "7f3a"}, jsonrpc="2.0"),
)
def first_request(t, message):
    c = t.tcp()
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "cryptonote", "speaker": "miner"})


@cases(
    logged_in=LOGGED_IN,
    job=PUSH_JOB,
    job_without_version=text({"method": "job", "params": JOB}),
    grin_job=text(
        {"id": "Stratum", "method": "job", "params": {"difficulty": 1, "height": 9, "job_id": 5, "pre_pow": "0001"}}
    ),
)
def server_side(t, message):
    c = t.tcp()
    c.client(b'{"id":1,"method":"hello"}\n')
    (cut,) = c.server(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "cryptonote", "speaker": "pool"})


@case
def without_line_feed_at_the_end(t):
    """Some pools need no line feed: the complete object is enough."""
    c = t.tcp()
    (cut,) = c.client(LOGIN.rstrip())
    t.replay().blocked(c, at=cut, mining={"dialect": "cryptonote"})


@case
def login_shorter_than_sixteen_is_told_whole(t):
    c = t.tcp()
    (cut,) = c.client(line("login", {"login": "miner7.rig", "pass": "secret"}))
    t.replay().blocked(c, at=cut, mining={"login": "miner7", "worker": "rig"})


@case
def passwords_and_wallets_are_in_no_event(t):
    c = t.tcp()
    c.client(line("login", {"login": WALLET, "pass": "hunter2secret", "agent": XMRIG}))
    r = t.replay(by_itself=True)
    r.blocked(c)
    output = r.process.stdout.decode()
    assert "hunter2secret" not in output, "the password is in the events"
    assert WALLET not in output and WALLET[10:60] not in output, "the wallet is in the events"
