"""Ordinary users behind the wire must not notice it."""

import hashlib
import os
import random
import subprocess

from harness import RoutedSite, expect, expect_true
from lab.servers import WEB_NAME
from lab.topology import DNS, OFFICE, WEB

BULK_BYTES = 50 << 20


def open_site(program):
    return RoutedSite(program)


def test_http(site):
    expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")


def test_https_by_tls13_and_tls12(site):
    expect(site.scene.fetch(f"https://{WEB_NAME}/", "--tlsv1.3"), "200")
    # With TLS 1.2 the certificate passes in clear and names the pool as well: a certificate is not a server name.
    expect(site.scene.fetch(f"https://{WEB_NAME}/", "--tls-max", "1.2"), "200")


def test_web_over_ipv6(site):
    for scheme in ("http", "https"):
        expect(site.scene.fetch(f"{scheme}://{WEB_NAME}/", "-6", source=OFFICE[1]), "200", scheme)


def test_dns_over_udp_and_tcp(site):
    for extra in ("+notcp", "+tcp", "+noedns", "+bufsize=512"):
        done = site.scene.run(["dig", f"@{DNS[0]}", "+short", "+tries=1", extra, WEB_NAME])
        expect(done.stdout.strip(), WEB[0], extra)
    done = site.scene.run(["dig", f"@{DNS[1]}", "+short", "+tries=1", WEB_NAME, "AAAA"])
    expect(done.stdout.strip(), WEB[1], "AAAA over IPv6")


def test_ping_small_large_and_fragmented(site):
    for address in WEB:
        for size in (0, 56, 1400, 8000):
            done = site.scene.run(
                ["ping", "-n", "-q", "-c", "3", "-i", "0.05", "-W", "2", "-s", str(size), address]
            )
            expect_true(
                " 0% packet loss" in done.stdout, f"{size} bytes to {address}: {done.stdout}{done.stderr}"
            )


def test_path_does_not_shrink_packets(site):
    for address, size in ((WEB[0], 1472), (WEB[1], 1452)):
        done = site.scene.run(
            ["ping", "-n", "-q", "-c", "1", "-W", "2", "-M", "do", "-s", str(size), address]
        )
        expect(done.returncode, 0, f"a full frame to {address} with don't-fragment: {done.stdout}")


def test_bulk_download_is_unharmed(site):
    content = random.Random(1).randbytes(BULK_BYTES)
    (site.lab.directory / "www/bulk").write_bytes(content)
    for source, family in ((OFFICE[0], "-4"), (OFFICE[1], "-6")):
        copy = site.lab.directory / "copy"
        done = site.scene.run(
            [
                "curl",
                "-sS",
                "--max-time",
                "25",
                family,
                "--interface",
                source,
                "-o",
                str(copy),
                f"http://{WEB_NAME}/bulk",
            ]
        )
        expect(done.returncode, 0, f"curl {family}: {done.stderr}")
        expect(hashlib.sha256(copy.read_bytes()).hexdigest(), hashlib.sha256(content).hexdigest(), family)
        os.unlink(copy)


def test_bulk_upload_is_unharmed(site):
    content = random.Random(2).randbytes(20 << 20)
    path = site.lab.directory / "upload"
    path.write_bytes(content)
    done = site.scene.run(
        ["curl", "-sS", "--fail", "--max-time", "25", "-T", str(path), f"http://{WEB_NAME}/upload/copy"]
    )
    expect(done.returncode, 0, done.stderr)
    arrived = (site.lab.directory / "www/upload/copy").read_bytes()
    expect(hashlib.sha256(arrived).hexdigest(), hashlib.sha256(content).hexdigest())


def test_many_connections_at_once(site):
    urls = [f"http://{WEB_NAME}/?{number}" for number in range(200)]
    argv = [
        "curl",
        "-sS",
        "--no-keepalive",
        "-Z",
        "--parallel-max",
        "40",
        "--max-time",
        "20",
        "-w",
        "%{http_code}\n",
    ]
    for url in urls:
        argv += ["-o", "/dev/null", url]
    done = site.scene.run(argv)
    expect(done.stdout.split().count("200"), len(urls), done.stderr)


def test_nothing_of_all_this_was_detected(site):
    alerts = [event for event in site.daemon.events("alert") if event.get("mining", {}).get("dialect")]
    expect(alerts, [], "alerts with a mining dialect")


def test_hosts_that_leave_checksums_to_hardware(site):
    """Checksum offload at the hosts: the frames reach the wire without checksums and must leave with checksums."""
    for namespace, interface in ((site.lab.hosts, "lan0"), (site.lab.internet, "wan0")):
        subprocess.run(
            namespace.command(["ethtool", "-K", interface, "tx", "on"]), capture_output=True, check=True
        )
    try:
        expect(site.scene.fetch(f"http://{WEB_NAME}/"), "200")
        expect(site.scene.fetch(f"https://{WEB_NAME}/", "-6", source=OFFICE[1]), "200")
    finally:
        for namespace, interface in ((site.lab.hosts, "lan0"), (site.lab.internet, "wan0")):
            subprocess.run(
                namespace.command(["ethtool", "-K", interface, "tx", "off"]), capture_output=True, check=True
            )
