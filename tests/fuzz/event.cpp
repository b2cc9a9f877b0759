// Writes event records with any content, as hostile traffic might fill them. Each record becomes
// one line of JSON: an object that names its type. Bytes from the wire put no newline and no
// control character into it. The same record gives the same line again, because a writer keeps no
// state between records.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "output/eve/formatter.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;

class Input {
  public:
    explicit Input(Bytes bytes) : bytes_(bytes) {}
    bool empty() const { return bytes_.empty(); }
    std::uint64_t number(unsigned width) {
        std::uint64_t n = 0;
        for (unsigned i = 0; i < width && !bytes_.empty(); ++i) {
            n = n << 8 | bytes_.front();
            bytes_ = bytes_.subspan(1);
        }
        return n;
    }
    template <typename T>
    T word() {
        return static_cast<T>(number(sizeof(T)));
    }
    // Reads one of the values of an enum.
    template <typename E>
    E choice(unsigned count) {
        return static_cast<E>(word<std::uint8_t>() % count);
    }
    template <std::size_t N>
    void text(FixedText<N>& out) {
        const std::size_t n = std::min<std::size_t>(word<std::uint8_t>(), bytes_.size());
        out.assign({reinterpret_cast<const char*>(bytes_.data()), n});
        bytes_ = bytes_.subspan(n);
    }
    void address(IpAddress& out) {
        const std::uint8_t kind = word<std::uint8_t>();
        for (std::size_t i = kind & 0xf; i < out.bytes.size(); ++i) {
            out.bytes[i] = word<std::uint8_t>();
        }
        if ((kind & 0x80) != 0) {
            out.bytes[10] = out.bytes[11] = 0xff;
        }
    }

  private:
    Bytes bytes_;
};

void fill_parts(Input& in, event::Record& r) {
    const auto parts = in.word<std::uint8_t>();
    if ((parts & event::Record::kHasName) != 0) {
        event::NamePart& p = r.use_name();
        p.kind = in.choice<event::NameKind>(event::kNameKindCount);
        p.dns_answer = (parts & 0x10) != 0;
        p.ech = (parts & 0x20) != 0;
        p.dns_rcode = in.word<std::uint8_t>();
        p.dns_id = in.word<std::uint16_t>();
        p.dns_type = in.word<std::uint16_t>();
        in.text(p.text);
        in.text(p.ja4);
    }
    if ((parts & event::Record::kHasMatch) != 0) {
        event::MatchPart& p = r.use_match();
        p.evidence = in.choice<EvidenceKind>(kEvidenceKindCount);
        p.client_side = (parts & 0x40) != 0;
        p.risk = in.word<std::uint8_t>();
        p.policy_version = in.word<std::uint32_t>();
        p.signature_id = in.word<std::uint32_t>();
        in.text(p.rule);
        in.text(p.rule_at);
        in.text(p.list);
        in.text(p.list_entry);
        in.text(p.stage);
    }
    if ((parts & event::Record::kHasMining) != 0) {
        MiningInfo& p = r.use_mining();
        p.dialect = in.choice<Dialect>(kDialectCount);
        p.speaker = in.choice<Speaker>(3);
        p.offset = in.word<std::uint32_t>();
        in.text(p.method);
        in.text(p.login);
        in.text(p.worker);
        in.text(p.agent);
        in.text(p.pool);
        in.text(p.next_pool);
        in.text(p.algorithm);
        in.text(p.evidence);
    }
    if ((parts & event::Record::kHasLearned) != 0) {
        event::LearnedPart& p = r.use_learned();
        p.from = in.choice<LearnedFrom>(kLearnedFromCount);
        p.is_name = (parts & 0x80) != 0;
        p.port = in.word<std::uint16_t>();
        p.ttl = in.word<std::uint32_t>();
        in.address(p.address);
        in.text(p.name);
    }
}

void fill(Input& in, event::Record& r) {
    const auto kind = in.choice<event::Kind>(5);
    r.start(kind, in.number(8));
    r.action = in.choice<Action>(kActionCount);
    const auto bits = in.word<std::uint8_t>();
    r.enforced = (bits & 1) != 0;
    r.to_client = (bits & 2) != 0;
    r.flow.alerted = (bits & 4) != 0;
    r.vlan_count = static_cast<std::uint8_t>((bits >> 3) % 3);
    r.vlan = {in.word<std::uint16_t>(), in.word<std::uint16_t>()};
    r.app_proto = in.choice<event::AppProto>(event::kAppProtoCount);
    r.ip_proto = in.word<std::uint8_t>();
    r.wire = in.word<std::uint8_t>();
    r.in_port = in.word<std::uint8_t>();
    r.capture = in.word<std::uint8_t>();
    r.client_port = in.word<std::uint16_t>();
    r.server_port = in.word<std::uint16_t>();
    in.address(r.client);
    in.address(r.server);
    r.flow_id = in.number(8);
    r.flow.packets_to_server = in.number(8);
    r.flow.packets_to_client = in.number(8);
    r.flow.bytes_to_server = in.number(8);
    r.flow.bytes_to_client = in.number(8);
    r.flow.dropped_packets = in.number(8);
    r.flow.start = in.number(8);
    r.flow.end = in.number(8);
    r.flow.state = in.choice<event::FlowState>(event::kFlowStateCount);
    r.flow.reason = in.choice<event::EndReason>(event::kEndReasonCount);
    fill_parts(in, r);
}

// The schema's rules for a line of this kind.
void check(std::string_view line, const event::Record& r) {
    require(!line.empty() && line.find('\n') == line.size() - 1);
    for (const char c : line.substr(0, line.size() - 1)) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    // No object has a key twice, because JSON readers differ in which one they use.
    std::vector<std::set<std::string>> keys;
    const auto note = [&](int, nlohmann::json::parse_event_t what, nlohmann::json& value) {
        using Event = nlohmann::json::parse_event_t;
        if (what == Event::object_start) {
            keys.emplace_back();
        } else if (what == Event::object_end) {
            keys.pop_back();
        } else if (what == Event::key) {
            require(keys.back().insert(value.get<std::string>()).second);
        }
        return true;
    };
    const nlohmann::json json = nlohmann::json::parse(line, note, false);
    require(json.is_object());
    constexpr std::string_view kTypes[] = {"alert", "dns", "flow", "learned", "shedding"};
    require(json.at("event_type") == kTypes[static_cast<unsigned>(r.kind)]);
    if (r.kind == event::Kind::shedding) {
        require(json.at("timestamp").is_string() && json.contains("shedding"));
        return;
    }
    require(json.at("timestamp").is_string() && json.at("flow_id") < (std::uint64_t{1} << 51));
    require(json.at("src_ip").is_string() && json.at("dest_ip").is_string());
    require(json.contains(r.kind == event::Kind::learned ? "learned" : "verdict"));
}

output::EveFormatter make_writer() {
    output::EveOptions options;
    options.port_names = {"eth0", "", "a \"quoted\" name"};
    options.capture_names = {"/captures/a\nb.pcap", "\xff"};
    options.community_id_of_flows = true;
    return output::EveFormatter(options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static output::EveFormatter kept = make_writer();
    Input in({data, size});
    static event::Record record;  // Not cleared between runs, like the slots of a ring.
    for (unsigned i = 0; i < 8 && !in.empty(); ++i) {
        const auto offset = static_cast<std::int64_t>(in.number(1)) - 128;
        fill(in, record);
        const std::string line(kept.line(record, offset * 1'000'000'000));
        check(line, record);
        require(kept.line(record, offset * 1'000'000'000) == line);
        require(i != 0 || make_writer().line(record, offset * 1'000'000'000) == line);
    }
    return 0;
}
