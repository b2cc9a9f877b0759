"""Duino-Coin: a request for a job as a comma-separated line, and the job. Neither line alone proves anything."""

from harness.registry import case, cases

HASHES = b"32d87953f66baea4b3bb3e7fee68e27d6b12692d", b"2924aba17c470d457c3e9310b1fe34d58d32b820"
JOB = b",".join((*HASHES, b"25000")) + b"\n"
SHARE = b"1234567,185000.25,Official PC Miner 4.3,rig-7,,1234\n"
FOUND = {
    "dialect": "duinocoin",
    "recognised_by": "payload",
    "speaker": "pool",
    "method": "JOB",
    "login": "alice",
}


def begin(t, request=b"JOB,alice,LOW,None\n", version=b"3.0\n", **ends):
    c = t.tcp(dport=2813, **ends)
    c.server(version)
    c.client(request)
    return c


@cases(
    pc_miner=b"JOB,alice,LOW,None\n",
    without_line_end=b"JOB,alice,MEDIUM",
    microcontroller=b"JOB,alice,AVR,5b3c\r\n",
    without_difficulty=b"JOB,alice",
)
def job_is_cut(t, request):
    """The miner gets no work."""
    c = begin(t, request)
    (cut,) = c.server(JOB)
    c.client(SHARE)
    t.replay().blocked(c, at=cut, mining=FOUND, app="duinocoin")


@case
def message_of_the_day_first(t):
    c = begin(t, b"MOTD")
    c.server(b"Welcome, miner!\nHave a nice day, and keep mining.\n")
    c.client(b"JOB,alice,LOW,None")
    (cut,) = c.server(JOB)
    t.replay().blocked(c, at=cut, mining=FOUND)


@case
def version_comes_with_the_job(t):
    c = t.tcp(dport=2813)
    c.client(b"JOB,alice,LOW")
    (cut,) = c.server(b"3.0\n" + JOB)
    t.replay().blocked(c, at=cut, mining=FOUND)


@cases(one=1, three=3, forty=40)
def segments_do_not_matter(t, size):
    c = t.tcp()
    c.server(b"3.0\n", size=size)
    c.client(b"JOB,alice,LOW,None\n", size=size)
    c.server(JOB, size=size)
    t.replay().blocked(c, mining=FOUND)


@case
def job_cut_everywhere(t):
    flows = []
    for cut in range(1, 83):
        c = begin(t, client=f"10.30.0.{cut}")
        c.server(JOB, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining=FOUND)


@case
def rule_for_the_dialect(t):
    t.rules('{ name = "duco"; when = { app = "duinocoin"; }; action = "drop"; }')
    c = begin(t)
    (cut,) = c.server(JOB)
    t.replay().blocked(c, at=cut, rule="duco", action="drop", mining=FOUND)


PRINT_JOB = b"JOB,report.pdf,A4,DUPLEX\n"


@cases(
    print_server=(b"3.0\n", PRINT_JOB, b"OK,17\n", b"STATUS,17\n", b"17,printing,3\n"),
    build_server=(b"2.1\n", b"JOB,42,LINUX\n", HASHES[0] + b"\n", b"BUILD\n", b",".join(HASHES) + b"\n"),
    hashes_without_number=(b"", b"JOB,42,LINUX\n", b",".join(HASHES) + b",main\n", b"BUILD\n", b"ok\n"),
    shorter_hashes=(b"3.0\n", b"JOB,42\n", b",".join(part[:32] for part in HASHES) + b",7\n", b"", b""),
    table_of_files=(b"", b"LIST,all\n", JOB * 5, b"", b""),
    table_with_a_header=(b"", b"JOB,EXPORT\n", b"old,new,lines\n" + JOB * 5, b"", b""),
    table_first=(b"", b"", JOB * 5, b"JOB,alice\n", b"ok\n"),
    upload=(b"", b"name,department,number\nJOB,alice,LOW\n" + JOB, b"3 rows\n", b"", b""),
    refused=(b"3.0\n", b"JOB,bob,LOW\n", b"BAD,This user doesn't exist\n", b"", b""),
    login=(b"3.0\n", b"LOGI,alice,secret\n", b"OK\n", b"BALA\n", b"12.5\n"),
    numbers=(b"1.0\n", b"1234567,185000.25,sensor,7\n" * 20, b"GOOD\n", b"", b""),
)
def harmless_lines(t, turns):
    """CSV and command lines of other protocols."""
    c = t.tcp(dport=7000)
    for number, said in enumerate(turns):
        if said:
            c.send("server" if number % 2 == 0 else "client", said)
    c.close()
    t.replay().passed(c)
