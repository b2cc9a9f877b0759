// Parses any bytes as a DNS message. Oracles: a name is well formed, offsets stay inside the
// message, and a truncated message changes its status only when bytes are appended. Every crafted
// answer is a DNS message to the same question and fits its bound.
#include "proto/dns/dns.hpp"

#include <vector>

#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

bool is_name(std::string_view name) {
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<std::uint8_t>(name[i]);
        if (!is_label_char(c) && c != '.' && c != '\\' && c != '~') {
            return false;
        }
    }
    return true;
}

void check_answer(Bytes message, const DnsQuestion& question, DnsAnswer answer) {
    std::vector<std::uint8_t> out(kMaxDnsAnswerSize);
    const std::size_t size = build_dns_answer(out, message, question, answer);
    const bool plain = !question.response && question.opcode == 0 && question.question_count == 1 &&
                       !question.compressed;
    require((size != 0) == plain);
    if (size == 0) {
        return;
    }
    const Bytes made = Bytes{out}.first(size);
    DnsQuestion again;
    require(parse_dns_question(made, again) == DnsStatus::ok);
    require(again.response && again.id == question.id && again.type == question.type);
    require(again.name.view() == question.name.view() && again.edns == question.edns);
    require(std::equal(made.begin() + kDnsHeaderSize, made.begin() + question.question_end,
                       message.begin() + kDnsHeaderSize));
    std::size_t offset = again.records;
    DnsRecord record;
    const unsigned records = again.answer_count + again.authority_count + again.additional_count;
    for (unsigned i = 0; i < records; ++i) {
        require(read_dns_record(made, offset, record) == DnsStatus::ok);
    }
    require(offset == size);
    // A copy of exactly this size, so that the sanitizer sees a read beyond it.
    std::vector<std::uint8_t> tight(size);
    require(build_dns_answer(tight, message, question, answer) == size);
    require(build_dns_answer(MutableBytes{tight}.first(size - 1), message, question, answer) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes message{data, size};
    DnsQuestion question;
    const DnsStatus status = parse_dns_question(message, question);
    for (std::size_t n = 0; n < std::min<std::size_t>(size, 300); ++n) {
        DnsQuestion part;
        const DnsStatus less = parse_dns_question(message.first(n), part);
        require(less == DnsStatus::truncated || less == status);
    }
    if (status == DnsStatus::ok) {
        require(is_name(question.name.view()) && !question.name.truncated());
        require(question.question_end <= size && question.records <= size);
        DnsAnswer answer;
        answer.has_v4 = answer.has_v6 = true;
        for (auto kind :
             {DnsAnswer::Kind::nxdomain, DnsAnswer::Kind::nodata, DnsAnswer::Kind::address}) {
            answer.kind = kind;
            check_answer(message, question, answer);
        }
    }
    for (std::size_t at = 0; at < std::min<std::size_t>(size, 64); ++at) {
        std::size_t offset = at;
        HostText name;
        if (read_dns_name(message, offset, name) == DnsStatus::ok) {
            require(offset > at && offset <= size && is_name(name.view()));
        } else {
            require(offset == at);
        }
    }
    return 0;
}
