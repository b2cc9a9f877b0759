"""The Prometheus endpoint: well-formed, complete, and in agreement with the ledger."""

import re
import shutil
import subprocess
import time

from harness import RoutedSite, Skip, expect, expect_true
from lab.daemon import METRICS, metric_sum
from lab.servers import EVE_DIALECTS, WEB_NAME
from lab.topology import UNSANCTIONED


def open_site(program):
    return RoutedSite(program)


def test_promtool_accepts_it(site):
    site.scene.fetch(f"http://{WEB_NAME}/")
    site.mine(UNSANCTIONED[0], "stratum")
    if not shutil.which("promtool"):
        raise Skip("promtool is not installed (package prometheus)")
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=site.daemon.metrics(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    expect((done.returncode, done.stdout + done.stderr), (0, ""))


def test_names_have_our_prefix_and_help(site):
    text = site.daemon.metrics()
    names = {
        line.split("{")[0].split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")
    }
    own = {name for name in names if not name.startswith("exposer_")}  # the Prometheus client's own
    expect({name for name in own if not name.startswith("minerwall_")}, set())
    for wanted in (
        "minerwall_build_info",
        "minerwall_received_packets_total",
        "minerwall_sent_packets_total",
        "minerwall_dropped_packets_total",
        "minerwall_detections_total",
        "minerwall_policy_version",
    ):
        expect_true(wanted in own, wanted)
        expect_true(f"# HELP {wanted} " in text, f"help for {wanted}")


def test_labels_hold_no_address_and_no_name(site):
    labels = " ".join(re.findall(r"\{([^}]*)\}", site.daemon.metrics()))
    expect(re.findall(r"\d+\.\d+\.\d+\.\d+", labels), [])
    expect_true("nanopool" not in labels and "example.test" not in labels, "names in labels")


def test_ledger_balances_in_a_scrape(site):
    time.sleep(0.5)  # let traffic end: a scrape may otherwise fall between two counters of a packet
    text = site.daemon.metrics()
    received = metric_sum(text, "minerwall_received_packets_total")
    crafted = metric_sum(text, "minerwall_crafted_packets_total")
    sent = metric_sum(text, "minerwall_sent_packets_total")
    dropped = metric_sum(text, "minerwall_dropped_packets_total")
    expect_true(
        received > 20 and crafted >= 2 and dropped >= 1,
        f"{received} received, {crafted} crafted, {dropped} dropped",
    )
    expect(received + crafted, sent + dropped)


def test_detection_is_counted_by_dialect(site):
    expect_true(
        metric_sum(site.daemon.metrics(), "minerwall_detections_total", dialect=EVE_DIALECTS["stratum"]) >= 1,
        "Stratum detections",
    )


def test_listens_on_loopback_only(site):
    done = subprocess.run(site.lab.wire.command(["ss", "-Hltn"]), capture_output=True, text=True, check=True)
    expect([line.split()[3] for line in done.stdout.splitlines()], [METRICS])


def test_two_hundred_scrapes_do_not_disturb_the_wire(site):
    argv = [
        "curl",
        "-sS",
        "--fail",
        "-o",
        "/dev/null",
        "-Z",
        "--parallel-max",
        "20",
        f"http://{METRICS}/metrics?[1-200]",
    ]
    with subprocess.Popen(
        site.lab.wire.command(argv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as scrapes:
        for _ in range(20):
            expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")
        scrapes.wait(30)
