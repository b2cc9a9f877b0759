"""How the program behaves: exit status, one line on standard error that says what to do, what it writes."""

import json
import struct

from harness import capture
from harness.messages import SUBSCRIBE
from harness.program import fails
from harness.registry import case, cases
from harness.test import POLICIES

STARTER = POLICIES / "starter.conf"
FRAME = bytes.fromhex("020000000002020000000001") + b"\x12\x34" + bytes(50)
GOOD = capture.pcap([(10**18, FRAME)])


def replay(capture_file, policy=STARTER, *more):
    return ("replay", capture_file, "--policy", policy, *more)


@case
def absent_capture(t):
    fails(t, 1, "nowhere.pcap", "No such file", arguments=replay("nowhere.pcap"))


@case
def directory_as_capture(t):
    fails(t, 1, "directory", arguments=replay(t.directory))


@cases(
    empty=b"",
    text=b"this is no capture at all\n" * 10,
    short_head=GOOD[:20],
    wrong_version=GOOD[:4] + struct.pack("<HH", 99, 99) + GOOD[8:],
)
def no_capture(t, content):
    fails(t, 1, "x.pcap", arguments=replay(t.write("x.pcap", content)))


@cases(raw_ip=101, linux_sll=113, null=0, wifi=127, usb=220)
def other_link_type(t, link):
    path = t.write("x.pcap", capture.pcap([(10**18, b"\x45" + bytes(60))], link=link))
    fails(t, 1, "link type", "Ethernet", arguments=replay(path))


@cases(in_the_head=30, in_the_packet=len(GOOD) - 5)
def truncated_capture(t, length):
    """The readable part is judged and reported; the status says that it was not all."""
    path = t.write("x.pcap", GOOD[:24] + GOOD[24:] + GOOD[24:][: length - 24])
    process = fails(t, 1, "x.pcap", "truncated", arguments=replay(path, STARTER, "--json"))
    stats = json.loads(process.stdout.splitlines()[-1])["stats"]
    assert stats["ledger"]["received"] == 1 and stats["ledger"]["balanced"], stats["ledger"]


@case
def record_of_absurd_length(t):
    path = t.write("x.pcap", GOOD[:24] + struct.pack("<IIII", 0, 0, 2**31, 2**31) + FRAME)
    fails(t, 1, "x.pcap", arguments=replay(path))


@case
def good_captures_are_judged_beside_a_bad_one(t):
    good, bad = t.write("good.pcap", GOOD), t.write("bad.pcap", b"rubbish")
    process = fails(t, 1, "bad.pcap", arguments=("replay", bad, good, "--policy", STARTER, "--json"))
    assert json.loads(process.stdout.splitlines()[-1])["stats"]["ledger"]["received"] == 1


@case
def snapped_packets_are_warned_of(t):
    """A capture with a short snap length: judged as far as it goes."""
    c = t.tcp()
    c.client(SUBSCRIBE)
    frames = [(time, data[:60], len(data)) for time, data in t.timed(10**7)]
    path = t.write("x.pcap", capture.pcap(frames, snap=60))
    process = t.run(*replay(path, STARTER, "--json"))
    assert process.returncode == 0, process.stderr
    assert b"cut short" in process.stderr, process.stderr


@case
def pcapng_is_read_too(t):
    c = t.tcp()
    c.client(SUBSCRIBE)
    process = t.run(*replay(t.write("x.pcapng", capture.pcapng(t.timed(10**7))), STARTER, "--json"))
    assert process.returncode == 0, process.stderr
    (flow,) = [e for e in map(json.loads, process.stdout.splitlines()) if e["event_type"] == "flow"]
    assert flow["verdict"]["action"] == "reset" and flow["mining"]["dialect"] == "stratum-v1", flow


@case
def capture_of_no_packets(t):
    process = t.run(*replay(t.write("x.pcap", capture.pcap([])), STARTER, "--json"))
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["stats"]["ledger"]["received"] == 0


@case
def text_names_the_flow_the_rule_and_the_ledger(t):
    c = t.tcp()
    c.client(SUBSCRIBE)
    process = t.run(*replay(t.write("x.pcap", capture.pcap(t.timed(10**7)))))
    output = process.stdout.decode()
    assert process.returncode == 0, process.stderr
    for word in (
        "reset",
        "10.10.0.7:",
        "203.0.113.9:41003",
        "mining-payload",
        "starter.conf:",
        "stratum-v1",
        "crafted",
    ):
        assert word in output, f"{word!r} is not in {output}"


@case
def same_capture_same_words(t):
    """A replay is deterministic, flow ids included."""
    for number in range(5):
        t.tcp(client=f"10.10.2.{number}").client(SUBSCRIBE)
    path = t.write("x.pcap", capture.pcap(t.timed(10**4)))
    first, second = (t.run(*replay(path, STARTER, "--json")).stdout for _ in range(2))
    assert first == second


@case
def absent_policy(t):
    fails(t, 78, "nowhere.conf", arguments=replay(t.write("x.pcap", GOOD), "nowhere.conf"))


@cases(
    syntax=('version = 1;\nmode = "enforce";\nrules: ( ;\n', ":3: error:"),
    open_text=('version = 1;\nmode = "enforce;\nrules: ( );\n', "error"),
    unknown_key=('version = 1;\nmode = "enforce";\nrulez: ( );\n', "rules"),
    unknown_list=(
        'version = 1;\nmode = "enforce";\nrules: ( { name = "x"; when = { app = "mining"; server_ip = "@nope"; }; action = "drop"; } );\n',
        "nope",
    ),
    unknown_action=(
        'version = 1;\nmode = "enforce";\nrules: ( { name = "x"; when = { }; action = "destroy"; } );\n',
        ":3:36: error:",
    ),
    no_mode=("version = 1;\nrules: ( );\n", "mode"),
    version_2=('version = 2;\nmode = "enforce";\nrules: ( );\n', "version"),
    bad_entry=(
        'version = 1;\nmode = "enforce";\nlists: { l = { type = "ip"; values = [ "10.0.0.300" ]; }; };\nrules: ( );\n',
        ":3: error:",
    ),
    public_suffix=(
        'version = 1;\nmode = "enforce";\nlists: { l = { type = "domain"; values = [ "co.uk" ]; }; };\nrules: ( );\n',
        ":3: error:",
    ),
    absent_list_file=(
        'version = 1;\nmode = "enforce";\nlists: { l = { type = "domain"; files = [ "lists/none.domains" ]; }; };\nrules: ( );\n',
        "none.domains",
    ),
    empty_file=("", "version"),
    nul_byte=("version = 1;\0", ":1: error:"),
)
def invalid_policy(t, what):
    """Every error with file and line, exit 78, and nothing is replayed."""
    text, word = what
    policy = t.policy(text)
    path = t.write("x.pcap", GOOD)
    process = fails(t, 78, "policy.conf", "error", word, arguments=replay(path, policy, "--json"), lines=None)
    assert process.stdout == b"", process.stdout
    checked = fails(t, 78, word, arguments=("policy", "check", policy), lines=None)
    assert checked.stderr == process.stderr, "policy check and replay tell different errors"


@case
def all_errors_at_once(t):
    policy = t.policy(
        'version = 1;\nmode = "enforce";\nrules: (\n'
        '  { name = "a"; when = { server_port = 70000; }; action = "drop"; },\n'
        '  { name = "b"; when = { app = "bitcoin"; }; action = "drop"; },\n'
        '  { name = "b"; when = { }; action = "drop"; risk = 101; }\n);\n'
    )
    process = fails(t, 78, ":4: error:", ":5: error:", ":6:46: error:", arguments=("policy", "check", policy), lines=None)
    assert process.stdout == b""


@cases(starter="starter", strict="strict")
def shipped_policy_is_valid(t, name):
    process = t.run("policy", "check", POLICIES / f"{name}.conf")
    assert process.returncode == 0, process.stderr
    assert b": ok: " in process.stdout and b": error: " not in process.stderr, (process.stdout, process.stderr)


@case
def check_as_json(t):
    policy = t.policy('version = 1;\nmode = "enforce";\nrules: ( { name = "x"; wen = { }; action = "drop"; } );\n')
    process = t.run("policy", "check", "--json", policy)
    report = json.loads(process.stdout)
    assert process.returncode == 78 and report["ok"] is False, report
    assert any((item["line"], item["column"]) == (3, 24) and "when" in item["message"] for item in report["diagnostics"]), report


@cases(
    nothing=(),
    unknown_verb=("rplay",),
    no_policy=("replay", "x.pcap"),
    no_capture=("replay", "--policy", STARTER),
    unknown_option=("replay", "x.pcap", "--policy", STARTER, "--loud"),
    flows_out_of_range=("replay", "x.pcap", "--policy", STARTER, "--flows", "1"),
)
def usage(t, arguments):
    fails(t, 64, arguments=arguments, lines=None)


@case
def help_has_examples(t):
    for arguments in (("--help",), ("replay", "--help"), ("policy", "check", "--help"), ("policy", "explain", "--help")):
        process = t.run(*arguments)
        assert process.returncode == 0 and b"Usage" in process.stdout, arguments
    assert b"Examples:" in t.run("--help").stdout
    assert t.run("--version").stdout.startswith(b"minerwall ")


@case
def output_that_cannot_be_written(t):
    path = t.write("x.pcap", GOOD)
    fails(t, 1, "out.pcap", arguments=replay(path, STARTER, "--write", "/nowhere/out.pcap"))


@case
def full_flow_table_forwards(t):
    """Fail-open as declared: a flow that finds no room passes and is counted, a known one stays blocked."""
    miner = t.tcp()
    miner.client(SUBSCRIBE)
    for number in range(300):
        t.udp(client=f"10.40.{number // 200}.{number % 200 + 1}").client(b"x")
    miner.segment("client", SUBSCRIBE, flags="PA")
    path = t.write("x.pcap", capture.pcap(t.timed(10**4)))
    process = t.run(*replay(path, STARTER, "--json", "--flows", "64"))
    assert process.returncode == 0, process.stderr
    stats = json.loads(process.stdout.splitlines()[-1])["stats"]
    assert stats["ledger"]["balanced"] and stats["ledger"]["dropped"]["flow_table_full"] == 0, stats
    assert stats["flows"]["table_full"] > 0, stats["flows"]
    assert (
        stats["ledger"]["sent"] + stats["ledger"]["dropped"]["policy_reset"]
        == len(t.frames) + stats["ledger"]["crafted"]
    )
