"""Pool names: asked for in DNS, offered in TLS, sent in HTTP; and names that only look like one."""

from harness import RoutedSite, expect, expect_true
from lab.servers import POOL_NAME, WEB_NAME
from lab.topology import DNS, OFFICE, POOL, RIG, WEB


def open_site(program):
    return RoutedSite(program)


def dig(site, *arguments):
    return site.scene.run(["dig", f"@{DNS[0]}", "+tries=1", "+time=2", *arguments]).stdout


def test_pool_name_does_not_resolve(site):
    expect(site.scene.resolve(POOL_NAME, namespace=site.lab.internet), POOL[0], "at the server itself")
    for kind in ("A", "AAAA", "HTTPS", "TXT"):
        expect(site.scene.resolve(POOL_NAME, kind), "NXDOMAIN", kind)


def test_pool_name_in_any_case_and_below(site):
    expect(site.scene.resolve(POOL_NAME.upper()), "NXDOMAIN")
    expect(site.scene.resolve("a.b." + POOL_NAME), "NXDOMAIN")


def test_sinkhole_answer_fits_the_question(site):
    with_edns = dig(site, "+edns=0", "+qid=4711", POOL_NAME)
    expect_true("id: 4711" in with_edns and "EDNS: version: 0" in with_edns, f"EDNS is kept:\n{with_edns}")
    expect_true(f";{POOL_NAME}." in with_edns, f"the question is repeated:\n{with_edns}")
    without = dig(site, "+noedns", POOL_NAME)
    expect_true("EDNS:" not in without and "NXDOMAIN" in without, f"EDNS is not invented:\n{without}")


def test_sinkhole_over_ipv6(site):
    done = site.scene.run(["dig", f"@{DNS[1]}", "+tries=1", "+time=2", POOL_NAME])
    expect_true("NXDOMAIN" in done.stdout, done.stdout)


def test_question_never_reaches_the_server(site):
    log = (site.lab.directory / "dnsmasq.log").read_text("utf-8")
    asked = [
        line
        for line in log.splitlines()
        if "query" in line and "nanopool" in line.lower() and OFFICE[0] in line
    ]
    expect(asked, [])


def test_similar_names_resolve(site):
    for name in ("nanopool.org.example.test", "mynanopool.example.test", "pool.ntp.org.example.test"):
        expect(site.scene.resolve(name), WEB[0], name)


def test_sinkhole_event_explains(site):
    event = site.daemon.wait_for_event(
        lambda event: event["event_type"] == "dns" and event["dns"]["rrname"].lower() == POOL_NAME
    )
    expect_true(event is not None, "no dns event")
    expect(event["src_ip"], OFFICE[0])
    expect(event["dest_port"], 53)
    expect(event["verdict"]["action"], "sinkhole")
    expect(
        (event["mining"]["rule"], event["mining"]["list"], event["mining"]["list_entry"]),
        ("pool-dns", "pool-names", "nanopool.org"),
    )
    expect_true(
        event["mining"]["rule_at"].rpartition(":")[2].isdigit(), f"file:line in {event['mining']['rule_at']}"
    )


def test_tls_server_name_is_reset(site):
    for version in (("--tlsv1.3",), ("--tls-max", "1.2")):
        expect(
            site.scene.fetch(f"https://{POOL_NAME}/", "--resolve", f"{POOL_NAME}:443:{WEB[0]}", *version),
            "reset",
            str(version),
        )
    expect(
        site.scene.fetch(
            f"https://{POOL_NAME}/", "-6", "--resolve", f"{POOL_NAME}:443:[{WEB[1]}]", source=OFFICE[1]
        ),
        "reset",
        "IPv6",
    )


def test_tls_to_the_same_address_with_another_name(site):
    expect(site.scene.fetch(f"https://{WEB_NAME}/", "--resolve", f"{WEB_NAME}:443:{WEB[0]}"), "200")


def test_tls_server_never_sees_the_blocked_name(site):
    log = (site.lab.directory / "nginx-access.log").read_text("utf-8")
    expect("a pool" in log or POOL_NAME in log, False)


def test_http_host_is_reset(site):
    expect(site.scene.fetch(f"http://{POOL_NAME}/", "--resolve", f"{POOL_NAME}:80:{WEB[0]}"), "reset")
    expect(site.scene.fetch(f"http://{WEB_NAME}/", "-H", f"Host: {POOL_NAME}"), "reset", "by header")


def test_name_in_a_path_or_body_is_no_name(site):
    expect(site.scene.fetch(f"http://{WEB_NAME}/?about={POOL_NAME}"), "200")
    expect(
        site.scene.fetch(
            f"http://{WEB_NAME}/", "--data", f"see {POOL_NAME}", "-H", f"Referer: http://{POOL_NAME}/"
        ),
        "405",
    )


def test_sanctioned_host_may_use_the_name(site):
    expect(
        site.scene.fetch(f"https://{POOL_NAME}/", "--resolve", f"{POOL_NAME}:443:{WEB[0]}", source=RIG[0]),
        "200",
    )
    done = site.scene.run(["dig", f"@{DNS[0]}", "-b", RIG[0], "+short", "+tries=1", POOL_NAME])
    expect(done.stdout.split()[:1], [POOL[0]])
