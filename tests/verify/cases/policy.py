"""The order of rules, later evidence, observe mode, and what each action does."""

from harness import dns, tls
from harness.messages import LOGIN, SUBSCRIBE, http_request
from harness.registry import case, cases

PAYLOAD = '{ name = "payload"; when = { app = "mining"; }; action = "reset"; }'


@case
def first_rule_that_matches_decides(t):
    t.rules('{ name = "let"; when = { app = "stratum-v1"; }; action = "observe"; },' + PAYLOAD)
    let, cut = t.tcp(), t.tcp()
    let.client(SUBSCRIBE)
    (frame,) = cut.client(LOGIN)
    r = t.replay()
    r.passed(let, action="observe", rule="let", mining={"dialect": "stratum-v1"})
    r.blocked(cut, at=frame, rule="payload", mining={"dialect": "cryptonote"})


@case
def later_evidence_reopens_the_question(t):
    """A rule further up decides as soon as it can."""
    t.rules(PAYLOAD + ', { name = "port"; when = { server_port = 41003; }; action = "observe"; }')
    c = t.tcp()
    c.client(b'{"id":0,"method":"noise"}\n')
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, rule="payload", mining={"dialect": "stratum-v1"})


@case
def allow_above_wins_over_payload(t):
    t.rules('{ name = "lab"; when = { server_port = 41003; }; action = "allow"; },' + PAYLOAD)
    c = t.tcp()
    c.client(SUBSCRIBE)
    t.replay().passed(c, rule="lab", mining={"dialect": "stratum-v1"})


@case
def all_conditions_must_hold(t):
    t.rules('{ name = "both"; when = { app = "mining"; server_port = 41004; }; action = "reset"; }')
    miss, hit = t.tcp(dport=41003), t.tcp(dport=41004)
    miss.client(SUBSCRIBE)
    (cut,) = hit.client(SUBSCRIBE)
    r = t.replay()
    r.passed(miss, mining={"dialect": "stratum-v1"})
    r.blocked(hit, at=cut, rule="both")


@case
def no_rules_allow_everything(t):
    t.rules("")
    c = t.tcp()
    c.client(SUBSCRIBE)
    t.replay().passed(c, mining={"dialect": "stratum-v1"})


@case
def disabled_rule_is_none(t):
    t.rules(PAYLOAD.replace("action", "enabled = false; action"))
    c = t.tcp()
    c.client(SUBSCRIBE)
    t.replay().passed(c, mining={"dialect": "stratum-v1"})


@case
def dialect_of_a_rule(t):
    t.rules('{ name = "xmr"; when = { app = "cryptonote"; }; action = "reset"; }')
    bitcoin, monero = t.tcp(), t.tcp()
    bitcoin.client(SUBSCRIBE)
    (cut,) = monero.client(LOGIN)
    r = t.replay()
    r.passed(bitcoin, mining={"dialect": "stratum-v1"})
    r.blocked(monero, at=cut, rule="xmr", mining={"dialect": "cryptonote"})


@case
def drop_says_nothing_to_anyone(t):
    t.rules(PAYLOAD.replace("reset", "drop"))
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE)
    t.wait(0.2)
    c.segment("client", SUBSCRIBE, flags="PA", seq=cut.seq)
    t.replay().blocked(c, at=cut, action="drop", rule="payload")


@case
def risk_and_stage_are_told(t):
    t.rules(PAYLOAD.replace("action", 'risk = 99; stage = "delivery"; action'))
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(
        c, at=cut, rule="payload", risk=99, mining={"risk": 99, "stage": lambda stage: stage == "delivery"}
    )


@case
def observing_policy_forwards_all(t):
    """The events say what would have happened; every packet passes."""
    t.shipped(changes=[('mode = "enforce"', 'mode = "observe"')])
    miner, web = t.tcp(), t.tcp(dport=443)
    miner.client(SUBSCRIBE)
    web.client(tls.hello("nanopool.org"))
    r = t.replay()
    r.passed(miner, rule="mining-payload", would="reset", mining={"dialect": "stratum-v1"})
    r.passed(web, rule="pool-name", would="reset", mining={"recognised_by": "name"})


@case
def observing_policy_lets_dns_pass(t):
    t.shipped(changes=[('mode = "enforce"', 'mode = "observe"')])
    u = t.udp(server="10.10.0.53", dport=53)
    u.client(dns.query("nanopool.org"))
    u.server(dns.response("nanopool.org"))
    t.replay().passed(u, rule="pool-dns", would="sinkhole", mining={"recognised_by": "name"})


@case
def observing_rule_in_an_enforcing_policy(t):
    t.rules(
        '{ name = "xmr"; when = { app = "cryptonote"; }; action = "reset"; mode = "observe"; },' + PAYLOAD,
    )
    seen, cut = t.tcp(), t.tcp()
    seen.client(LOGIN)
    (frame,) = cut.client(SUBSCRIBE)
    r = t.replay()
    r.passed(seen, rule="xmr", would="reset", mining={"dialect": "cryptonote"})
    r.blocked(cut, at=frame, rule="payload")


@case
def rule_by_vlan(t):
    t.rules('{ name = "dorm"; when = { vlan = 300; app = "mining"; }; action = "observe"; risk = 30; },' + PAYLOAD)
    dorm, office, untagged = t.tcp(vlan=300), t.tcp(vlan=10), t.tcp()
    for c in (dorm, office, untagged):
        c.client(SUBSCRIBE)
    r = t.replay()
    r.passed(dorm, action="observe", rule="dorm", risk=30, mining={"dialect": "stratum-v1"})
    r.blocked(office, rule="payload")
    r.blocked(untagged, rule="payload")


@case
def server_name_rule_is_no_dns_rule(t):
    t.rules('{ name = "tls"; when = { server_name = "nanopool.org"; }; action = "reset"; }')
    u, c = t.udp(server="10.10.0.53", dport=53), t.tcp(dport=443)
    u.client(dns.query("nanopool.org"))
    (cut,) = c.client(tls.hello("nanopool.org"))
    r = t.replay()
    r.passed(u)
    r.blocked(c, at=cut, rule="tls")


@case
def any_name_is_both(t):
    t.rules('{ name = "name"; when = { any_name = "nanopool.org"; }; action = "sinkhole"; }')
    u = t.udp(server="10.10.0.53", dport=53)
    asked = u.client(dns.query("nanopool.org"))
    t.replay().sinkholed(u, asked, rule="name")


@case
def exception_by_name_above_the_block(t):
    t.rules(
        '{ name = "lab"; when = { server_name = "=pool.lab.example"; }; action = "allow"; category = "other"; },'
        '{ name = "names"; when = { server_name = "lab.example"; }; action = "reset"; }'
    )
    let, cut = t.tcp(dport=443), t.tcp(dport=443)
    let.client(tls.hello("pool.lab.example"))
    (frame,) = cut.client(tls.hello("other.lab.example"))
    r = t.replay()
    r.passed(let, rule="lab")
    r.blocked(cut, at=frame, rule="names")


@case
def list_of_category_other_recognises_no_mining(t):
    t.rules(
        '{ name = "games"; when = { server_name = "@games"; }; action = "reset"; }',
        lists='games = { type = "domain"; category = "other"; values = [ "games.example" ]; };',
    )
    c = t.tcp(dport=443)
    (cut,) = c.client(tls.hello("www.games.example"))
    t.replay().blocked(c, at=cut, rule="games", recognised=False)


@case
def note_of_a_list_file_and_its_entry(t):
    t.policy(
        'version = 1; mode = "enforce"; lists: { mine = { type = "domain"; files = [ "mine.domains" ]; }; };'
        'rules: ( { name = "mine"; when = { server_name = "@mine"; }; action = "reset"; } );',
        **{"mine.domains": "# ours\r\n\r\n  pool.corp.example   # incident of May\r\nother.example\r\n"},
    )
    c = t.tcp(dport=80)
    (cut,) = c.client(http_request(method="GET", host="a.pool.corp.example"))
    t.replay().blocked(c, at=cut, rule="mine", mining={"list": "mine", "list_entry": "pool.corp.example"})


@case
def filter_list_in_adblock_syntax(t):
    """Filters for whole hosts block; a filter for a path, an exception and an option of the browser do not."""
    t.policy(
        'version = 1; mode = "enforce";'
        'lists: { web = { type = "domain"; format = "adblock"; files = [ "web.txt" ]; }; };'
        'rules: ( { name = "web"; when = { server_name = "@web"; }; action = "reset"; } );',
        **{
            "web.txt": "[Adblock Plus 2.0]\r\n! Title: test\r\n||miner.example^$third-party\r\n"
            "||path.example/miner.js\r\n@@||kept.example^\r\n||socket.example^$websocket\r\n##.miner"
        },
    )
    c = t.tcp(dport=443)
    (cut,) = c.client(tls.hello("eu.miner.example"))
    others = [t.tcp(dport=443) for _ in range(3)]
    for other, name in zip(others, ("path.example", "kept.example", "socket.example")):
        other.client(tls.hello(name))
    r = t.replay()
    r.blocked(c, at=cut, rule="web", mining={"list": "web", "list_entry": "miner.example"})
    for other in others:
        r.passed(other)


@cases(rst="RST after the block", fin="FIN after the block")
def end_of_a_blocked_connection(t, how):
    """Packets that the client sends while it closes are dropped as well, and its own reset gets no answer."""
    t.rules(PAYLOAD)
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE, acked=False)
    if how.startswith("RST"):
        c.segment("client", flags="R", seq=cut.end)
    else:
        c.segment("client", flags="FA")
    t.replay().blocked(c, at=cut, rule="payload")
