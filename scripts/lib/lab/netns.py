"""Network namespaces, veth pairs between them, and sockets inside them.

Every namespace is named mw-<pid>-<role>. So two runs never use the same one, and a namespace that a killed run left
behind can be told from one in use. Addresses exist only inside these namespaces.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import subprocess

NETNS_DIR = pathlib.Path("/run/netns")
RESOLV_DIR = pathlib.Path("/etc/netns")  # "ip netns exec NAME" mounts RESOLV_DIR/NAME/* over /etc
CLONE_NEWNET = 0x40000000

# Offloads let a kernel hand over frames that never were on a wire: super-frames from segmentation and receive
# offloads, packets without checksums, and VLAN tags kept beside the frame.
OFFLOADS = "rx tx sg tso ufo gso gro lro txvlan rxvlan"

_libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(RuntimeError):
    """A set-up command returned an error; its output is the message."""


def run(argv, timeout=20):
    """Runs a set-up command and returns its output. A failure raises CommandFailed with the command's own output."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode != 0:
        raise CommandFailed(
            f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip() or done.returncode}"
        )
    return done.stdout


class Namespace:
    """One network namespace: the constructor makes it, delete() removes it."""

    def __init__(self, role):
        self.name = f"mw-{os.getpid()}-{role}"
        run(["ip", "netns", "add", self.name])
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        return run(["ip", "-n", self.name, *arguments])

    def command(self, argv):
        """The same command line, run inside this namespace."""
        return ["ip", "netns", "exec", self.name, *argv]

    def sysctl(self, key, value):
        run(self.command(["sysctl", "-q", "-w", f"{key}={value}"]))

    def use_resolver(self, address):
        """Programs run by command() resolve names at this server."""
        directory = RESOLV_DIR / self.name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "resolv.conf").write_text(
            f"nameserver {address}\noptions timeout:2 attempts:1\n", encoding="ascii"
        )

    @contextlib.contextmanager
    def entered(self):
        """Sockets that this thread opens inside the block belong to this namespace for their whole life."""
        with open("/proc/self/ns/net", "rb") as home, open(NETNS_DIR / self.name, "rb") as target:
            _setns(target.fileno())
            try:
                yield
            finally:
                _setns(home.fileno())

    def delete(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)
        shutil.rmtree(RESOLV_DIR / self.name, ignore_errors=True)


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


def connect(left, left_name, right, right_name, mtu=1500):
    """A cable: a veth pair with one end in each namespace, without offloads at both ends."""
    run(
        [
            "ip",
            "-n",
            left.name,
            "link",
            "add",
            left_name,
            "mtu",
            str(mtu),
            "type",
            "veth",
            "peer",
            "name",
            right_name,
            "mtu",
            str(mtu),
            "netns",
            right.name,
        ]
    )
    for namespace, interface in ((left, left_name), (right, right_name)):
        switch_offloads_off(namespace, interface)
        namespace.ip("link", "set", interface, "up")


def switch_offloads_off(namespace, interface):
    """After this, the interface sends and receives exactly the frames on the wire."""
    for feature in OFFLOADS.split():
        # One feature at a time: a kernel that does not know one of them refuses the whole list. A feature that cannot
        # be changed is off already or does not exist for this device.
        argv = namespace.command(["ethtool", "-K", interface, feature, "off"])
        subprocess.run(argv, capture_output=True, check=False)


def silence(namespace):
    """Keeps this namespace's kernel silent on interfaces that are made later: no IPv6, no neighbours."""
    for scope in ("all", "default"):
        namespace.sysctl(f"net.ipv6.conf.{scope}.disable_ipv6", 1)


def remove_leftovers():
    """Deletes namespaces of killed runs: the name is ours, and the process is gone."""
    if not NETNS_DIR.is_dir():
        return
    for path in NETNS_DIR.iterdir():
        match = re.fullmatch(r"mw-(\d+)-[a-z]+", path.name)
        if match and not os.path.exists(f"/proc/{match.group(1)}"):
            subprocess.run(["ip", "netns", "del", path.name], capture_output=True, check=False)
            shutil.rmtree(RESOLV_DIR / path.name, ignore_errors=True)
