#!/usr/bin/python3
"""The demo itself; scripts/demo installs, builds and then runs this."""

import argparse
import json
import os
import signal
import sys
import textwrap
import time

from lab import policies, servers, topology
from lab.daemon import BUILT, METRICS, Daemon, metric_sum
from lab.netns import CommandFailed
from lab.process import NotReady
from lab.scene import Scene
from lab.steps import all_steps

HOSTS = ((topology.OFFICE, "office"), (topology.UNSANCTIONED, "unsanctioned"), (topology.RIG, "mining rig"))
SERVERS = (
    (topology.WEB, "web (nginx, TLS)"),
    (topology.DNS, "DNS (dnsmasq)"),
    (topology.POOL, "mining pool"),
)


def picture():
    """The hosts and their addresses, as three columns."""
    lines = ["", f"   {'hosts':28}{'the wire':22}internet"]
    for number, (host, server) in enumerate(zip(HOSTS, SERVERS)):
        left = f"{host[0][0]:11} {host[1]}"
        middle = "-- [ minerwalld ] --" if number == 1 else ""
        lines.append(f"   {left:28}{middle:22}{server[0][0]:15} {server[1]}")
    lines += ["", "   Three network namespaces of this machine, which are not reachable from outside.", ""]
    return "\n".join(lines)


class Screen:
    """Plain lines; colour only on a terminal."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def mark(self, good):
        return self.paint("ok", "32") if good else self.paint("DIFFERS", "1;31")

    def heading(self, text):
        print("\n" + self.paint(text, "1"), flush=True)


def play(screen, scene):
    """Runs all steps; returns the rows (title, expected, seen)."""
    rows = []
    for number, step in enumerate(all_steps(scene), 1):
        print(f"\n{number:2}. {screen.paint(step.title.strip(), '1')}: {step.why}", flush=True)
        try:
            seen = step.look()
        except Exception as error:  # pylint: disable=broad-except  # a step that fails is a row that differs
            seen = f"{error.__class__.__name__}: {error}"
        print(
            f"    expected  {step.expected}\n    seen      {seen}   {screen.mark(seen == step.expected)}",
            flush=True,
        )
        rows.append((step.title, step.expected, seen))
    return rows


def show_table(screen, rows):
    screen.heading("Result")
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print("  ".join(head.ljust(width) for head, width in zip(("step", "expected", "seen"), widths)))
    print("  ".join("-" * width for width in widths))
    for row in rows:
        print(
            "  ".join(text.ljust(width) for text, width in zip(row, widths))
            + "  "
            + screen.mark(row[1] == row[2])
        )


WORTH_SHOWING = (
    "minerwall_build_info",
    "minerwall_received_packets_total",
    "minerwall_sent_packets_total",
    "minerwall_crafted_packets_total",
    "minerwall_dropped_packets_total",
    "minerwall_verdicts_total",
    "minerwall_detections_total",
)


def show_event(screen, daemon):
    """One complete event of those that the steps have caused."""
    screen.heading(f"An event, as it is in {daemon.events_path}")
    for event in daemon.events("alert"):
        if event["src_ip"] == topology.UNSANCTIONED[0]:
            print(textwrap.indent(json.dumps(event, indent=2), "   "))
            return


def show_metrics(screen, daemon):
    """A few of the metrics, those that are not zero; returns the row for the table."""
    screen.heading(f"Metrics, from http://{METRICS}/metrics in the wire's namespace")
    try:
        text = daemon.metrics()
    except RuntimeError as error:
        return "metrics", "detections counted", str(error)
    for line in text.splitlines():
        if line.split("{")[0].split(" ")[0] in WORTH_SHOWING and not line.endswith(" 0"):
            print("   " + line)
    detections = metric_sum(text, "minerwall_detections_total")
    return (
        "metrics",
        "detections counted",
        "detections counted" if detections else f"minerwall_detections_total {detections}",
    )


def show_ledger(screen, daemon):
    """Stops the daemon and prints its ledger; returns the rows for the table."""
    code = daemon.stop()
    screen.heading("Ledger, printed by minerwalld when it was told to stop")
    print("\n".join("   " + line for line in daemon.process.stdout().splitlines()))
    counters = daemon.ledger()
    if counters is None:
        return [("stop", "exit 0", f"exit {code}"), ("ledger", "balanced", "no stats event")]
    dropped = sum(counters["dropped"].values())
    left = counters["received"] + counters["crafted"] - counters["sent"] - dropped
    return [
        ("stop", "exit 0", f"exit {code}"),
        ("ledger", "balanced", "balanced" if left == 0 else f"{left} packets unaccounted for"),
    ]


def wait_for_visitor(lab, daemon):
    """--keep: says how to get in, and waits for Enter, Ctrl-C or a signal."""
    stratum = servers.POOL_PORTS["stratum"]
    print(
        f"""
Still running. In another terminal, as root:

   ip netns exec {lab.hosts.name} bash      a shell on the hosts' side; there, for example:
      curl --cacert {lab.directory}/ca.pem https://{servers.WEB_NAME}/
      dig {servers.POOL_NAME}
      {servers.ROOT}/tests/tools/miner.py --host {topology.POOL[0]} --port {stratum}
   ip netns exec {lab.wire.name} curl -s {METRICS}/metrics
   tail -f {daemon.events_path}      its events
   {daemon.policy_path}      its policy; edit it, then
   kill -HUP {daemon.process.pid}      and look at {daemon.process.stderr_path}

Press Enter to end it.""",
        flush=True,
    )
    try:
        if not sys.stdin.readline():
            signal.pause()  # no terminal: run until a signal comes
    except (KeyboardInterrupt, SystemExit):
        print()


def demo(options):
    screen = Screen()
    begin = time.monotonic()
    print(picture())
    with topology.RoutedLab() as lab:
        authority = servers.start_web(lab)
        servers.start_dns(lab)
        pool = servers.PoolServer(lab)
        daemon = Daemon(lab, policies.starter(sanctioned=topology.RIG), program=options.daemon)
        screen.heading("minerwalld is in the wire")
        print("\n".join("   " + line for line in daemon.process.stderr().splitlines()))
        rows = play(screen, Scene(lab, daemon, pool, authority))
        show_event(screen, daemon)
        rows.append(show_metrics(screen, daemon))
        if options.keep:
            show_table(screen, rows)
            wait_for_visitor(lab, daemon)
        rows += show_ledger(screen, daemon)
        show_table(screen, rows)
    differing = sum(expected != seen for _, expected, seen in rows)
    print(
        f"\n{len(rows) - differing} of {len(rows)} as expected, in {time.monotonic() - begin:.0f} s."
        f" Metrics were at http://{METRICS}/metrics in the wire's namespace"
        + ("." if options.keep else "; --keep leaves everything running to play with.")
    )
    return 1 if differing else 0


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Shows minerwall block a miner on a real network path."
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave it running to play with, until Enter or Ctrl-C"
    )
    parser.add_argument("--daemon", default=BUILT, help="another minerwalld than build/minerwalld")
    options = parser.parse_args()
    # A terminated demo cleans up like an interrupted one.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        return demo(options)
    except (CommandFailed, NotReady) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
