"""The harness itself: its frames are what they claim to be, and its oracle notices faults."""

from harness import capture, dns, packet
from harness.messages import SUBSCRIBE
from harness.registry import case, cases
from harness.replay import DAY, START, STEPS
from harness.result import Result


@case
def frames_are_as_scapy_makes_them(t):
    """Lengths and checksums of our frames survive scapy's own calculation."""
    from scapy.all import IP, TCP, UDP, Ether, IPv6, Raw  # pylint: disable=import-outside-toplevel

    for v6 in (False, True):
        c = t.tcp(v6=v6, vlan=(5,))
        c.client(b"odd")
        c.segment("client", b"even", flags="FPA", options=bytes.fromhex("0101080a0000000100000002"))
        t.udp(v6=v6).client(b"datagram")
    for frame in t.frames:
        again = Ether(frame.data)
        assert again.haslayer(TCP) or again.haslayer(UDP), frame.data.hex()
        for layer, fields in (
            (IP, ("len", "chksum")),
            (IPv6, ("plen",)),
            (TCP, ("chksum", "dataofs")),
            (UDP, ("len", "chksum")),
        ):
            if again.haslayer(layer):
                for field in fields:
                    delattr(again[layer], field)
        assert bytes(again) == frame.data, (bytes(again).hex(), frame.data.hex())
        assert not frame.payload or bytes(again[Raw]) == frame.payload
        assert packet.Parsed(frame.data[len(frame.owner.link(frame.sender)) :])


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def reset_index(out):
    """The first reset: an IPv4 frame without tags or options."""
    return next(i for i, (_, data) in enumerate(out) if data[23] == packet.TCP and data[47] & packet.RST)


def change(out, index, data):
    return out[:index] + [(out[index][0], data)] + out[index + 1 :]


@cases(
    frame_is_lost=lambda out: out[1:],
    frame_is_changed=lambda out: change(out, 0, flip(out[0][1], 40)),
    frames_change_places=lambda out: [out[0], (out[1][0], out[2][1]), (out[2][0], out[1][1]), *out[3:]],
    frame_leaves_twice=lambda out: [out[0], out[0], *out[1:]],
    frame_is_made_up=lambda out: [*out, (out[-1][0], bytes(60))],
    reset_is_missing=lambda out: out[: reset_index(out)] + out[reset_index(out) + 1 :],
    reset_has_a_wrong_sequence_number=lambda out: change(out, reset_index(out), flip(out[reset_index(out)][1], 41)),
    reset_has_a_wrong_checksum=lambda out: change(out, reset_index(out), flip(out[reset_index(out)][1], 50)),
    request_passes=lambda out: [*out, (out[-1][0], None)],
)
def oracle_notices_that(t, tamper):
    """A frame that a broken appliance would let out fails the case."""
    c = t.tcp()
    (cut,) = c.client(SUBSCRIBE, acked=False)
    t.udp().client(b"hello")
    honest = t.replay(by_itself=True)
    honest.blocked(c, at=cut)

    out = capture.read(t.directory / "out.pcap")
    tampered = [(time, data or cut.data) for time, data in tamper(out)]
    captures = [
        (o.variant, t.directory / f"{o.variant}.pcap", t.timed(step, begin)) for o, step, begin in timings(t, honest)
    ]
    result = Result(t, honest.process, captures, tampered)
    try:
        result.blocked(c, at=cut)
        result.finish()
    except (AssertionError, ValueError):
        return
    raise AssertionError("the harness saw nothing wrong")


def timings(t, result):
    """The clock of each outcome, as Test.replay() chose it."""
    begin = START
    for outcome in result.outcomes:
        yield outcome, STEPS[outcome.variant], begin
        begin = t.timed(STEPS[outcome.variant], begin)[-1][0] + DAY


@case
def oracle_knows_a_wrong_dns_answer(t):
    asked = dns.query("nanopool.org", opt=dns.edns())
    right = dns.response("nanopool.org", data=b"", rcode=3, opt=dns.edns())
    assert dns.check_answer(right, asked, "NXDOMAIN", (), 60) is None
    for wrong in (
        dns.response("nanopool.org", data=b"", rcode=3),
        dns.response("nanopool.ORG", data=b"", rcode=3, opt=dns.edns()),
        dns.response("nanopool.org", data=b"", rcode=0, opt=dns.edns()),
        dns.response("nanopool.org", rcode=3, opt=dns.edns()),
        dns.query("nanopool.org", opt=dns.edns()),
    ):
        assert dns.check_answer(wrong, asked, "NXDOMAIN", (), 60) is not None, wrong.hex()
    t.raw(asked)
    t.replay()
