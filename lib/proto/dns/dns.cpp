#include "proto/dns/dns.hpp"

#include "base/cursor.hpp"

namespace minerwall::proto {
namespace {

constexpr unsigned kMaxQuestions = 16;
constexpr unsigned kMaxRecords = 64;

constexpr std::uint16_t kFlagResponse = 0x8000;
constexpr std::uint16_t kFlagRecursionDesired = 0x0100;
constexpr std::uint16_t kFlagRecursionAvailable = 0x0080;
constexpr std::uint16_t kFlagCheckingDisabled = 0x0010;
constexpr std::uint16_t kRcodeNxdomain = 3;
constexpr std::uint16_t kEdnsUdpSize = 1232;  // DNS flag day 2020

enum : std::uint8_t { kOpcodeQuery = 0, kOpcodeNotify = 4, kOpcodeUpdate = 5 };

constexpr bool is_pointer(std::uint8_t length) noexcept {
    return (length & 0xc0) == 0xc0;
}
// 01 and 10 were never standard or are historic (RFC 6891, 5).
constexpr bool is_label(std::uint8_t length) noexcept {
    return (length & 0xc0) == 0;
}

// Moves `offset` behind the name there; does not follow pointers.
DnsStatus skip_name(Bytes message, std::size_t& offset, bool& pointer) noexcept {
    std::size_t at = offset;
    pointer = false;
    while (at < message.size()) {
        const std::uint8_t length = message[at];
        if (is_pointer(length)) {
            if (at + 2 > message.size()) {
                return DnsStatus::truncated;
            }
            pointer = true;
            offset = at + 2;
            return DnsStatus::ok;
        }
        if (!is_label(length)) {
            return DnsStatus::not_dns;
        }
        at += std::size_t{1} + length;
        if (at - offset > kMaxDnsNameSize) {
            return DnsStatus::not_dns;
        }
        if (length == 0) {
            offset = at;
            return DnsStatus::ok;
        }
    }
    return DnsStatus::truncated;
}

bool known_class(std::uint16_t klass) noexcept {
    const unsigned value = klass & 0x7fffu;
    return (value >= 1 && value <= 4) || value == 254 || value == 255;
}

void find_opt(Bytes message, DnsQuestion& question) noexcept {
    std::size_t offset = question.records;
    const unsigned before = question.answer_count + question.authority_count;
    const unsigned all = std::min(before + question.additional_count, kMaxRecords);
    DnsRecord record;
    for (unsigned i = 0; i < all; ++i) {
        if (read_dns_record(message, offset, record) != DnsStatus::ok) {
            return;
        }
        if (i < before || record.type != dns_type::opt || message[record.owner] != 0) {
            continue;
        }
        question.edns = true;
        question.dnssec_ok = (record.ttl & 0x8000) != 0;
        return;
    }
}

// Appends to a fixed buffer. After the first item that does not fit, it writes nothing more.
class Writer {
  public:
    explicit Writer(MutableBytes out) noexcept : out_(out) {}
    void be16(std::uint16_t v) noexcept {
        if (need(2)) {
            store_be16(out_.data() + size_, v);
            size_ += 2;
        }
    }
    void be32(std::uint32_t v) noexcept {
        if (need(4)) {
            store_be32(out_.data() + size_, v);
            size_ += 4;
        }
    }
    void u8(std::uint8_t v) noexcept {
        if (need(1)) {
            out_[size_++] = v;
        }
    }
    void bytes(Bytes in) noexcept {
        if (need(in.size())) {
            std::memcpy(out_.data() + size_, in.data(), in.size());
            size_ += in.size();
        }
    }
    std::size_t finish() const noexcept { return ok_ ? size_ : 0; }

  private:
    bool need(std::size_t n) noexcept {
        ok_ = ok_ && out_.size() - size_ >= n;
        return ok_;
    }
    MutableBytes out_;
    std::size_t size_ = 0;
    bool ok_ = true;
};

void write_record_head(Writer& out, std::uint16_t type, std::uint32_t ttl,
                       std::uint16_t size) noexcept {
    out.be16(0xc000 | kDnsHeaderSize);  // owner: pointer to the question's name
    out.be16(type);
    out.be16(dns_class::in);
    out.be32(ttl);
    out.be16(size);
}

void write_soa(Writer& out, std::uint32_t ttl) noexcept {
    write_record_head(out, dns_type::soa, ttl, 22);
    out.u8(0);          // MNAME and RNAME: the root, because no such server exists
    out.u8(0);          //
    out.be32(1);        // SERIAL
    out.be32(3600);     // REFRESH
    out.be32(1200);     // RETRY
    out.be32(604'800);  // EXPIRE
    out.be32(ttl);      // MINIMUM: how long a negative answer may be cached
}

void write_opt(Writer& out, bool dnssec_ok) noexcept {
    out.u8(0);
    out.be16(dns_type::opt);
    out.be16(kEdnsUdpSize);
    out.be32(dnssec_ok ? 0x8000 : 0);
    out.be16(0);
}

}  // namespace

DnsStatus read_dns_name(Bytes message, std::size_t& offset, HostText& name) noexcept {
    name.clear();
    std::size_t at = offset;
    std::size_t behind = 0;     // set by the first pointer
    std::size_t run = offset;   // where the current run of labels began
    std::size_t wire_size = 1;  // includes the root's zero
    unsigned jumps = 0;
    for (;;) {
        if (at >= message.size()) {
            return DnsStatus::truncated;
        }
        const std::uint8_t length = message[at];
        if (is_pointer(length)) {
            if (at + 2 > message.size()) {
                return DnsStatus::truncated;
            }
            const std::size_t target = load_be16(message.data() + at) & 0x3fffu;
            if (target >= run || ++jumps > kMaxDnsJumps) {
                return DnsStatus::not_dns;
            }
            behind = behind == 0 ? at + 2 : behind;
            run = at = target;
            continue;
        }
        if (!is_label(length)) {
            return DnsStatus::not_dns;
        }
        ++at;
        if (length == 0) {
            offset = behind == 0 ? at : behind;
            return DnsStatus::ok;
        }
        wire_size += std::size_t{1} + length;
        if (wire_size > kMaxDnsNameSize) {
            return DnsStatus::not_dns;
        }
        if (length > message.size() - at) {
            return DnsStatus::truncated;
        }
        if (wire_size > std::size_t{2} + length) {
            append_dot(name);
        }
        append_label(name, message.subspan(at, length));
        at += length;
    }
}

DnsStatus read_dns_record(Bytes message, std::size_t& offset, DnsRecord& out) noexcept {
    std::size_t at = offset;
    out.owner = offset;
    bool pointer;
    if (const DnsStatus status = skip_name(message, at, pointer); status != DnsStatus::ok) {
        return status;
    }
    Cursor cursor{message.subspan(at)};
    out.type = cursor.be16();
    out.klass = cursor.be16();
    out.ttl = cursor.be32();
    const std::uint16_t size = cursor.be16();
    out.data_offset = at + cursor.offset();
    out.data = cursor.take(size);
    if (!cursor.ok()) {
        return DnsStatus::truncated;
    }
    offset = at + cursor.offset();
    return DnsStatus::ok;
}

bool is_dns_query(Bytes message) noexcept {
    Cursor cursor{message};
    cursor.skip(2);  // the id
    const std::uint16_t flags = cursor.be16();
    const std::uint16_t questions = cursor.be16();
    const std::uint16_t answers = cursor.be16();
    const std::uint16_t authorities = cursor.be16();
    const std::uint16_t additional = cursor.be16();
    constexpr std::uint16_t kOpcode = 0xf << 11, kUsual = 0x0130;  // RD, AD, CD may be set
    return cursor.ok() && (flags & ~kUsual) == 0 && (flags & kOpcode) == 0 && questions != 0 &&
           answers == 0 && authorities == 0 && additional <= 2;
}

DnsStatus parse_dns_question(Bytes message, DnsQuestion& out) noexcept {
    out = {};
    // The caller should not pass more than 16 bits can count.
    message = message.first(std::min<std::size_t>(message.size(), 0xffff));
    Cursor cursor{message};
    out.id = cursor.be16();
    out.flags = cursor.be16();
    out.question_count = cursor.be16();
    out.answer_count = cursor.be16();
    out.authority_count = cursor.be16();
    out.additional_count = cursor.be16();
    if (!cursor.ok()) {
        return DnsStatus::truncated;
    }
    out.response = (out.flags & kFlagResponse) != 0;
    out.opcode = static_cast<std::uint8_t>((out.flags >> 11) & 0xf);
    out.rcode = static_cast<std::uint8_t>(out.flags & 0xf);
    // Ignore the Z bit, as servers do.
    if (out.opcode != kOpcodeQuery && out.opcode != kOpcodeNotify && out.opcode != kOpcodeUpdate) {
        return DnsStatus::not_dns;
    }
    if (out.question_count == 0 || out.question_count > kMaxQuestions) {
        return DnsStatus::not_dns;
    }

    std::size_t offset = kDnsHeaderSize;
    skip_name(message, offset, out.compressed);
    offset = kDnsHeaderSize;
    if (const DnsStatus status = read_dns_name(message, offset, out.name);
        status != DnsStatus::ok) {
        return status;
    }
    if (message.size() - offset < 4) {
        return DnsStatus::truncated;
    }
    out.type = load_be16(message.data() + offset);
    out.klass = load_be16(message.data() + offset + 2);
    if (out.type == 0 || !known_class(out.klass)) {
        return DnsStatus::not_dns;
    }
    offset += 4;
    out.question_end = static_cast<std::uint16_t>(offset);

    for (unsigned i = 1; i < out.question_count; ++i) {
        bool pointer;
        if (skip_name(message, offset, pointer) != DnsStatus::ok || message.size() - offset < 4) {
            return DnsStatus::ok;
        }
        offset += 4;
    }
    out.records = static_cast<std::uint16_t>(offset);
    find_opt(message, out);
    return DnsStatus::ok;
}

std::size_t build_dns_answer(MutableBytes out, Bytes query, const DnsQuestion& question,
                             const DnsAnswer& answer) noexcept {
    const std::size_t end = question.question_end;
    if (question.response || question.opcode != kOpcodeQuery || question.question_count != 1 ||
        question.compressed || end < kDnsHeaderSize + 5 || end > kMaxDnsQuestionEnd ||
        end > query.size()) {
        return 0;
    }
    const bool negative = answer.kind != DnsAnswer::Kind::address;
    const bool internet = question.klass == dns_class::in || question.klass == dns_class::any;
    const bool any = question.type == dns_type::any;
    const bool v4 = !negative && internet && answer.has_v4 && (any || question.type == dns_type::a);
    const bool v6 =
        !negative && internet && answer.has_v6 && (any || question.type == dns_type::aaaa);
    const bool empty = !v4 && !v6;
    const std::uint16_t rcode = answer.kind == DnsAnswer::Kind::nxdomain ? kRcodeNxdomain : 0;

    Writer writer{out};
    writer.be16(question.id);
    writer.be16(static_cast<std::uint16_t>(
        kFlagResponse | kFlagRecursionAvailable |
        (question.flags & (kFlagRecursionDesired | kFlagCheckingDisabled)) | rcode));
    writer.be16(1);
    writer.be16(static_cast<std::uint16_t>(unsigned{v4} + unsigned{v6}));
    writer.be16(empty ? 1 : 0);
    writer.be16(question.edns ? 1 : 0);
    writer.bytes(query.subspan(kDnsHeaderSize, end - kDnsHeaderSize));
    if (v4) {
        write_record_head(writer, dns_type::a, answer.ttl, 4);
        writer.bytes({answer.v4.v4_bytes(), 4});
    }
    if (v6) {
        write_record_head(writer, dns_type::aaaa, answer.ttl, 16);
        writer.bytes(answer.v6.bytes);
    }
    if (empty) {
        write_soa(writer, answer.ttl);
    }
    if (question.edns) {
        write_opt(writer, question.dnssec_ok);
    }
    return writer.finish();
}

}  // namespace minerwall::proto
