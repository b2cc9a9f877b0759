#include "proto/dns/dns_answers.hpp"

#include <algorithm>

#include "proto/dns/dns_answers_hash.hpp"

namespace minerwall::proto {
namespace {

constexpr unsigned kMaxRecords = 128;  // of all sections
constexpr unsigned kMaxNames = 32;     // written out as text, which costs most

struct Entry {
    DnsRecord record;
    std::uint64_t owner = 0;  // hash
    bool additional = false;
    bool followed = false;  // a link whose target is known
};

// A name of the host in question.
struct Alias {
    std::uint64_t hash = 0;
    std::string_view text;
    std::uint32_t ttl = 0xffffffff;
    std::uint16_t port = 0;
    bool service = false;  // by SVCB, HTTPS or SRV: additional records give its addresses
};

bool is_link(std::uint16_t type) noexcept {
    return type == dns_type::cname || type == dns_type::dname || type == dns_type::svcb ||
           type == dns_type::https || type == dns_type::srv;
}

class Walk {
  public:
    Walk(Bytes message, const DnsQuestion& question, DnsAnswers& out) noexcept
        : message_(message), out_(out) {
        if (!hash_dns_name(message, kDnsHeaderSize, aliases_[0].hash)) {
            aliases_[0].hash = hash_dns_text(question.name.view());
        }
        aliases_[0].text = question.name.view();
        alias_count_ = 1;
    }

    void run(const DnsQuestion& question) noexcept {
        gather(question);
        // A link may stand before the one that leads to it, because RFC 1034 demands no order.
        // Repeat until a round finds nothing new; follow each link once.
        for (bool found = true; found;) {
            found = false;
            for (unsigned i = 0; i < entry_count_; ++i) {
                found = follow(entries_[i]) || found;
            }
        }
        for (unsigned i = 0; i < entry_count_; ++i) {
            tell(entries_[i]);
        }
    }

  private:
    void gather(const DnsQuestion& question) noexcept {
        const unsigned answers = question.answer_count;
        const unsigned authority_end = answers + question.authority_count;
        const unsigned all = authority_end + question.additional_count;
        std::size_t offset = question.records;
        if (offset == 0) {
            out_.truncated = all != 0;
            return;
        }
        for (unsigned i = 0; i < all; ++i) {
            Entry& entry = entries_[entry_count_];
            if (i == kMaxRecords ||
                read_dns_record(message_, offset, entry.record) != DnsStatus::ok) {
                out_.truncated = true;
                return;
            }
            const std::uint16_t type = entry.record.type;
            if ((i >= answers && i < authority_end) || entry.record.klass != dns_class::in ||
                !(is_link(type) || type == dns_type::a || type == dns_type::aaaa)) {
                continue;
            }
            entry.additional = i >= authority_end;
            entry.followed = false;
            if (!read_owner(entry)) {
                out_.truncated = true;
                return;
            }
            // A TTL with its top bit set counts as zero (RFC 2181, 8).
            entry.record.ttl = (entry.record.ttl >> 31) != 0 ? 0 : entry.record.ttl;
            ++entry_count_;
        }
    }

    bool read_name(std::size_t at, HostText& name) noexcept {
        return may_read() && read_dns_name(message_, at, name) == DnsStatus::ok;
    }
    // The hash covers the whole name, even if the text has lost its beginning.
    bool read_target(std::size_t at, HostText& name, Alias& alias) noexcept {
        return read_name(at, name) && hash_dns_name(message_, at, alias.hash);
    }
    bool may_read() noexcept {
        const bool may = names_read_ < kMaxNames;
        out_.truncated = out_.truncated || !may;
        names_read_ += may ? 1 : 0;
        return may;
    }

    // Most owners are the same pointer as the one before: read each such run once.
    bool read_owner(Entry& entry) noexcept {
        const std::size_t at = entry.record.owner;
        const bool pointer = message_[at] >= 0xc0;
        const std::uint16_t place = pointer ? load_be16(message_.data() + at) : std::uint16_t{0};
        if (pointer && place == owner_place_) {
            entry.owner = owner_hash_;
            return true;
        }
        if (!hash_dns_name(message_, at, owner_hash_)) {
            return false;
        }
        entry.owner = owner_hash_;
        owner_place_ = place;
        return true;
    }

    const Alias* alias_of(const Entry& entry) const noexcept {
        for (unsigned i = 0; i < alias_count_; ++i) {
            const Alias& alias = aliases_[i];
            if (alias.hash == entry.owner && (alias.service || !entry.additional)) {
                return &alias;
            }
        }
        return nullptr;
    }

    // True if this link leads to a new name, or to a better use of a known one.
    bool follow(Entry& entry) noexcept {
        if (entry.followed || !is_link(entry.record.type)) {
            return false;
        }
        if (entry.record.type == dns_type::dname) {
            return follow_dname(entry);
        }
        const Alias* alias = alias_of(entry);
        if (alias == nullptr) {
            return false;
        }
        entry.followed = true;
        Alias next = *alias;
        next.ttl = std::min(next.ttl, entry.record.ttl);
        if (entry.record.type == dns_type::cname) {
            HostText target;
            return read_target(entry.record.data_offset, target, next) &&
                   add_alias(target.view(), next);
        }
        next.service = true;
        if (entry.record.type == dns_type::srv) {
            return follow_srv(entry, next);
        }
        SvcbData data;
        if (!may_read() || !read_svcb(message_, entry.record, data) || data.target.empty()) {
            return false;  // tell() reads the hints, which belong to the owner
        }
        next.port = data.port;
        return hash_dns_name(message_, entry.record.data_offset + 2, next.hash) &&
               add_alias(data.target.view(), next);
    }

    bool follow_srv(const Entry& entry, Alias& next) noexcept {
        HostText target;
        // Behind priority, weight and port.
        if (entry.record.data.size() < 7 ||
            !read_target(entry.record.data_offset + 6, target, next)) {
            return false;
        }
        next.port = load_be16(entry.record.data.data() + 4);
        return add_alias(target.view(), next);
    }

    // DNAME changes all names below its owner: x.old.example becomes x.new.example. The server may
    // add a CNAME for resolvers that do not know DNAME (RFC 6672, 3.1), but need not.
    bool follow_dname(const Entry& entry) noexcept {
        HostText owner, target;
        if (entry.additional || !read_name(entry.record.owner, owner) ||
            !read_name(entry.record.data_offset, target)) {
            return false;
        }
        bool found = false;
        const std::string_view above = owner.view();
        for (unsigned i = 0; i < alias_count_; ++i) {
            const std::string_view text = aliases_[i].text;
            if (text.size() <= above.size() + 1 || !text.ends_with(above) ||
                text[text.size() - above.size() - 1] != '.') {
                continue;
            }
            const std::size_t kept = text.size() - above.size() - (target.empty() ? 1 : 0);
            if (kept + target.size() > HostText::capacity()) {
                continue;  // too long for a name (RFC 6672, 2.2: YXDOMAIN)
            }
            HostText changed;
            changed.append(text.substr(0, kept));
            changed.append(target.view());
            Alias next = aliases_[i];
            next.ttl = std::min(next.ttl, entry.record.ttl);
            next.hash = hash_dns_text(changed.view());
            found = add_alias(changed.view(), next) || found;
        }
        return found;
    }

    // If two ways lead to a name, it takes what holds for either: the longer life, and any port if
    // the ports differ.
    bool add_alias(std::string_view text, Alias next) noexcept {
        for (unsigned i = 0; i < alias_count_; ++i) {
            Alias& known = aliases_[i];
            if (known.hash != next.hash) {
                continue;
            }
            if (i != 0) {
                known.ttl = std::max(known.ttl, next.ttl);
                known.port = known.port == next.port ? known.port : std::uint16_t{0};
            }
            const bool better = next.service && !known.service;
            if (better) {  // and so are the names that it leads to
                known.service = true;
                for (Entry& entry : entries_) {
                    entry.followed = false;
                }
            }
            return better;
        }
        if (text.empty()) {  // the root means "no such service"
            return false;
        }
        if (alias_count_ == aliases_.size() || !out_.names.add(text)) {
            out_.truncated = true;
            return false;
        }
        next.text = out_.names.last();
        aliases_[alias_count_++] = next;
        return true;
    }

    void tell(const Entry& entry) noexcept {
        const Alias* alias = alias_of(entry);
        if (alias == nullptr) {
            return;
        }
        const DnsRecord& record = entry.record;
        DnsAddress address;
        address.ttl = std::min(alias->ttl, record.ttl);
        address.port = alias->port;
        if (record.type == dns_type::a && record.data.size() == 4) {
            address.address = IpAddress::v4(record.data.data());
            add(address);
        } else if (record.type == dns_type::aaaa && record.data.size() == 16) {
            address.address = IpAddress::v6(record.data.data());
            add(address);
        } else if (record.type == dns_type::svcb || record.type == dns_type::https) {
            tell_hints(record, address);
        }
    }

    void tell_hints(const DnsRecord& record, DnsAddress address) noexcept {
        SvcbData data;
        if (!may_read() || !read_svcb(message_, record, data)) {
            return;
        }
        out_.has_ech = out_.has_ech || data.has_ech;
        out_.truncated = out_.truncated || data.broken;
        address.port = data.port;
        address.hint = true;
        for (; !data.ipv4_hints.empty(); data.ipv4_hints = data.ipv4_hints.subspan(4)) {
            address.address = IpAddress::v4(data.ipv4_hints.data());
            if (!add(address)) {
                return;
            }
        }
        for (; !data.ipv6_hints.empty(); data.ipv6_hints = data.ipv6_hints.subspan(16)) {
            address.address = IpAddress::v6(data.ipv6_hints.data());
            if (!add(address)) {
                return;
            }
        }
    }

    bool add(const DnsAddress& address) noexcept {
        if (out_.count == out_.entries.size()) {
            out_.truncated = true;
            return false;
        }
        out_.entries[out_.count++] = address;
        return true;
    }

    Bytes message_;
    DnsAnswers& out_;
    std::array<Entry, kMaxRecords + 1> entries_;  // the last one is scratch
    std::array<Alias, DnsAnswers::kMaxLinks + 1> aliases_;
    unsigned entry_count_ = 0;
    unsigned alias_count_ = 0;
    unsigned names_read_ = 0;
    std::uint64_t owner_hash_ = 0;
    std::uint16_t owner_place_ = 0;  // never 0 for a pointer: its top bits are set
};

}  // namespace

bool read_dns_answers(Bytes message, const DnsQuestion& question, DnsAnswers& out) noexcept {
    out.count = 0;
    out.truncated = out.has_ech = false;
    out.names.clear();
    if (!question.response) {
        return false;
    }
    message = message.first(std::min<std::size_t>(message.size(), 0xffff));
    Walk walk{message, question, out};
    walk.run(question);
    return true;
}

}  // namespace minerwall::proto
