"""The expectations of a case, each on one outcome."""

import ipaddress
import json
import re

from . import packet
from .conversation import CLIENT, SERVER, Tcp, other
from .dns import check_answer
from .messages import is_mining_request

RISK = 84
LEARNED = ("from", "name", "address", "port")


def matches(seen, expected):
    """Whether a value is as expected; a compiled pattern must match all of it, a function must agree."""
    if isinstance(expected, re.Pattern):
        return isinstance(seen, str) and expected.fullmatch(seen) is not None
    return expected(seen) if callable(expected) else seen == expected


def check_members(outcome, where, seen, expected):
    for key, value in expected.items():
        outcome.check(
            matches(seen.get(key), value), f"{where}.{key} is {seen.get(key)!r}, expected {value!r} in {seen}"
        )


def events_about(events, conversation):
    """The events of a conversation, by its addresses, ports and protocol, from the client's side."""
    proto = "TCP" if conversation.protocol == packet.TCP else "UDP"
    wanted = (
        proto,
        ipaddress.ip_address(conversation.address[CLIENT]),
        conversation.port[CLIENT],
        ipaddress.ip_address(conversation.address[SERVER]),
        conversation.port[SERVER],
    )
    return [
        event
        for event in events
        if wanted
        == (
            event["proto"],
            ipaddress.ip_address(event["src_ip"]),
            event.get("src_port"),
            ipaddress.ip_address(event["dest_ip"]),
            event.get("dest_port"),
        )
        and tuple(event.get("vlan", ())) == conversation.vlan
    ]


def flow_line(outcome, conversation):
    """Its one flow line. The order in which conversations begin tells those apart that use the same ports (one after
    another, or in different tunnels).
    """
    lines = sorted(events_about(outcome.flows, conversation), key=lambda event: event["flow"]["start"])
    before = [
        frame.owner
        for frame in outcome.frames[: conversation.frames[0].index]
        if frame.owner and frame.owner.port == conversation.port and frame.owner.packed == conversation.packed
    ]
    place = len({id(owner) for owner in before if owner.vlan == conversation.vlan})
    outcome.check(len(lines) > place, f"no flow line for {conversation.address} {conversation.port}: {outcome.flows}")
    return lines[place]


def alerts_about(outcome, flow):
    return [event for event in outcome.alerts if event["flow_id"] == flow["flow_id"]]


def check_flow(outcome, conversation, action, rule, mining, would=None, keys=None, app=None):
    flow = flow_line(outcome, conversation)
    if app is not None:
        outcome.check(flow.get("app_proto") == app, f"app_proto {flow.get('app_proto')}, expected {app}: {flow}")
    verdict = flow["verdict"]
    outcome.check(
        (verdict["action"], verdict.get("rule"), verdict.get("would")) == (action, rule, would),
        f"verdict {verdict}, expected {action} by {rule}, would {would}: {json.dumps(flow)}",
    )
    if mining is None:
        outcome.check("mining" not in flow, f"flagged as mining: {json.dumps(flow)}")
    else:
        outcome.check("mining" in flow, f"not recognised as mining: {json.dumps(flow)}")
        check_members(outcome, "mining", flow["mining"], mining)
        check_members(outcome, "mining", flow["mining"], {"attack_id": "T1496"})
    for name, members in (keys or {}).items():
        check_members(outcome, name, flow.get(name, {}), members)
    gone = [frame for frame in conversation.frames if frame.index not in outcome.forwarded]
    told, counted = verdict["dropped_pkts"], sum(frame.counted for frame in gone)
    outcome.check(counted <= told <= len(gone), f"dropped_pkts {told}, but {len(gone)} did not leave")
    return flow


def check_alert(outcome, flow, blocked, rule, mining, risk):
    """At least one alert. The last one says what became of the flow, with rule, place and evidence."""
    alerts = alerts_about(outcome, flow)
    outcome.check(alerts, f"no alert for {json.dumps(flow)}")
    outcome.told.update(id(event) for event in alerts)
    last = alerts[-1]
    outcome.check(
        last["alert"]["action"] == ("blocked" if blocked else "allowed"), f"alert says {last['alert']['action']}"
    )
    outcome.check(
        last["verdict"] == {k: v for k, v in flow["verdict"].items() if k != "dropped_pkts"}, f"{last['verdict']}"
    )
    if rule is not None:
        expected = {"rule": rule, "rule_at": re.compile(r".+\.conf:\d+"), "policy_version": 1, "risk": risk}
        check_members(outcome, "alert mining", last.get("mining", {}), expected)
    if mining is not None:
        members = {"attack_id": "T1496", "stage": re.compile("actions.on.objective"), **mining}
        check_members(outcome, "alert mining", last["mining"], members)
        outcome.check(last["mining"].get("evidence"), f"no evidence: {last}")


def passed(
    outcome,
    conversation,
    action="allow",
    rule=None,
    mining=None,
    would=None,
    risk=RISK,
    keys=None,
    alert=None,
    app=None,
):
    """All of it left, and nothing was sent to either end.

    `alert`: whether the flow is reported; by default if a rule observes it or mining was recognised. `app`: the flow's
    app_proto.
    """
    if would:
        action = "observe"
    flow = check_flow(outcome, conversation, action, rule, mining, would, keys, app)
    if alert is None:
        alert = mining is not None or action == "observe"
    if alert:
        check_alert(outcome, flow, False, rule, mining, risk)
    else:
        outcome.check(not alerts_about(outcome, flow), f"false alarm: {alerts_about(outcome, flow)}")


def blocked(
    outcome,
    conversation,
    at=None,
    action="reset",
    rule="mining-payload",
    mining=None,
    recognised=True,
    risk=RISK,
    keys=None,
    server_alive=True,
    client_told=True,
    app=None,
    before=(),
):
    """From `at` on (a frame; by default where the appliance cut) nothing of it left, and both ends got a reset.

    `recognised`: the flow counts as mining. `server_alive`: the server has a connection to lose. `client_told`: there
    is a way to reach the client. `before`: frames that were dropped by themselves, for another reason.
    """
    frames = [frame for frame in conversation.frames if frame not in before]
    gone = [frame for frame in frames if frame.index not in outcome.forwarded]
    outcome.check(gone, f"was not blocked: {json.dumps(flow_line(outcome, conversation))}")
    first = gone[0]
    if at is not None:
        outcome.check(
            first is at,
            f"cut at frame {first.index} ({first.payload[:60]!r}), expected {at.index} ({at.payload[:60]!r})",
        )
    rest = [frame for frame in frames if frame.index >= first.index]
    outcome.held_back.update(frame.index for frame in rest)

    flow = check_flow(outcome, conversation, action, rule, (mining or {}) if recognised else None, None, keys, app)
    check_alert(outcome, flow, True, rule, mining if recognised else None, risk)
    if isinstance(conversation, Tcp):
        check_no_request(outcome, conversation)
        if action == "reset":
            check_resets(outcome, conversation, first, {CLIENT: client_told, SERVER: server_alive})


def blocked_late(outcome, conversation, within, rule="mining-payload", mining=None):
    """Cut at the latest with the segment with payload of that number, and nothing of it left from there on."""
    said = [frame for frame in conversation.frames if frame.payload]
    gone = [frame for frame in conversation.frames if frame.index not in outcome.forwarded]
    outcome.check(gone, f"was not blocked: {json.dumps(flow_line(outcome, conversation))}")
    place = sum(frame.index <= gone[0].index for frame in said)
    outcome.check(place <= within, f"blocked with segment {place}, expected within {within} of {len(said)}")
    rest = [frame for frame in conversation.frames if frame.index >= gone[0].index]
    outcome.held_back.update(frame.index for frame in rest)
    flow = check_flow(outcome, conversation, "reset", rule, mining or {})
    check_alert(outcome, flow, True, rule, mining, RISK)
    check_resets(outcome, conversation, gone[0], {CLIENT: True, SERVER: True})


def received(outcome, conversation, sender):
    """The bytes that the other end's TCP has in order from `sender`, and the next sequence number that it expects."""
    segments = [
        frame
        for frame in conversation.frames
        if frame.sender == sender and frame.received and frame.index in outcome.forwarded
    ] + [frame for frame in conversation.elsewhere if frame.sender == sender]
    if not segments:
        return b"", None
    start = next((frame.seq for frame in segments if frame.flags & packet.SYN), segments[0].seq)
    expected, data, moved = start, bytearray(), True
    while moved:
        moved = False
        for frame in segments:
            if frame.seq <= expected < frame.end:
                syn = bool(frame.flags & packet.SYN)
                data += frame.payload[max(0, expected - frame.seq - syn) :]
                expected, moved = frame.end, True
    return bytes(data), expected


def check_no_request(outcome, conversation):
    """The pool's application never holds a complete mining request."""
    data, _ = received(outcome, conversation, CLIENT)
    for message in conversation.reader(data) if conversation.reader else ():
        outcome.check(not is_mining_request(message), f"the pool received a complete request: {message}")
    text = data.decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder(strict=False)
    for start in (match.start() for match in re.finditer(r"[{\[]", text)):
        try:
            value, _ = decoder.raw_decode(text, start)
        except ValueError:
            continue
        for message in value if isinstance(value, list) else [value]:
            outcome.check(not is_mining_request(message), f"the pool received a complete request: {message}")


def check_resets(outcome, conversation, first, told):
    """A reset to each end that took part, with exactly the sequence number that its TCP expects, and nothing else."""
    mine = {CLIENT: [], SERVER: []}
    for index, data in enumerate(outcome.crafted):
        for target in (CLIENT, SERVER):
            if index in outcome.claimed:
                continue
            parsed = conversation.answer(other(target), data)
            if (
                parsed
                and (parsed.source, parsed.sport, parsed.destination, parsed.dport)
                == (
                    str(ipaddress.ip_address(conversation.address[other(target)])),
                    conversation.port[other(target)],
                    str(ipaddress.ip_address(conversation.address[target])),
                    conversation.port[target],
                )
                and belongs(conversation, other(target), parsed)
            ):
                mine[target].append(parsed)
                outcome.claimed.add(index)
    for target, resets in mine.items():
        if not told[target]:
            outcome.check(not resets, f"a reset to the {target}")
            continue
        # A later segment from it is answered with what that segment acknowledges.
        later = {
            frame.ack & 0xFFFFFFFF
            for frame in conversation.frames
            if frame.sender == target and frame.index > first.index
        }
        heard = any(frame.sender == target and frame.index <= first.index for frame in conversation.frames)
        outcome.check(resets or not (heard or later), f"no reset to the {target}")
        for reset in resets:
            outcome.check(reset.flags & packet.RST and not reset.data, f"to the {target}: no bare reset")
        _, expected = received(outcome, conversation, other(target))
        if expected is None:
            # It has seen nothing of the other end yet: it expects the segment that was cut, or what its own segment
            # says.
            expected = first.seq if first.sender != target else first.ack if first.flags & packet.ACK else 0
        if not heard and all(reset.seq in later for reset in resets):
            continue
        # The frames of one burst are written by wire end, so the order between the two ends is lost.
        exact = [reset for reset in resets if reset.seq == expected & 0xFFFFFFFF]
        outcome.check(
            exact and (outcome.variant == "burst" or exact[0] is resets[0]),
            f"resets to the {target} have seq {[reset.seq for reset in resets]}, its TCP waits for {expected & 0xFFFFFFFF}",
        )
        for reset in resets:
            outcome.check(reset in exact or reset.seq in later, f"reset to the {target} with seq {reset.seq}")
        if first.sender == target:
            outcome.check(
                any(reset.flags & packet.ACK and reset.ack == first.end & 0xFFFFFFFF for reset in exact),
                f"no reset to the {target} acknowledges what it sent: {[r.ack for r in exact]}, expected {first.end}",
            )


def belongs(conversation, sender, parsed):
    """Whether a reset is about this conversation and not about another one that had the same ports."""
    if parsed.flags & packet.ACK and parsed.seq == 0:
        start, value = conversation.start[other(sender)], parsed.ack
    else:
        start, value = conversation.start[sender], parsed.seq
    return (value - start) % 2**32 < 2_000_000


def sinkholed(
    outcome,
    conversation,
    frames,
    rule="pool-dns",
    rcode="NXDOMAIN",
    addresses=(),
    ttl=60,
    risk=RISK,
    answers=False,
    **mining,
):
    """Each of these DNS messages was dropped, and the client got our answer instead.

    `answers`: the messages are responses of the server, and ours replaces them.
    """
    flow = flow_line(outcome, conversation)
    outcome.check(flow["verdict"]["action"] == "sinkhole", f"verdict {flow['verdict']}")
    outcome.check(flow["verdict"]["rule"] == rule, f"verdict {flow['verdict']}")
    outcome.check("mining" in flow, f"not recognised: {json.dumps(flow)}")
    alerts = alerts_about(outcome, flow)
    outcome.check(alerts and all(event["alert"]["action"] == "blocked" for event in alerts), f"alerts: {alerts}")
    outcome.told.update(id(event) for event in alerts)
    told = [event for event in outcome.sinkholes if event["flow_id"] == flow["flow_id"]]
    outcome.check(len(told) == len(frames), f"{len(told)} dns events for {len(frames)} messages: {told}")
    outcome.told.update(id(event) for event in told)

    for frame, event in zip(frames, told):
        outcome.held_back.add(frame.index)
        outcome.check(
            event["verdict"]["action"] == "sinkhole" and event["verdict"]["rule"] == rule, f"{event['verdict']}"
        )
        outcome.check(event["dns"]["type"] == ("answer" if answers else "query"), f"{event['dns']}")
        outcome.check(event["dns"].get("rcode") == rcode, f"rcode: {event['dns']}, expected {rcode}")
        check_members(
            outcome, "dns event mining", event["mining"], {"rule": rule, "risk": risk, "attack_id": "T1496", **mining}
        )
        identity = frame.payload[:2]
        for index, data in enumerate(outcome.crafted):
            parsed = conversation.answer(SERVER, data) if index not in outcome.claimed else None
            if parsed and parsed.dport == conversation.port[CLIENT] and parsed.data[:2] == identity:
                outcome.claimed.add(index)
                outcome.check(
                    (parsed.source, parsed.destination, parsed.sport)
                    == tuple(str(ipaddress.ip_address(conversation.address[w])) for w in (SERVER, CLIENT))
                    + (conversation.port[SERVER],),
                    "the answer does not come from the server that was asked",
                )
                reason = check_answer(parsed.data, frame.payload, rcode, addresses, ttl)
                outcome.check(reason is None, f"sinkhole's answer: {reason}: {parsed.data.hex()}")
                break
        else:
            outcome.check(False, f"no answer to message {identity.hex()}")


def swallowed(outcome, conversation, frames, action, rule, **mining):
    """Each of these DNS messages was dropped and not answered."""
    flow = check_flow(outcome, conversation, action, rule, mining)
    check_alert(outcome, flow, True, rule, mining, RISK)
    outcome.held_back.update(frame.index for frame in frames)


def learned(outcome, conversation, expected):
    """The events about learned addresses and names: one for each, with these members."""
    events = events_about(outcome.learned, conversation)
    outcome.check(len(events) == len(expected), f"{len(events)} learned events, expected {len(expected)}: {events}")
    for event, members in zip(events, expected):
        check_members(outcome, "learned", event["learned"], {**dict.fromkeys(LEARNED), **members})
