#include "minerwall/text_report.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace minerwall {
namespace {

std::string endpoint(const IpAddress& address, std::uint16_t port) {
    const std::string text = to_text(address);
    if (port == 0) {
        return text;
    }
    return address.is_v4() ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
}

std::string_view protocol(std::uint8_t number) {
    switch (number) {
        case 6:
            return "TCP";
        case 17:
            return "UDP";
        case 1:
        case 58:
            return "ICMP";
        default:
            return "IP";
    }
}

}  // namespace

void TextReport::consume(const event::Record& record, std::int64_t) {
    if (record.kind != event::Kind::flow_end) {
        return;
    }
    const Action action = record.enforced ? record.action : Action::observe;
    ++verdicts_[static_cast<unsigned>(action)];
    const bool mining =
        record.has(event::Record::kHasMatch) && recognises_mining(record.match.evidence);
    mining_ += mining;
    const bool matched = record.has(event::Record::kHasMatch) && !record.match.rule.empty();
    if (action == Action::allow && !mining && !matched && !all_) {
        return;
    }
    bar_.clear();
    fmt::print("{:<8} {} {} -> {}", to_text(action), protocol(record.ip_proto),
               endpoint(record.client, record.client_port),
               endpoint(record.server, record.server_port));
    if (matched) {
        fmt::print("  rule {} ({})", record.match.rule.view(), record.match.rule_at.view());
        if (!record.match.list.empty()) {
            fmt::print(", list {}", record.match.list.view());
        }
        if (!record.match.list_entry.empty()) {
            fmt::print(", entry {}", record.match.list_entry.view());
        }
    }
    if (record.has(event::Record::kHasMining)) {
        fmt::print("  {} {}", to_text(record.mining.dialect), record.mining.method.view());
    }
    if (record.has(event::Record::kHasName) && !record.name.text.empty()) {
        fmt::print("  name {}", record.name.text.view());
    }
    fmt::print("\n");
}

void TextReport::print_summary() const {
    std::uint64_t flows = 0;
    for (const std::uint64_t n : verdicts_) {
        flows += n;
    }
    fmt::print("\n{} flows, {} of them mining", flows, mining_);
    for (unsigned a = 0; a < kActionCount; ++a) {
        if (verdicts_[a] != 0) {
            fmt::print("; {} {}", to_text(static_cast<Action>(a)), verdicts_[a]);
        }
    }
    fmt::print("\n\n");
}

}  // namespace minerwall
