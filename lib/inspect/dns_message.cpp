#include "inspect/dns_message.hpp"

#include <algorithm>

namespace minerwall::inspect {

bool read_dns_message(Bytes message, proto::DnsAnswers& answers, Evidence& out) noexcept {
    proto::DnsQuestion question;
    if (proto::parse_dns_question(message, question) != proto::DnsStatus::ok) {
        if (proto::is_dns_query(message)) {
            out.unreadable |= bit_of(Unreadable::dns_question);
        }
        return false;
    }
    const bool first = !out.has_dns;
    out.has_dns = true;
    out.app = App::dns;
    out.dns_names.add(question.name.view());
    const bool answered = question.response && proto::read_dns_answers(message, question, answers);
    if (answered) {
        answers.names.for_each([&](std::string_view name) { out.dns_names.add(name); });
    }
    if (first) {
        out.question = question;
        out.address_names =
            static_cast<std::uint8_t>(std::min<unsigned>(out.dns_names.count(), UINT8_MAX));
        if (answered) {
            out.address_count = static_cast<std::uint8_t>(
                std::min<unsigned>(answers.count, Evidence::kMaxAddresses));
            std::copy_n(answers.entries.begin(), out.address_count, out.addresses.begin());
        }
    }
    return true;
}

}  // namespace minerwall::inspect
