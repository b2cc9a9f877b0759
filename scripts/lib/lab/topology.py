"""The two networks of the lab.

Routed: hosts on one side, servers on the other, each with addresses, as an organisation has them.

    mw-<pid>-hosts             mw-<pid>-wire                mw-<pid>-internet
    lan0  10.77.0.10   <--->  inside [minerwalld] outside  <--->  wan0  10.77.0.1, 198.51.100.x
          10.77.0.66, .99      no addresses                             2001:db8:77::x

Bare: the same three namespaces, but no interface has an address and every kernel is silent, so that the frames on the wire
are exactly those which a test put there.
"""

import pathlib
import shutil
import tempfile

from . import netns
from .process import Process

OFFICE = ("10.77.0.10", "fd77::10")
UNSANCTIONED = ("10.77.0.66", "fd77::66")
RIG = ("10.77.0.99", "fd77::99")
GATEWAY = ("10.77.0.1", "fd77::1")

# 198.51.100.0/24 and 2001:db8::/32 are for documentation (RFC 5737, RFC 3849): they are not routed.
DNS = ("198.51.100.53", "2001:db8:77::53")
WEB = ("198.51.100.80", "2001:db8:77::80")
POOL = ("198.51.100.200", "2001:db8:77::200")


class Lab:
    """Three namespaces in a row with a working directory; close() ends everything in it."""

    def __init__(self, mtu=1500):
        netns.remove_leftovers()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="minerwall-lab-"))
        self.directory.chmod(0o755)  # servers that drop privileges read from here
        self.processes = []
        self.namespaces = []
        try:
            self.hosts = self._namespace("hosts")
            self.wire = self._namespace("wire")
            self.internet = self._namespace("internet")
            netns.silence(self.wire)
            self._connect(mtu)
        except BaseException:
            self.close()
            raise

    def _connect(self, mtu):
        raise NotImplementedError

    def _namespace(self, role):
        namespace = netns.Namespace(role)
        self.namespaces.append(namespace)
        return namespace

    def start(self, name, argv, namespace, **options):
        process = Process(name, namespace.command(argv), self.directory, **options)
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        for namespace in self.namespaces:
            namespace.delete()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class RoutedLab(Lab):
    def _connect(self, mtu):
        netns.connect(self.hosts, "lan0", self.wire, "inside", mtu)
        netns.connect(self.internet, "wan0", self.wire, "outside", mtu)
        for ipv4, ipv6 in (OFFICE, UNSANCTIONED, RIG):
            self._address(self.hosts, "lan0", ipv4 + "/24", ipv6 + "/64")
        self._address(self.internet, "wan0", GATEWAY[0] + "/24", GATEWAY[1] + "/64")
        for ipv4, ipv6 in (DNS, WEB, POOL):
            self._address(self.internet, "wan0", ipv4 + "/32", ipv6 + "/128")
        # A client that does not choose its source address is the office host.
        self.hosts.ip("route", "add", "default", "via", GATEWAY[0], "src", OFFICE[0])
        self.hosts.ip("-6", "route", "add", "default", "via", GATEWAY[1], "src", OFFICE[1])
        self.hosts.use_resolver(DNS[0])

    @staticmethod
    def _address(namespace, interface, ipv4, ipv6):
        namespace.ip("address", "add", ipv4, "dev", interface)
        namespace.ip("-6", "address", "add", ipv6, "dev", interface, "nodad")


class BareLab(Lab):
    def _connect(self, mtu):
        netns.silence(self.hosts)
        netns.silence(self.internet)
        netns.connect(self.hosts, "lan0", self.wire, "inside", mtu)
        netns.connect(self.internet, "wan0", self.wire, "outside", mtu)
