"""minerwall policy explain: the decision about given facts, and the way to it."""

import json
import subprocess

from harness.program import fails
from harness.registry import case, cases
from harness.test import POLICIES

POLICY = """version = 1;
mode = "enforce";
lists: {
  rigs = { type = "ip"; category = "other"; values = [ "10.20.0.0/24" ]; };
  pools = { type = "domain"; files = [ "pools.txt" ]; };
};
rules: (
  { name = "rigs"; when = { client_ip = "@rigs"; }; action = "allow"; },
  { name = "off"; when = { }; action = "drop"; enabled = false; },
  { name = "ask"; when = { dns_name = "@pools"; }; action = "sinkhole"; },
  { name = "name"; when = { server_name = "@pools"; proto = "tcp"; }; action = "reset"; },
  { name = "told"; when = { learned = true; vlan = 7; }; action = "drop"; },
  { name = "ends"; when = { any_ip = "2001:db8::/32"; any_port = [ 3333 ]; }; action = "drop"; mode = "observe"; },
  { name = "payload"; when = { app = "mining"; }; action = "reset"; }
);
"""
RIGS = {"condition": "client_ip", "result": "fails"}
RIGS_UNKNOWN = {"condition": "client_ip", "result": "unknown"}


def explain(t, *facts):
    policy = t.policy(POLICY, **{"pools.txt": "# pools\npool.example\n"})
    process = t.run("policy", "explain", "--policy", policy, "--json", *facts)
    assert process.returncode == 0 and process.stderr == b"", process.stderr
    out = json.loads(process.stdout)
    assert list(out) == ["policy", "facts", "decision", "rules"], out
    return policy, out


def text(t, *facts):
    policy = t.policy(POLICY, **{"pools.txt": "# pools\npool.example\n"})
    process = t.run("policy", "explain", "-p", policy, *facts)
    assert process.returncode == 0 and process.stderr == b"", process.stderr
    return policy, process.stdout.decode()


@case
def listed_name(t):
    """The entry has the file and line where the list has it, and not the policy's."""
    policy, out = explain(t, "--client", "10.0.0.1", "--server-name", "EU.Pool.Example.", "--proto", "tcp")
    pools = str(policy.parent / "pools.txt")
    entry = {"list": "pools", "entry": "pool.example", "entry_file": pools, "entry_line": 2}
    assert out["facts"] == {"client": "10.0.0.1", "proto": "tcp", "server_name": "eu.pool.example"}, out
    assert out["decision"] == {
        "action": "reset",
        "observe_only": False,
        "rule": "name",
        "file": str(policy),
        "line": 11,
        "why": "server_name",
        **entry,
        "by_name": True,
        "by_address": False,
    }, out
    at = {"file": str(policy)}
    assert out["rules"] == [
        {"rule": "rigs", **at, "line": 8, "matched": False, "conditions": [RIGS]},
        {"rule": "ask", **at, "line": 10, "matched": False, "conditions": [{"condition": "dns_name", "result": "unknown"}]},
        {
            "rule": "name",
            **at,
            "line": 11,
            "matched": True,
            "conditions": [
                {"condition": "proto", "result": "holds"},
                {"condition": "server_name", "result": "holds", **entry},
            ],
        },
    ], out


@case
def asked_name(t):
    policy, out = text(t, "--dns-name", "pool.example")
    place = f"entry pool.example in list pools ({policy.parent / 'pools.txt'}:2)"
    assert out == (
        "facts: dns_name=pool.example\n"
        f"rule rigs ({policy}:8) does not match\n  client_ip fails: not known\n"
        f"rule ask ({policy}:10) matches\n  dns_name holds: {place}\n"
        f"decision: sinkhole by rule ask, because of dns_name: {place}\n"
    ), out


@case
def literals_of_a_rule_that_observes(t):
    policy, out = text(t, "--client", "2001:db8::7", "--server", "2001:db9::1", "--server-port", "3333")
    assert f"  server_port holds: entry 3333 in the rule ({policy}:13)\n" in out, out
    assert f"  client_ip holds: entry 2001:db8::/32 in the rule ({policy}:13)\n" in out, out
    assert "decision: drop (observed: only reported) by rule ends, because of client_ip" in out, out


@cases(
    learned=(("--learned", "--vlan", "7"), "told"),
    payload=(("--app", "stratum-v1"), "payload"),
    rig=(("--client", "10.20.0.9", "--app", "stratum-v1"), "rigs"),
    other_vlan=(("--learned", "--vlan", "8"), None),
    client_port=(("--client-port", "3333", "--server", "2001:db8::1"), "ends"),
    node=(("--app", "coin-p2p"), None),
    tunnel=(("--unreadable", "tunnels"), "unreadable"),
)
def facts_decide(t, what):
    facts, rule = what
    _, out = explain(t, *facts)
    assert out["decision"].get("rule") == rule, out
    assert (out["rules"][-1]["matched"]) == (rule is not None), out
    assert len(out["rules"]) == 7 or rule is not None, out  # the last one is that of `unreadable`


@case
def without_facts(t):
    _, out = text(t)
    assert out.startswith("facts: none\nrule rigs "), out
    assert out.endswith("decision: allow, because no rule matches\n"), out


@cases(
    no_policy=((), "--policy"),
    client=(("--client", "10.0.0.300"), "`10.0.0.300` is no address"),
    server=(("--server", "pool.example"), "`pool.example` is no address"),
    families=(("--client", "10.0.0.1", "--server", "2001:db8::1"), "one is IPv4"),
    port=(("--server-port", "0"), "--server-port"),
    big_port=(("--client-port", "65536"), "--client-port"),
    protocol=(("--proto", "icmp"), "--proto"),
    vlan=(("--vlan", "4095"), "--vlan"),
    name=(("--server-name", "pool example"), "`pool example` is no name"),
    dot=(("--dns-name", "."), "`.` is no name"),
    two_names=(("--server-name", "a.example", "--dns-name", "a.example"), "excludes"),
    dialect=(("--app", "stratum-v3"), "there is no dialect `stratum-v3`, did you mean `stratum-v1`?"),
    category=(("--app", "mining"), "there is no dialect `mining`"),
    stray=(("pool.example",), "pool.example"),
)
def wrong_usage(t, what):
    arguments, word = what
    policy = () if word == "--policy" else ("--policy", POLICIES / "starter.conf")
    process = fails(t, 64, word, arguments=("policy", "explain", *policy, *arguments), lines=None)
    assert process.stdout == b"", process.stdout


@cases(text=(), json=("--json",))
def invalid_policy(t, more):
    """The same errors as those of `policy check`, and no decision."""
    policy = t.policy('version = 1;\nmode = "enforce";\nrules: ( { name = "x"; when = { }; action = "destroy"; } );\n')
    process = fails(t, 78, ":3:36: error:", arguments=("policy", "explain", "-p", policy, *more))
    assert process.stdout == b"", process.stdout
    assert process.stderr == t.run("policy", "check", policy).stderr


@case
def absent_policy(t):
    fails(t, 78, "nowhere.conf", arguments=("policy", "explain", "-p", "nowhere.conf"))


@case
def output_that_cannot_be_written(t):
    policy = POLICIES / "starter.conf"
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [t.program, "policy", "explain", "-p", policy], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )
    assert process.returncode == 1, process.returncode
    assert process.stderr == b"minerwall: standard output: No space left on device\n", process.stderr
