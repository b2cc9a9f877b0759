"""Clients of the lab: real programs run from the hosts' side, each returning what its user would see."""

import subprocess

from .process import eventually
from .servers import EVE_DIALECTS, PLAIN_PORT, POOL_NAME, WEB_NAME, mine
from .topology import DNS, OFFICE, RIG, UNSANCTIONED


def _first_line(text):
    return text.strip().splitlines()[0] if text.strip() else ""


class Scene:
    """The running lab and the ways to act in it."""

    def __init__(self, lab, daemon, pool, authority):
        self.lab, self.daemon, self.pool, self.authority = lab, daemon, pool, authority

    def run(self, argv, namespace=None):
        command = (namespace or self.lab.hosts).command(argv)
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def fetch(self, url, *extra, source=OFFICE[0]):
        """curl: the HTTP status, or what ended the attempt."""
        done = self.run(
            [
                "curl",
                "-sS",
                "--noproxy",
                "*",
                "--max-time",
                "5",
                "--interface",
                source,
                "--cacert",
                str(self.authority),
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                *extra,
                url,
            ]
        )
        if done.returncode == 0:
            return done.stdout
        return "reset" if "reset by peer" in done.stderr else _first_line(done.stderr)

    def resolve(self, name, kind="A", namespace=None):
        """dig: the address, or the status if there is none."""
        argv = ["dig", f"@{DNS[0]}", "+tries=1", "+time=3", "+noall", "+comments", "+answer", name, kind]
        done = self.run(argv, namespace)
        status = done.stdout.partition("status: ")[2].partition(",")[0]
        answers = [line.split()[-1] for line in done.stdout.splitlines() if line and not line.startswith(";")]
        if status == "NOERROR" and answers:
            return answers[0]
        return status or "no answer"

    def ping(self, address):
        done = self.run(["ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "2", address])
        for line in done.stdout.splitlines():
            if "received" in line:
                return line.split(",")[1].strip() + " of 3"
        return _first_line(done.stderr) or "no answer"

    def cut(self, dialect, host, source, *extra):
        """A miner whose connection must be cut: what it saw, and what the pool reports."""
        code, _ = mine(self.lab, source, dialect, *extra, host=host)
        miner = {0: "miner got work", 2: "miner reset"}.get(code, "miner failed without a reset")
        return f"{miner}, pool received {len(self.pool.requests(peer=source))} requests"

    def allowed(self, dialect):
        code, line = mine(self.lab, RIG[0], dialect)
        count = sum(record["dialect"] == dialect for record in self.pool.requests(peer=RIG[0]))
        if code != 0 or count == 0:
            return f"{line}; pool received {count} requests"
        return "share accepted, pool has the requests"

    def event(self, fits, describe, missing="no event"):
        record = self.daemon.wait_for_event(fits)
        return describe(record) if record else missing

    def sinkhole_event(self):
        return self.event(
            lambda record: record.get("dns", {}).get("rrname") == POOL_NAME
            and record.get("mining", {}).get("rule") == "pool-dns",
            lambda record: f"{record['mining']['rule']}, list {record['mining'].get('list')}",
        )

    def miner_event(self):
        return self.event(
            lambda record: record.get("event_type") == "alert"
            and record.get("src_ip") == UNSANCTIONED[0]
            and record.get("mining", {}).get("dialect") == EVE_DIALECTS["stratum"],
            lambda record: "{attack_id}, risk {risk}, rule {rule}".format(**record["mining"]),
        )

    def harmless_port(self):
        seen = self.fetch(f"http://{WEB_NAME}:{PLAIN_PORT}/")
        return (
            seen
            + ", "
            + self.event(
                lambda record: record.get("dest_port") == PLAIN_PORT
                and record.get("verdict", {}).get("rule") == "mining-port",
                lambda record: f"{record['verdict']['action']} by {record['verdict']['rule']}",
            )
        )

    def pool_fragments(self):
        """Bytes of a blocked client that reached the pool: at most parts of a request, never a whole one."""
        eventually(lambda: len(self.pool.fragments()) > 0, timeout=1)
        return (
            "pool has fragments only"
            if not self.pool.requests(peer=UNSANCTIONED[0])
            else "pool has a request"
        )
