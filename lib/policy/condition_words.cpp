#include "policy/condition_words.hpp"

#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "settings/suggest.hpp"

namespace minerwall::policy {

using settings::did_you_mean;

std::uint32_t bits_of(const Value& value, std::span<const Word> words, std::string& fault) {
    std::vector<std::string_view> texts;
    std::string expected = "expected";
    for (const Word& word : words) {
        if (!value.is_number && value.text == word.text) {
            return word.bits;
        }
        expected += (texts.empty() ? " \"" : texts.size() + 1 == words.size() ? " or \"" : ", \"");
        expected += std::string(word.text) + "\"";
        texts.push_back(word.text);
    }
    fault = expected + ", not `" + value.text.substr(0, 64) + "`" + did_you_mean(value.text, texts);
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
