"""The ETHPROXY dialect: Ethereum's getwork as JSON lines over TCP."""

from harness.messages import ETH_GET_WORK, ETH_LOGIN, ETH_SHARE, ETH_WALLET, ETH_WORK, line
from harness.registry import case, cases


@case
def login_is_cut(t):
    c = t.tcp()
    (cut,) = c.client(ETH_LOGIN)
    c.server(ETH_WORK)
    t.replay().blocked(
        c,
        at=cut,
        mining={"dialect": "ethproxy", "method": "eth_submitLogin", "login": ETH_WALLET[:6] + "…" + ETH_WALLET[-4:]},
    )


@cases(
    get_work=ETH_GET_WORK,
    submit_work=ETH_SHARE,
    submit_hashrate=line("eth_submitHashrate", ["0x500000", "0x" + "59" * 32]),
    login_short=line("eth_login", [ETH_WALLET]),
    no_worker=line("eth_submitLogin", [ETH_WALLET]),
)
def first_request(t, message):
    c = t.tcp()
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "ethproxy", "speaker": "miner"})


@case
def work_that_the_pool_pushes_has_no_method(t):
    c = t.tcp()
    c.client(b'{"id":1,"method":"hello"}\n')
    (cut,) = c.server(ETH_WORK)
    t.replay().blocked(c, at=cut, mining={"dialect": "ethproxy", "speaker": "pool"})
