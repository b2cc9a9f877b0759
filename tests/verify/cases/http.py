"""Mining over HTTP (getwork, getblocktemplate, eth_getWork), and names in HTTP."""

from harness.messages import ETH_WALLET, HASH, http_request, http_response, line
from harness.registry import case, cases

GETWORK = line("getwork", [], end="")
TEMPLATE = line("getblocktemplate", [{"capabilities": ["coinbasetxn", "workid"]}], end="")


@cases(
    getwork=("getwork", http_request(GETWORK)),
    getblocktemplate=("getblocktemplate", http_request(TEMPLATE)),
    submitblock=("getblocktemplate", http_request(line("submitblock", ["00" * 90], end=""))),
    eth_getwork=("eth-getwork", http_request(line("eth_getWork", [], end=""), target=f"/?miner=30@{ETH_WALLET}@rig01")),
    eth_submit=(
        "eth-getwork",
        http_request(line("eth_submitWork", ["0x" + "12" * 8, "0x" + HASH, "0x" + HASH], end="")),
    ),
    body_without_length=(
        "getwork",
        http_request(GETWORK, headers=[f"Content-Length: {len(GETWORK) + 2}"], length=False) + b"\r\n",
    ),
    body_behind_blanks=("getwork", http_request(b"\r\n  " + GETWORK)),
    monero=(
        "monero-daemon",
        http_request(
            line("get_block_template", {"wallet_address": "4" * 95, "reserve_size": 60}, end=""), target="/json_rpc"
        ),
    ),
)
def request(t, what):
    dialect, message = what
    c = t.tcp(dport=80)
    c.client(message)
    t.replay().blocked(c, mining={"dialect": dialect, "speaker": "miner"})


@case
def miner_is_known_by_its_header(t):
    """Only getwork miners send X-Mining-Extensions; the pool does not get the body that follows."""
    c = t.tcp(dport=8332)
    c.client(http_request(GETWORK, headers=["User-Agent: cgminer 3.1", "X-Mining-Extensions: midstate longpoll"]))
    t.replay().blocked(c, mining={"dialect": "getwork", "agent": "cgminer 3.1"})


@cases(
    long_polling="X-Long-Polling: /LP",
    stratum="X-Stratum: stratum+tcp://pool.example:3333",
)
def pool_is_known_by_its_header(t, header):
    c = t.tcp(dport=8332)
    c.client(http_request(b"{}"))
    c.server(http_response(b"{}", headers=[header]))
    t.replay().blocked(c, mining={"speaker": "pool"})


@case
def body_in_another_segment(t):
    c = t.tcp(dport=8332)
    message = http_request(GETWORK)
    head = message.index(b"\r\n\r\n") + 4
    c.client(message, cuts=[head])
    t.replay().blocked(c, mining={"dialect": "getwork"})


@case
def body_one_byte_per_segment(t):
    c = t.tcp(dport=8332)
    c.client(http_request(TEMPLATE), size=1)
    t.replay().blocked(c, mining={"dialect": "getblocktemplate"})


@case
def chunked_body(t):
    c = t.tcp(dport=8332)
    chunks = (
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GETWORK[:9], GETWORK[9:20], GETWORK[20:]))
        + b"0\r\n\r\n"
    )
    c.client(http_request(headers=["Transfer-Encoding: chunked"]) + chunks)
    t.replay().blocked(c, mining={"dialect": "getwork"})


@case
def second_request_of_a_connection(t):
    c = t.tcp(dport=8332)
    c.client(http_request(method="GET"))
    c.server(http_response(b"hello"))
    c.client(http_request(GETWORK))
    t.replay().blocked(c, mining={"dialect": "getwork"})


@case
def through_a_proxy_by_connect(t):
    """After CONNECT, the tunnel is read like the start of a connection."""
    c = t.tcp(server="10.10.0.250", dport=3128)
    c.client(http_request(method="CONNECT", target="unlisted.example:41003", host="unlisted.example:41003"))
    c.server(http_response(status="200 Connection established"))
    c.client(line("mining.subscribe", []))
    t.replay().blocked(c, mining={"dialect": "stratum-v1"})


NAME = {"recognised_by": "name", "list": "pool-names", "list_entry": "nanopool.org"}


@cases(
    host=http_request(method="GET", host="eth-eu1.nanopool.org"),
    host_with_port=http_request(method="GET", host="nanopool.org:8080"),
    host_upper_case=http_request(method="GET", host="ETH-EU1.NanoPool.ORG"),
    host_final_dot=http_request(method="GET", host="nanopool.org."),
    header_name_upper_case=http_request(method="GET", host=None, headers=["HOST: nanopool.org"]),
    host_without_space=http_request(method="GET", host=None, headers=["Host:nanopool.org"]),
    absolute_form=http_request(method="GET", target="http://eth-eu1.nanopool.org/api", host="proxy.example"),
    absolute_form_with_user=http_request(
        method="GET", target="http://user:secret@nanopool.org:80/", host="proxy.example"
    ),
    host_hidden_behind_absolute_form=http_request(method="GET", target="http://harmless.example/", host="nanopool.org"),
    connect=http_request(method="CONNECT", target="eth-eu1.nanopool.org:9999", host="eth-eu1.nanopool.org:9999"),
    last_of_two_hosts=http_request(method="GET", host="harmless.example", headers=["Host: nanopool.org"]),
    first_of_two_hosts=http_request(method="GET", host="nanopool.org", headers=["Host: harmless.example"]),
)
def pool_name(t, message):
    c = t.tcp(dport=80)
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME)


@case
def host_in_the_second_request(t):
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", host="harmless.example"))
    c.server(http_response(b"x" * 3000))
    (cut,) = c.client(http_request(method="GET", host="nanopool.org"))
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME)


@case
def host_in_a_pipelined_request(t):
    c = t.tcp(dport=80)
    (cut,) = c.client(
        http_request(method="GET", host="harmless.example") + http_request(method="GET", host="nanopool.org")
    )
    t.replay().blocked(c, at=cut, rule="pool-name", mining=NAME)


@case
def host_one_byte_per_segment(t):
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", host="eth-eu1.nanopool.org"), size=1)
    t.replay().blocked(c, rule="pool-name", mining=NAME)


@case
def web_site_is_named_in_the_flow(t):
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", host="www.example.org"))
    c.server(http_response(b"hello"))
    t.replay().passed(c, keys={"http": {"hostname": "www.example.org"}})


@cases(
    node_rpc=http_request(line("getblockcount", [], end="")),
    wallet_rpc=http_request(line("eth_call", [{"to": ETH_WALLET}, "latest"], end="")),
    rest_login=http_request(b'{"login":"alice","password":"secret"}', target="/api/login"),
    monero_wallet=http_request(line("get_balance", {"account_index": 0}, end=""), target="/json_rpc"),
    documentation=http_request(b"A miner says " + line("mining.subscribe", []) + b" at first.", target="/wiki/edit"),
    quoted_in_json=http_request(b'{"page":"' + line("mining.subscribe", [], end="").replace(b'"', b'\\"') + b'"}'),
    web_search=http_request(method="GET", target="/?q=%7B%22method%22:%22mining.subscribe%22%7D"),
)
def harmless_request(t, message):
    c = t.tcp(dport=80)
    c.client(message)
    c.server(http_response(b'{"result":{"job":"done","id":1},"error":null}'))
    t.replay().passed(c)


@case
def page_about_mining(t):
    """A quotation in a web page is not a message, even if a segment begins with it."""
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", host="docs.example.org"))
    page = (
        b"<html><pre>\n" + line("mining.subscribe", []) + line("login", {"login": "x", "pass": "y"}) + b"</pre></html>"
    )
    response = http_response(page)
    c.server(response, cuts=[response.index(b'{"id"')])
    t.replay().passed(c)


@case
def job_as_json_of_an_api(t):
    """A REST answer that holds a job of another kind."""
    c = t.tcp(dport=80)
    c.client(http_request(method="GET", target="/jobs/7", host="ci.example.org"))
    c.server(http_response(b'{"method":"job","params":{"job_id":"7","state":"running"},"id":7}'))
    t.replay().passed(c)
