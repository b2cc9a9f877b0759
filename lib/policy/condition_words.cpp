#include "policy/condition_words.hpp"

#include <array>

#include "base/address.hpp"
#include "base/dialect.hpp"
#include "settings/suggest.hpp"

namespace minerwall::policy {

using settings::did_you_mean;

namespace {

// Every dialect of mining.
constexpr std::uint32_t kAnyDialect = [] {
    std::uint32_t mask = 0;
    for (unsigned i = 0; i < kDialectCount; ++i) {
        mask |= is_mining(static_cast<Dialect>(i)) ? 1u << i : 0u;
    }
    return mask;
}();

std::string words_fault(const Value& value, std::span<const std::string_view> words) {
    std::string out = "expected";
    for (std::size_t i = 0; i < words.size(); ++i) {
        out += (i == 0 ? " \"" : i + 1 == words.size() ? " or \"" : ", \"");
        out += std::string(words[i]) + "\"";
    }
    return out + ", not `" + value.text.substr(0, 64) + "`" + did_you_mean(value.text, words);
}

}  // namespace

std::uint32_t app_mask(const Value& value, std::string& fault) {
    static const auto kWords = [] {
        std::array<std::string_view, kDialectCount + 1> words = {"mining", "stratum"};
        for (unsigned i = 1; i < kDialectCount; ++i) {
            words[i + 1] = to_text(static_cast<Dialect>(i));
        }
        return words;
    }();
    if (!value.is_number && (value.text == "mining" || value.text == "stratum")) {
        return kAnyDialect;
    }
    const auto dialect = dialect_from_text(value.text);
    if (value.is_number || !dialect) {
        fault = words_fault(value, kWords);
        return 0;
    }
    return 1u << static_cast<unsigned>(*dialect);
}

std::uint32_t proto_mask(const Value& value, std::string& fault) {
    static constexpr std::array<std::string_view, 2> kWords = {"tcp", "udp"};
    if (!value.is_number && value.text == "tcp") {
        return kTcpBit;
    }
    if (!value.is_number && value.text == "udp") {
        return kUdpBit;
    }
    fault = words_fault(value, kWords);
    return 0;
}

SinkholeAnswer parse_answer(const RuleModel& rule, std::string& fault) {
    SinkholeAnswer answer;
    answer.ttl = rule.ttl;
    const bool single = rule.answer.size() == 1;
    if (rule.answer.empty() || (single && rule.answer[0].text == "nxdomain")) {
        return answer;
    }
    if (single && rule.answer[0].text == "nodata") {
        answer.kind = SinkholeAnswer::Kind::nodata;
        return answer;
    }
    answer.kind = SinkholeAnswer::Kind::address;
    for (const Value& value : rule.answer) {
        const auto address = value.is_number ? std::nullopt : parse_address(value.text);
        if (!address) {
            fault =
                "`answer` must be \"nxdomain\", \"nodata\", an address, or one address of each "
                "family, not `" +
                value.text.substr(0, 64) + "`";
            return answer;
        }
        bool& has = address->is_v4() ? answer.has_v4 : answer.has_v6;
        if (has) {
            fault = "`answer` has two addresses of one family: one of each is allowed";
            return answer;
        }
        has = true;
        (address->is_v4() ? answer.v4 : answer.v6) = *address;
    }
    return answer;
}

}  // namespace minerwall::policy
