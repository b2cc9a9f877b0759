"""Policy changes on a running wire: no packet lost, an invalid file changes nothing, running flows are judged again."""

import subprocess
import threading

import catalogue
import frames
from harness import RoutedSite, expect, expect_true
from lab import policies
from lab.daemon import metric_sum
from lab.process import eventually
from lab.servers import POOL_NAME, WEB_NAME, mine
from lab.topology import OFFICE, POOL, RIG, UNSANCTIONED

RELOADS = 25


def open_site(program):
    return RoutedSite(program)


def version(site):
    return metric_sum(site.daemon.metrics(), "minerwall_policy_version")


def load(site, text):
    """Loads a valid policy and waits until it is in force."""
    before = version(site)
    site.daemon.set_policy(text)
    site.daemon.reload()
    expect_true(
        eventually(lambda: version(site) != before, timeout=20), "the policy's version did not change"
    )


def test_reloads_under_traffic_lose_nothing(site):
    """Frames pass without a break while the policy is loaded again and again; each frame must come out."""
    packets = [frame for _, frame in catalogue.repeatable() if frame.startswith(catalogue.ETHER)]
    stop, totals, problems = threading.Event(), [0], []

    def traffic(inside, outside):
        while not stop.is_set() and not problems:
            received = frames.carry(
                inside, outside, packets, ignore=lambda frame: not frame.startswith(catalogue.ETHER)
            )
            totals[0] += len(received)
            if received != packets:
                problems.append(
                    f"{len(received)} of {len(packets)} frames came through, after {totals[0]} good ones"
                )

    with frames.Port(site.lab.hosts, "lan0") as inside, frames.Port(site.lab.internet, "wan0") as outside:
        outside.drain(0.1)
        thread = threading.Thread(target=traffic, args=(inside, outside))
        thread.start()
        try:
            for number in range(RELOADS):
                load(site, f"# edition {number}\n" + site.policy)
        finally:
            stop.set()
            thread.join()
    expect(problems, [])
    expect_true(totals[0] > 1000, f"only {totals[0]} frames were under way")


def test_download_goes_on_over_reloads(site):
    (site.lab.directory / "www/slow").write_bytes(bytes(6 << 20))
    argv = [
        "curl",
        "-sS",
        "--fail",
        "--max-time",
        "25",
        "--limit-rate",
        "2M",
        "-o",
        "/dev/null",
        "-w",
        "%{size_download}",
        f"http://{WEB_NAME}/slow",
    ]
    with subprocess.Popen(site.lab.hosts.command(argv), stdout=subprocess.PIPE, text=True) as download:
        count = 0
        while download.poll() is None:
            load(site, f"# while downloading {count}\n" + site.policy)
            count += 1
        expect(download.stdout.read(), str(6 << 20))
    expect_true(count > 1, f"{count} reloads during the download")


def test_invalid_policy_changes_nothing(site):
    before = version(site)
    for broken in (
        "",
        "version = 1; rules: (",
        site.policy.replace('action = "reset"', 'action = "resett"', 1),
        site.policy.replace("@pool-names", "@pool-nmaes"),
        site.policy + "\0",
        '@include "/etc/passwd"\n',
        "version = 99;\n",
    ):
        known = len(site.daemon.process.stderr())
        site.daemon.set_policy(broken)
        site.daemon.reload()
        expect_true(
            eventually(lambda known=known: "error" in site.daemon.process.stderr()[known:], timeout=10),
            f"no error was reported for the policy that begins {broken[:40]!r}",
        )
        expect(version(site), before, "the version in force")
        expect(site.scene.resolve(POOL_NAME), "NXDOMAIN", "the old policy")
        expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")


def test_error_names_file_line_and_expectation(site):
    known = len(site.daemon.process.stderr())
    site.daemon.set_policy(site.policy.replace('action = "observe"', 'action = "watch"'))
    site.daemon.reload()
    line = next(
        number for number, text in enumerate(site.policy.splitlines(), 1) if 'action = "observe"' in text
    )
    expect_true(
        eventually(lambda: f"lab.conf:{line}" in site.daemon.process.stderr()[known:], timeout=10),
        f"no lab.conf:{line} in:\n{site.daemon.process.stderr()[known:]}",
    )


def test_valid_policy_after_invalid_ones(site):
    load(site, site.policy)
    code, line = mine(site.lab, UNSANCTIONED[0], "stratum")
    expect(code, 2, line)


def test_running_session_is_judged_afresh(site):
    """A host that may mine loses its permission while it mines: its next message is cut."""
    argv = [
        str(policies.ROOT / "tests/tools/miner.py"),
        "--host",
        POOL[0],
        "--port",
        "41003",
        "--source",
        RIG[0],
        "--shares",
        "200",
        "--interval",
        "0.1",
        "--timeout",
        "20",
    ]
    with subprocess.Popen(site.lab.hosts.command(argv), stdout=subprocess.PIPE, text=True) as miner:
        try:
            expect_true(eventually(lambda: len(site.pool.requests(peer=RIG[0])) > 5), "the rig is mining")
            load(site, policies.starter())
            expect(miner.wait(10), 2, "the miner's exit code")
            expect_true("reset" in miner.stdout.read(), "the miner saw a reset")
        finally:
            miner.kill()
    count = len(site.pool.requests(peer=RIG[0]))
    code, line = mine(site.lab, RIG[0], "stratum")
    expect(code, 2, line)
    expect(len(site.pool.requests(peer=RIG[0])), count, "requests at the pool")


def test_new_list_entry_takes_effect(site):
    expect(site.scene.resolve("new-pool.example.test"), "198.51.100.80")
    text = site.policy.replace(
        'files = [ "lists/pools.domains" ];',
        'files = [ "lists/pools.domains" ]; values = [ "new-pool.example.test" ];',
    )
    load(site, text)
    expect(site.scene.resolve("new-pool.example.test"), "NXDOMAIN")
    expect(site.scene.resolve("other.example.test"), "198.51.100.80")


def test_observe_mode_blocks_nothing_and_reports(site):
    load(site, site.policy.replace('mode = "enforce"', 'mode = "observe"', 1))
    expect(site.scene.resolve(POOL_NAME), POOL[0])
    code, line = mine(site.lab, OFFICE[0], "cryptonote")
    expect(code, 0, line)
    event = site.daemon.wait_for_event(
        lambda event: event["event_type"] == "alert"
        and event["src_ip"] == OFFICE[0]
        and event.get("mining", {}).get("dialect") == "cryptonote"
    )
    expect_true(event is not None, "no alert")
    expect(event["alert"]["action"], "allowed")
    load(site, site.policy)
    expect(site.scene.resolve(POOL_NAME), "NXDOMAIN")
