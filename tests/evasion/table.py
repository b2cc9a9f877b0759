"""The tables of docs/evasion.md and docs/evasion/: written from results, between two marks in each page."""

import collections

import documented
import trial
from carriers import CARRIERS
from datagrams import DATAGRAM_CARRIERS, DATAGRAM_TECHNIQUES
from encapsulation import KINDS
from packets import IP_TECHNIQUES
from technique import TECHNIQUES

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
LETTERS = {
    trial.BLOCKED: "b",
    trial.NORMALISED: "n",
    trial.REFUSED: "r",
    trial.ALLOWED: "A",
    trial.EVADED: "E",
    trial.BROKEN: "?",
}
KIND_TEXTS = {
    "plain": "Ethernet, IPv4",
    "ipv6": "Ethernet, IPv6",
    "vlan": "one VLAN tag",
    "qinq": "two tags, 0x88a8 and 0x8100",
    "mpls": "an MPLS label",
    "pppoe": "a PPPoE session",
    "gre": "GRE over IPv4",
    "ipip": "IPv4 in IPv4",
    "6in4": "IPv6 in IPv4",
    "vxlan": "VXLAN over IPv4",
}


class Tally:
    """Counts of verdicts by single values and by pairs of values; the cells themselves may be millions."""

    def __init__(self):
        self.total = collections.Counter()
        self.values = collections.defaultdict(collections.Counter)
        self.pairs = collections.defaultdict(collections.Counter)
        self.reasons = collections.Counter()
        self.failures = []

    def add(self, result):
        cell, verdict = result.cell, result.verdict
        self.total[verdict] += 1
        for value in (("kind", cell.kind), ("ip", cell.ip), ("technique", cell.technique), ("carrier", cell.carrier)):
            self.values[value][verdict] += 1
        self.pairs[cell.technique, cell.carrier][verdict] += 1
        self.pairs[cell.kind, cell.ip][verdict] += 1
        if verdict == trial.ALLOWED:
            self.reasons[result.reason] += 1
        if verdict in (trial.EVADED, trial.BROKEN):
            self.failures.append(f"{cell}: {verdict} {result.reason}".rstrip())

    def letters(self, first, second):
        found = self.pairs.get((first, second))
        return "".join(LETTERS[verdict] for verdict in LETTERS if found and found[verdict]) or "·"


def _values(tally, group, texts):
    yield "| value | what it is | cells | blocked | normalised | refused | allowed | evaded |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for name, text in texts.items():
        found = tally.values[group, name]
        counts = [found[verdict] for verdict in (trial.BLOCKED, trial.NORMALISED, trial.REFUSED, trial.ALLOWED)]
        bad = found[trial.EVADED] + found[trial.BROKEN]
        yield f"| {name} | {text} | {sum(found.values())} | {' | '.join(map(str, [*counts, bad]))} |"


def _grid(tally, rows, columns):
    yield "| |" + "|".join(f" {column} " for column in columns) + "|"
    yield "|---|" + "---|" * len(columns)
    for row in rows:
        yield f"| {row} |" + "|".join(f" {tally.letters(row, column)} " for column in columns) + "|"


def summary(tally, command):
    """All cells by verdict, and the reasons for the allowed ones."""
    yield f"Made by `{command}`: {sum(tally.total.values()):,} cells."
    yield ""
    yield "| verdict | letter | cells |"
    yield "|---|---|--:|"
    for verdict, letter in LETTERS.items():
        yield f"| {verdict} | {letter} | {tally.total[verdict]:,} |"
    yield ""
    yield "### Allowed, with the reason"
    yield ""
    if not documented.ALLOWED:
        yield "None."
    for one in documented.ALLOWED:
        where = "/".join(",".join(values) or "*" for values in (one.kinds, one.ips, one.techniques, one.carriers))
        yield f"- `{where}` ({tally.reasons[one.reason]} cells): {one.reason}"


def values(tally):
    """A section for each dimension."""
    sections = (
        ("Encapsulation", "kind", KIND_TEXTS),
        ("IP techniques", "ip", {name: one.text for name, one in IP_TECHNIQUES.items()}),
        ("TCP techniques", "technique", {name: one.text for name, one in TECHNIQUES.items()}),
        ("UDP techniques", "technique", {name: one.text for name, one in DATAGRAM_TECHNIQUES.items()}),
        ("Carriers over TCP", "carrier", {name: one.text for name, one in CARRIERS.items()}),
        ("Carriers over UDP", "carrier", {name: one.text for name, one in DATAGRAM_CARRIERS.items()}),
    )
    for title, group, texts in sections:
        yield from (f"## {title}", "", *_values(tally, group, texts), "")


def pairs(tally):
    """A section for each pair of dimensions."""
    yield from ("## Encapsulation by IP technique", "", *_grid(tally, IP_TECHNIQUES, KINDS), "")
    yield from ("## TCP technique by carrier", "", *_grid(tally, TECHNIQUES, CARRIERS), "")
    yield from ("## UDP technique by carrier", "", *_grid(tally, DATAGRAM_TECHNIQUES, DATAGRAM_CARRIERS))


def _replace(path, lines):
    """Replaces the text between the marks of a page."""
    page = path.read_text("utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    text = "\n".join(lines).strip("\n")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def write(docs, tally, command):
    """Writes the results into the pages of the folder docs."""
    _replace(docs / "evasion.md", summary(tally, command))
    _replace(docs / "evasion/values.md", values(tally))
    _replace(docs / "evasion/pairs.md", pairs(tally))
