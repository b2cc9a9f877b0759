"""Real servers on the internet side of the lab: nginx with TLS, dnsmasq, and our pool."""

import json
import pathlib
import socket
import subprocess

from . import netns
from .process import NotReady, eventually
from .topology import DNS, POOL, WEB

ROOT = pathlib.Path(__file__).resolve().parents[3]
WEB_NAME = "www.example.test"
POOL_NAME = "xmr-eu1.nanopool.org"  # in policies/lists; here it leads to the lab's own server
PLAIN_PORT = 3333  # a harmless web page on a port that miners use
POOL_PORTS = {"stratum": 41003, "cryptonote": 41004, "ethproxy": 41005}
EVE_DIALECTS = {"stratum": "stratum-v1", "cryptonote": "cryptonote", "ethproxy": "ethproxy"}
EAGER_PORTS = {"stratum": 41013, "cryptonote": 41014, "ethproxy": 41015}


def make_certificates(directory):
    """A certificate authority and one server certificate for all names; returns the authority's file."""
    authority, key, request = directory / "ca.pem", directory / "server.key", directory / "server.csr"
    netns.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=minerwall lab authority",
            "-keyout",
            str(directory / "ca.key"),
            "-out",
            str(authority),
        ]
    )
    netns.run(
        [
            "openssl",
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            f"/CN={WEB_NAME}",
            "-keyout",
            str(key),
            "-out",
            str(request),
        ]
    )
    extension = directory / "names.cnf"
    extension.write_text(
        f"subjectAltName=DNS:{WEB_NAME},DNS:*.example.test,DNS:{POOL_NAME}\n", encoding="ascii"
    )
    netns.run(
        [
            "openssl",
            "x509",
            "-req",
            "-in",
            str(request),
            "-CA",
            str(authority),
            "-CAkey",
            str(directory / "ca.key"),
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            str(extension),
            "-out",
            str(directory / "server.pem"),
        ]
    )
    return authority


# Names that say which file is meant are substituted by str.replace(), because nginx has braces of its own.
NGINX_CONF = """
daemon off;
master_process off;
pid @DIR@/nginx.pid;
error_log @DIR@/nginx-error.log warn;
events { worker_connections 512; }
http {
  access_log @DIR@/nginx-access.log;
  client_body_temp_path @DIR@/nginx-body;
  proxy_temp_path @DIR@/nginx-proxy;
  fastcgi_temp_path @DIR@/nginx-fastcgi;
  uwsgi_temp_path @DIR@/nginx-uwsgi;
  scgi_temp_path @DIR@/nginx-scgi;
  client_max_body_size 64m;
  default_type text/plain;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_certificate @DIR@/server.pem;
  ssl_certificate_key @DIR@/server.key;
  server {
    listen 80; listen [::]:80;
    listen 443 ssl; listen [::]:443 ssl;
    listen @PLAIN_PORT@; listen [::]:@PLAIN_PORT@;
    server_name @WEB_NAME@;
    root @DIR@/www;
    location /upload/ { dav_methods PUT; }
  }
  server {
    listen 443 ssl; listen [::]:443 ssl;
    server_name @POOL_NAME@;
    return 200 "a pool's web service\\n";
  }
}
"""


def start_web(lab):
    """nginx for HTTP, HTTPS and a plain page on PLAIN_PORT; files come from lab.directory/www."""
    www = lab.directory / "www"
    (www / "upload").mkdir(parents=True, exist_ok=True)
    (www / "index.html").write_text("hello from the other side of the wire\n", encoding="ascii")
    authority = make_certificates(lab.directory)
    values = {"DIR": lab.directory, "PLAIN_PORT": PLAIN_PORT, "WEB_NAME": WEB_NAME, "POOL_NAME": POOL_NAME}
    text = NGINX_CONF
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    config = lab.directory / "nginx.conf"
    config.write_text(text, encoding="ascii")
    # Until nginx has read its configuration, it logs outside the lab unless an option says otherwise.
    process = lab.start(
        "nginx", ["nginx", "-e", "stderr", "-c", str(config), "-p", str(lab.directory)], lab.internet
    )
    _wait_for_port(lab, process, WEB[0], 443)
    return authority


def start_dns(lab):
    """dnsmasq, which knows only the names of the web server and of the pool."""
    argv = [
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-hosts",
        "--no-resolv",
        "--user=root",
        "--bind-interfaces",
        "--except-interface=lo",
        f"--listen-address={DNS[0]},{DNS[1]}",
        f"--pid-file={lab.directory}/dnsmasq.pid",
        f"--log-facility={lab.directory}/dnsmasq.log",
        "--log-queries",
    ]
    for name, (ipv4, ipv6) in (("example.test", WEB), (POOL_NAME, POOL)):
        argv += [f"--address=/{name}/{ipv4}", f"--address=/{name}/{ipv6}"]
    process = lab.start("dnsmasq", argv, lab.internet)
    _wait_for_port(lab, process, DNS[0], 53)


def _wait_for_port(lab, process, address, port):
    def accepts():
        with lab.internet.entered():
            probe = socket.socket()
        with probe:
            probe.settimeout(0.2)
            return not process.running() or probe.connect_ex((address, port)) == 0

    if not eventually(accepts, timeout=10) or not process.running():
        raise NotReady(f"{process.name} does not serve {address}:{port}: {process.stderr()[-2000:]}")


class PoolServer:
    """tests/tools/pool.py in the internet namespace, and what it reports."""

    def __init__(self, lab):
        self.requests_path = lab.directory / "pool-requests.jsonl"
        self.fragments_path = lab.directory / "pool-fragments.jsonl"
        argv = [
            str(ROOT / "tests/tools/pool.py"),
            "--record",
            str(self.requests_path),
            "--fragments",
            str(self.fragments_path),
        ]
        for dialect, port in POOL_PORTS.items():
            argv += ["--listen", f"{dialect}:{port}"]
        for dialect, port in EAGER_PORTS.items():
            argv += ["--listen", f"{dialect}:{port}:eager"]
        self.process = lab.start("pool", argv, lab.internet)
        self.process.wait_for("ready")

    def requests(self, peer=None):
        """Complete requests that reached the pool, all or those of one client address."""
        lines = self.requests_path.read_text("utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        return [record for record in records if peer is None or record["peer"] == peer]

    def fragments(self):
        return [json.loads(line) for line in self.fragments_path.read_text("utf-8").splitlines()]


def mine(lab, source, dialect, *extra, host=POOL[0], port=None, timeout=5.0):
    """Runs tests/tools/miner.py from one of the hosts; returns (exit code, its line)."""
    argv = [
        str(ROOT / "tests/tools/miner.py"),
        "--host",
        host,
        "--port",
        str(port or POOL_PORTS[dialect]),
        "--dialect",
        dialect,
        "--source",
        source,
        "--timeout",
        str(timeout),
        *extra,
    ]
    done = subprocess.run(
        lab.hosts.command(argv), capture_output=True, text=True, timeout=timeout + 20, check=False
    )
    return done.returncode, (done.stdout or done.stderr).strip()
