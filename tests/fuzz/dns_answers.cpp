// Parses any bytes as a DNS response. Oracles: a name has the same hash from its bytes and from its
// text. A naive reader without bounds repeats its pass over the records until it finds no new name.
// Both readers find the same names and addresses unless ours ran out of room.
#include "proto/dns/dns_answers.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "proto/dns/dns_answers_hash.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

struct Model {
    std::map<std::string, bool> names;                 // whether SVCB, HTTPS or SRV led there
    std::set<std::pair<std::string, bool>> addresses;  // bytes, hint
    bool has_ech = false;
};

// A name that is too long as text loses up to a quarter at its beginning. Two such names may look
// alike.
bool may_be_cut(std::string_view text) {
    return text.size() > 180;
}

struct Record {
    DnsRecord record;
    std::string owner;
    bool additional;
};

std::vector<Record> records_of(Bytes message, const DnsQuestion& q) {
    std::vector<Record> out;
    std::size_t offset = q.records;
    const unsigned before = q.answer_count + q.authority_count;
    for (unsigned i = 0; offset != 0 && i < before + q.additional_count; ++i) {
        DnsRecord record;
        HostText owner;
        if (read_dns_record(message, offset, record) != DnsStatus::ok) {
            break;
        }
        if ((i < q.answer_count || i >= before) && record.klass == dns_class::in) {
            std::size_t at = record.owner;
            if (read_dns_name(message, at, owner) == DnsStatus::ok) {
                out.push_back({record, std::string{owner.view()}, i >= before});
            }
        }
    }
    return out;
}

// Adds the names that one record leads to, from any known name.
void follow(Bytes message, const Record& r, const std::map<std::string, bool>& known,
            std::map<std::string, bool>& next) {
    const DnsRecord& record = r.record;
    HostText target;
    std::size_t at = record.data_offset;
    const auto self = known.find(r.owner);
    const bool lives = self != known.end() && (self->second || !r.additional);
    if (record.type == dns_type::dname && !r.additional) {
        if (read_dns_name(message, at, target) != DnsStatus::ok) {
            return;
        }
        for (const auto& [name, service] : known) {
            const std::string above = "." + r.owner;
            if (name.size() > above.size() && name.ends_with(above)) {
                std::string changed = name.substr(0, name.size() - above.size());
                changed += target.empty() ? "" : "." + std::string{target.view()};
                if (changed.size() <= HostText::capacity()) {
                    next[changed] = next[changed] || service;
                }
            }
        }
    } else if (lives && record.type == dns_type::cname) {
        if (read_dns_name(message, at, target) == DnsStatus::ok) {
            const std::string text{target.view()};
            next[text] = next[text] || self->second;
        }
    } else if (lives && record.type == dns_type::srv && record.data.size() >= 7) {
        at += 6;
        if (read_dns_name(message, at, target) == DnsStatus::ok) {
            next[std::string{target.view()}] = true;
        }
    } else if (lives && (record.type == dns_type::svcb || record.type == dns_type::https)) {
        SvcbData data;
        if (read_svcb(message, record, data) && !data.target.empty()) {
            next[std::string{data.target.view()}] = true;
        }
    }
}

Model model_of(Bytes message, const DnsQuestion& question) {
    const std::vector<Record> records = records_of(message, question);
    Model model;
    model.names[std::string{question.name.view()}] = false;
    for (bool found = true; found;) {
        found = false;
        std::map<std::string, bool> next;
        for (const Record& r : records) {
            follow(message, r, model.names, next);
        }
        for (const auto& [name, service] : next) {
            const auto known = model.names.find(name);
            if (known == model.names.end() && !name.empty()) {
                model.names[name] = service;
                found = true;
            } else if (known != model.names.end() && service && !known->second) {
                known->second = found = true;
            }
        }
    }
    for (const Record& r : records) {
        const auto self = model.names.find(r.owner);
        if (self == model.names.end() || (r.additional && !self->second)) {
            continue;
        }
        const std::string data{as_text(r.record.data)};
        SvcbData svcb;
        if ((r.record.type == dns_type::a && data.size() == 4) ||
            (r.record.type == dns_type::aaaa && data.size() == 16)) {
            model.addresses.emplace(data, false);
        } else if ((r.record.type == dns_type::svcb || r.record.type == dns_type::https) &&
                   read_svcb(message, r.record, svcb)) {
            model.has_ech = model.has_ech || svcb.has_ech;
            for (std::size_t i = 0; i < svcb.ipv4_hints.size(); i += 4) {
                model.addresses.emplace(as_text(svcb.ipv4_hints.subspan(i, 4)), true);
            }
            for (std::size_t i = 0; i < svcb.ipv6_hints.size(); i += 16) {
                model.addresses.emplace(as_text(svcb.ipv6_hints.subspan(i, 16)), true);
            }
        }
    }
    return model;
}

// The bytes as on the wire. IpAddress stores a mapped IPv6 address like an IPv4 address.
std::string bytes_of(const IpAddress& address) {
    return address.is_v4() ? std::string{as_text({address.v4_bytes(), 4})}
                           : std::string{as_text(address.bytes)};
}
std::string normal(const std::string& wire) {
    return wire.size() == 16 ? bytes_of(IpAddress::v6(as_bytes(wire).data())) : wire;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::uint8_t> copy(data, data + size);
    const Bytes message{copy};
    for (std::size_t at = 0; at < std::min<std::size_t>(size, 64); ++at) {
        std::size_t offset = at;
        HostText name;
        std::uint64_t hash = 0;
        const bool read = read_dns_name(message, offset, name) == DnsStatus::ok;
        require(hash_dns_name(message, at, hash) == read);
        require(!read || may_be_cut(name.view()) || hash == hash_dns_text(name.view()));
    }
    DnsQuestion question;
    if (parse_dns_question(message, question) != DnsStatus::ok) {
        return 0;
    }
    DnsAnswers answers;
    require(read_dns_answers(message, question, answers) == question.response);
    require(answers.count <= DnsAnswers::kMaxAddresses);
    if (!question.response) {
        require(answers.count == 0 && answers.names.empty());
        return 0;
    }
    const Model model = model_of(message, question);
    for (const auto& [name, service] : model.names) {
        if (may_be_cut(name)) {
            return 0;
        }
    }
    std::set<std::string> names;
    answers.names.for_each([&](std::string_view n) { names.emplace(n); });
    require(names.size() == answers.names.count() && names.size() <= DnsAnswers::kMaxLinks);
    std::set<std::pair<std::string, bool>> addresses, expected;
    for (unsigned i = 0; i < answers.count; ++i) {
        addresses.emplace(bytes_of(answers.entries[i].address), answers.entries[i].hint);
    }
    for (const auto& [wire, hint] : model.addresses) {
        expected.emplace(normal(wire), hint);
    }
    // The reader invents no name or address, and reports truncation when it leaves one out.
    for (const std::string& name : names) {
        require(model.names.contains(name));
    }
    for (const auto& address : addresses) {
        require(expected.contains(address));
    }
    if (!answers.truncated) {
        require(names.size() + 1 == model.names.size());
        require(addresses == expected && answers.has_ech == model.has_ech);
    }
    return 0;
}
