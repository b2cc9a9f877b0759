"""Documented cells that pass: cells that are allowed, each with the reason that docs/evasion.md gives.

A cell whose message passes the appliance and which fits none of these is a failure. Keep the list short: an entry
must say why no appliance in the middle could know better, or which later work closes it.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Allowed:
    reason: str
    kinds: tuple = ()  # an empty tuple means any
    ips: tuple = ()
    techniques: tuple = ()
    carriers: tuple = ()

    def covers(self, cell):
        pairs = (
            (self.kinds, cell.kind),
            (self.ips, cell.ip),
            (self.techniques, cell.technique),
            (self.carriers, cell.carrier),
        )
        return all(not wanted or value in wanted for wanted, value in pairs)


MID_STREAM = (
    "mid-stream",
    "mid-stream-one-byte",
    "mid-stream-reversed",
    "mid-stream-decoy",
    "mid-stream-keep-alive",
)

ALLOWED = (
    Allowed(
        "encrypted Stratum V2 and P2Pool are recognised by their handshakes. Without these, their bytes look as random as"
        " those of any encrypted protocol. Names, DNS answers and addresses can still show the pool",
        techniques=MID_STREAM,
        carriers=("stratum2", "p2pool"),
    ),
    Allowed(
        "a share of Duino-Coin is a comma-separated line as any program may send it. Only the request for a job and the"
        " job show it. Names, DNS answers and addresses can still show the pool",
        techniques=MID_STREAM,
        carriers=("duinocoin",),
    ),
    Allowed(
        "without the handshake before it, a SOCKS request or a masked WebSocket frame is a few bytes that look random."
        " In a connection that was joined midway, only the line behind them can show mining",
        techniques=MID_STREAM,
        carriers=("socks5-name", "socks5-early", "websocket", "websocket-fragments", "websocket-stratum", "stratum2-plain"),
    ),
)


def reason_for(cell):
    """The documented reason why this cell passes, or None."""
    return next((one.reason for one in ALLOWED if one.covers(cell)), None)
