"""Replays requests to real servers: what one of them takes, minerwall must see. compare.py BUILD RANDOM SEED

A server takes a request if it gives its handler the whole message, or the host's name. Last line: N passed, N failed."""

import json
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import requests
import servers

NUMBER = re.compile(rb'"id":(\d+)')
NAME = re.compile(r"^h([1-9]\d*|0)\.example\.?(?::\d*)?$", re.IGNORECASE)


def play(server, cases):
    for _, data in cases:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=0.4) as one:
                one.sendall(data)
                one.shutdown(socket.SHUT_WR)
                while one.recv(65536):
                    pass
        except OSError:
            pass


def wait_for(server):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{server.name} did not start")


def seen(build, cases):
    frames = b"".join(struct.pack("<I", len(data)) + data for _, data in cases)
    program = [f"{build}/tests/differential/http_differential"]
    done = subprocess.run(program, input=frames, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_explained(data, by_body, by_host):
    """Lenient llhttp (--insecure-http-parser) takes the second of two LFs behind a chunk's size as part of the line's end, the
    others as data. Apache (Unsafe) and evhttp take methods of any bytes; those open no stream of HTTP here."""
    if by_body <= {"llhttp-lenient"} and re.search(rb"[0-9a-f] ?\n\n", data):
        return True
    method = re.split(rb"[ \t]", data.lstrip(b"\r\n \t"), maxsplit=1)[0]
    return by_body | by_host <= {"Apache-unsafe", "evhttp"} and not re.fullmatch(rb"[A-Za-z][A-Za-z0-9_-]*", method)


def main():
    build, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cases = requests.requests(seed, count)
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        all_servers = servers.start(pathlib.Path(build).resolve(), folder)
        try:
            for server in all_servers:
                wait_for(server)
            threads = [threading.Thread(target=play, args=(server, cases)) for server in all_servers]
            for thread in threads:
                thread.start()
            ours = seen(build, cases)
            for thread in threads:
                thread.join()
            time.sleep(0.3)
        finally:
            for server in all_servers:
                server.stop()
    bodies, hosts = {}, {}  # number of the request: names of the servers
    for server in all_servers:
        for host, body in server.taken:
            match = NUMBER.search(body)
            if match and requests.MESSAGE % int(match[1]) in body:
                bodies.setdefault(int(match[1]), set()).add(server.name)
            match = NAME.match(host.strip())
            if match:
                hosts.setdefault(int(match[1]), set()).add(server.name)
        print(f"{server.name}: took {len(server.taken)} requests")
    passed = failed = explained = 0
    for number, (label, data) in enumerate(cases):
        faults = []
        for cut, mine in ours[number].items():
            if number in bodies and not mine["mining"]:
                faults.append(f"message ({cut}), read by {' '.join(sorted(bodies[number]))}")
            if number in hosts and f"h{number}.example" not in mine["names"]:
                faults.append(f"host ({cut}), read by {' '.join(sorted(hosts[number]))}")
        if faults and is_explained(data, bodies.get(number, set()), hosts.get(number, set())):
            explained += 1
            continue
        if not faults:
            passed += number in bodies or number in hosts
            continue
        failed += 1
        if failed <= 60:
            print(f"missed: {label}: {'; '.join(faults)}: {data[:300]!r}")
    print(f"{explained} misses are explained")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
