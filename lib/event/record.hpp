// One event as the worker hands it over: fixed size, no pointers, no allocation.
//
// The worker fills a record in place in a ring slot (ring.hpp). Slots are reused, so a claimed slot
// is dirty. start() resets what every event has; the large parts (name, match, mining) count only
// where `parts` marks them, and cost nothing otherwise:
//
//   Record* r = ring.claim();
//   if (r == nullptr) { counters.events_lost.add(); return; }
//   r->start(Kind::detection, now);
//   r->flow_id = ...;                          // and the other known fields
//   r->use_match().rule.assign(rule.name);     // use_*() clears the part and marks it
//   r->use_mining() = flow.mining;
//   ring.publish();
//
// Thread: the owner of the slot, that is the producer until publish(), then the consumer until
// release().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/action.hpp"
#include "base/address.hpp"
#include "base/evidence_kind.hpp"
#include "base/fixed_text.hpp"
#include "base/learned_from.hpp"
#include "base/mining_info.hpp"
#include "base/rung.hpp"
#include "base/time.hpp"

namespace minerwall::event {

enum class Kind : std::uint8_t {
    detection,     // we recognised mining, or a rule that reports matched: an `alert` line
    dns_sinkhole,  // we answered or swallowed a DNS message: a `dns` line
    flow_end,      // a flow left the table: a `flow` line
    learned,       // we learned a pool's address or name: a `learned` line
    shedding,      // a worker sheds work, or no longer does: a `shedding` line
};

// json_rpc: JSON lines that no parser confirmed as mining.
enum class AppProto : std::uint8_t {
    unknown,
    tls,
    http,
    dns,
    json_rpc,
    stratum,
    quic,
    websocket,
    socks,
    stratum_v2,
    p2pool,
    coin_p2p,
    duinocoin,
};
inline constexpr unsigned kAppProtoCount = 13;

enum class FlowState : std::uint8_t { fresh, established, closed };  // `fresh` is written "new"
inline constexpr unsigned kFlowStateCount = 3;

// closed: FIN from both ends. evicted: it made room for another flow.
enum class EndReason : std::uint8_t { timeout, closed, reset, shutdown, evicted };
inline constexpr unsigned kEndReasonCount = 5;

enum class NameKind : std::uint8_t { none, dns, sni, http_host, quic_sni, socks };
inline constexpr unsigned kNameKindCount = 6;

// Packets and bytes (of the frame, from the Ethernet header on, without FCS) in both directions.
struct FlowStats {
    std::uint64_t packets_to_server = 0;
    std::uint64_t packets_to_client = 0;
    std::uint64_t bytes_to_server = 0;
    std::uint64_t bytes_to_client = 0;
    std::uint64_t dropped_packets = 0;  // packets of these that a verdict stopped
    Nanos start = 0;
    Nanos end = 0;  // of the last packet
    FlowState state = FlowState::fresh;
    EndReason reason = EndReason::timeout;
    bool alerted = false;  // a detection was reported for this flow
};

// The name that the client used for the server.
struct NamePart {
    NameKind kind = NameKind::none;
    static constexpr std::uint8_t kNoRcode = 0xff;  // no answer was seen or made
    bool dns_answer = false;                        // a response; false: a query
    std::uint8_t dns_rcode = kNoRcode;  // of the answer, even if we made it (RFC 1035, 4.1.1)
    std::uint16_t dns_id = 0;           // transaction id
    std::uint16_t dns_type = 0;         // QTYPE (RFC 1035, 3.2.2)
    bool ech = false;                   // the ClientHello holds an encrypted one (or GREASE)
    FixedText<253> text;  // without the final dot; bytes as on the wire, not validated
    FixedText<36> ja4;    // fingerprint of the ClientHello; empty: none

    void clear() noexcept {
        kind = NameKind::none;
        dns_answer = false;
        dns_rcode = kNoRcode;
        dns_id = 0;
        dns_type = 0;
        ech = false;
        text.clear();
        ja4.clear();
    }
};

// Which rule decided and why.
struct MatchPart {
    EvidenceKind evidence = EvidenceKind::none;  // what the match rests on
    bool client_side = false;                    // address, port: the list has the client's
    std::uint8_t risk = 0;                       // 0 … 100
    std::uint32_t policy_version = 0;
    std::uint32_t signature_id = 0;  // 0: derive it from evidence and dialect
    FixedText<64> rule;
    FixedText<120> rule_at;     // "file:line"
    FixedText<64> list;         // empty: the rule names no list
    FixedText<120> list_entry;  // the entry that matched, as written in the list
    FixedText<40> stage;        // kill-chain stage; empty: the default

    void clear() noexcept {
        evidence = EvidenceKind::none;
        client_side = false;
        risk = 0;
        policy_version = 0;
        signature_id = 0;
        rule.clear();
        rule_at.clear();
        list.clear();
        list_entry.clear();
        stage.clear();
    }
};

// What we learned (Kind::learned), from the flow of this record.
struct LearnedPart {
    LearnedFrom from = LearnedFrom::none;
    bool is_name = false;    // we learned `name`, not `address`
    std::uint16_t port = 0;  // 0: any
    std::uint32_t ttl = 0;   // seconds
    IpAddress address;
    FixedText<120> name;  // the name that led to the address, or the learned name

    void clear() noexcept { *this = LearnedPart{}; }
};

struct Record {
    static constexpr std::uint8_t kHasName = 1, kHasMatch = 2, kHasMining = 4, kHasLearned = 8;

    Kind kind = Kind::flow_end;
    std::uint8_t parts = 0;
    Action action = Action::allow;
    bool enforced = true;    // false: observe mode, `action` was not carried out
    bool to_client = false;  // the deciding packet went from server to client
    AppProto app_proto = AppProto::unknown;
    Rung rung = Rung::none;   // Kind::shedding
    std::uint8_t worker = 0;  // likewise
    std::uint8_t ip_proto = 0;
    std::uint8_t vlan_count = 0;          // 0 … 2
    std::array<std::uint16_t, 2> vlan{};  // outer first, the 12 bits of the VLAN id
    std::uint16_t wire = 0;               // index of the wire
    std::uint16_t in_port = 0;            // index of the wire end where the packet came in
    std::uint32_t capture = 0;            // replay: index of the capture file
    std::uint16_t client_port = 0;        // host order; 0 where the protocol has no ports
    std::uint16_t server_port = 0;
    IpAddress client;
    IpAddress server;
    std::uint64_t flow_id = 0;  // written modulo 2^51: a double holds that exactly
    Nanos time = 0;             // of the packet that caused the event
    FlowStats flow;

    NamePart name;
    MatchPart match;
    MiningInfo mining;
    LearnedPart learned;
    std::uint32_t suppressed = 0;  // alerts of the same source that were not written before this

    bool has(std::uint8_t part) const noexcept { return (parts & part) != 0; }

    // Makes a dirty slot a fresh event of this kind. The parts are marked absent, not wiped.
    void start(Kind what, Nanos when) noexcept {
        kind = what;
        parts = 0;
        action = Action::allow;
        enforced = true;
        to_client = false;
        app_proto = AppProto::unknown;
        rung = Rung::none;
        worker = 0;
        ip_proto = 0;
        vlan_count = 0;
        vlan = {};
        wire = 0;
        in_port = 0;
        capture = 0;
        client_port = 0;
        server_port = 0;
        client = IpAddress{};
        server = IpAddress{};
        flow_id = 0;
        time = when;
        flow = FlowStats{};
        suppressed = 0;
    }
    NamePart& use_name() noexcept {
        parts |= kHasName;
        name.clear();
        return name;
    }
    MatchPart& use_match() noexcept {
        parts |= kHasMatch;
        match.clear();
        return match;
    }
    LearnedPart& use_learned() noexcept {
        parts |= kHasLearned;
        learned.clear();
        return learned;
    }
    MiningInfo& use_mining() noexcept {
        parts |= kHasMining;
        mining.clear();
        return mining;
    }
};

static_assert(std::is_trivially_copyable_v<Record>);
static_assert(sizeof(FlowStats) <= 64, "one cache line");
static_assert(offsetof(Record, name) <= 192, "a flow line without a name stays in three lines");
static_assert(sizeof(NamePart) <= 304 && sizeof(MatchPart) <= 440);
static_assert(sizeof(Record) <= 2048, "a ring of 4,096 slots stays within 8 MiB");

}  // namespace minerwall::event
