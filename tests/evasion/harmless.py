"""The other half of the proof: harmless traffic arrives, however it is cut, ordered, fragmented and wrapped.

An appliance that drops all unusual packets would pass the matrix. Here every technique that does not contradict itself
carries something harmless, and the application must receive it. A technique that sends two versions of the same bytes
does not say which one it means, so its connection may stop.
"""

import trial
from carriers import CARRIERS, Carrier
from cells import Cell, possible
from encapsulation import KINDS
from harness import dns, messages, tls
from packets import IP_TECHNIQUES
from receiver import DNS, LINES, TLS, WEB
from technique import TECHNIQUES

NAME = "eu1.stratum.rig-0017.www.example.test"


def _carriers():
    said = {
        "harmless-rpc": (messages.line("eth_getBalance", ["0x" + "5c" * 20, "latest"], jsonrpc="2.0"), LINES, True),
        "harmless-web": (messages.http_request(method="GET", host=NAME, headers=("Accept: */*",)), WEB, False),
        "harmless-tls": (tls.hello(NAME), TLS, False),
        "harmless-dns": (tls.sized(dns.query(NAME)), DNS, False),
    }
    for name, (message, port, lines) in said.items():
        yield Carrier(name, "harmless", message, lambda data, message=message: message in data, port, lines=lines)


def cells():
    """Every technique with every harmless carrier, plainly wrapped; every IP technique in every encapsulation."""
    names = [name for name in CARRIERS if name.startswith("harmless")]
    found = [Cell("plain", "none", name, carrier) for name in TECHNIQUES for carrier in names]
    for place, kind in enumerate(KINDS):
        for step, how in enumerate(IP_TECHNIQUES):
            for technique in ("halves", "reversed"):
                found.append(Cell(kind, how, technique, names[(place + step) % len(names)]))
    return [
        cell
        for cell in found
        if possible(cell)
        and not TECHNIQUES[cell.technique].contradicts
        and not IP_TECHNIQUES[cell.ip].contradicts
        and not cell.technique.startswith("cut-")
    ]


def run(program, workers=1):
    """Prints what did not arrive; returns (passed, failed)."""
    CARRIERS.update((carrier.name, carrier) for carrier in _carriers())
    try:
        results, faults = trial.trial(program, cells(), lambda cell: "harmless", workers)
    finally:
        for carrier in _carriers():
            del CARRIERS[carrier.name]
    # The verdicts are those of the evasion matrix: "allowed" is the right one here.
    bad = [one for one in results if one.verdict not in (trial.ALLOWED, trial.REFUSED)]
    for one in bad:
        print(f"FAIL  harmless {one.cell}: did not arrive: {one.verdict} {one.outcome.note}")
    refused = sum(one.verdict == trial.REFUSED for one in results)
    good = f"{len(results) - len(bad) - refused} arrived, {refused} refused by Linux itself"
    print(f"{'FAIL ' if bad else 'ok   '} harmless: {good}")
    for fault in faults:
        print(f"FAIL  daemon: {fault}")
    return len(results) - len(bad), len(bad) + len(faults)
