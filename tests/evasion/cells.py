"""A cell of the matrix: the encapsulation, the IP technique, how the bytes are cut, and the carrier."""

import dataclasses

# Each import fills a register: techniques and carriers come in the order of these files.
import segments  # noqa: F401  pylint: disable=unused-import
import decoys  # noqa: F401  pylint: disable=unused-import,wrong-import-order
import opening  # noqa: F401  pylint: disable=unused-import,wrong-import-order
import closing  # noqa: F401  pylint: disable=unused-import,wrong-import-order
import belief  # noqa: F401  pylint: disable=unused-import,wrong-import-order
from carriers import CARRIERS
from datagrams import DATAGRAM_CARRIERS, DATAGRAM_TECHNIQUES
from encapsulation import KINDS
from packets import IP_TECHNIQUES
from peer import SEGMENT
from technique import TECHNIQUES


@dataclasses.dataclass(frozen=True)
class Cell:
    kind: str  # encapsulation
    ip: str
    technique: str
    carrier: str

    def __str__(self):
        return f"{self.kind}/{self.ip}/{self.technique}/{self.carrier}"

    @property
    def stream(self):
        return self.carrier in CARRIERS

    @staticmethod
    def parse(text):
        cell = Cell(*text.split("/"))
        if not possible(cell):
            raise ValueError(f"{text}: these do not go together")
        return cell


def possible(cell):
    """Whether these values can occur together."""
    v4, how = KINDS[cell.kind], IP_TECHNIQUES[cell.ip]
    if not (how.v4 if v4 else how.v6):
        return False
    if not cell.stream:
        carrier = DATAGRAM_CARRIERS[cell.carrier]
        if cell.technique == "udp-no-checksum" and not v4:
            return False  # IPv6 has no UDP datagrams without a checksum (RFC 8200, 8.1)
        return cell.ip != "ext-long" or max(map(len, carrier.datagrams)) < SEGMENT
    technique, carrier = TECHNIQUES[cell.technique], CARRIERS[cell.carrier]
    if technique.first and (carrier.dialogue or len(carrier.message) > SEGMENT):
        return False
    if technique.name == "decoy-ip-checksum" and not v4:
        return False
    return carrier.lines or not technique.lead


def stream_dimensions():
    return list(KINDS), list(IP_TECHNIQUES), list(TECHNIQUES), list(CARRIERS)


def datagram_dimensions():
    return list(KINDS), list(IP_TECHNIQUES), list(DATAGRAM_TECHNIQUES), list(DATAGRAM_CARRIERS)


def product(dimensions):
    kinds, ips, techniques, carriers = dimensions
    for carrier in carriers:
        for technique in techniques:
            for kind in kinds:
                for how in ips:
                    cell = Cell(kind, how, technique, carrier)
                    if possible(cell):
                        yield cell


def singles(dimensions):
    """Each value once, over IPv4 or, if that is not possible, IPv6, with plain values for all others."""
    kinds, ips, techniques, carriers = dimensions
    found = {}
    for kind in kinds:
        for base in ("plain", "ipv6"):
            for cell in (
                Cell(kind, "none", techniques[0], carriers[0]),
                *(Cell(base, how, techniques[0], carriers[0]) for how in ips),
                *(Cell(base, "none", technique, carriers[0]) for technique in techniques),
                *(Cell(base, "none", techniques[0], carrier) for carrier in carriers),
            ):
                if possible(cell):
                    found[cell] = None
    return list(found)
