// DNS responses, written record by record. Names are written in full unless given as bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace minerwall::proto::dns_samples {

using Data = std::vector<std::uint8_t>;

inline void add(Data& d, const Data& more) {
    d.insert(d.end(), more.begin(), more.end());
}
inline Data be16(unsigned v) {
    return {static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)};
}
inline Data join(std::initializer_list<Data> parts) {
    Data d;
    for (const Data& part : parts) {
        add(d, part);
    }
    return d;
}
// "a.b" on the wire.
inline Data name(std::string_view text) {
    Data d;
    while (!text.empty()) {
        const std::string_view label = text.substr(0, text.find('.'));
        d.push_back(static_cast<std::uint8_t>(label.size()));
        d.insert(d.end(), label.begin(), label.end());
        text.remove_prefix(std::min(text.size(), label.size() + 1));
    }
    d.push_back(0);
    return d;
}
inline Data pointer(unsigned offset) {
    return be16(0xc000 | offset);
}
inline Data record(const Data& owner, unsigned type, const Data& data, unsigned ttl = 300,
                   unsigned klass = 1) {
    return join({owner, be16(type), be16(klass), be16(ttl >> 16), be16(ttl & 0xffff),
                 be16(static_cast<unsigned>(data.size())), data});
}
inline Data record(std::string_view owner, unsigned type, const Data& data, unsigned ttl = 300,
                   unsigned klass = 1) {
    return record(name(owner), type, data, ttl, klass);
}
inline Data a(std::string_view owner, std::uint8_t last, unsigned ttl = 300) {
    return record(owner, 1, {192, 0, 2, last}, ttl);
}
inline Data cname(std::string_view owner, std::string_view target, unsigned ttl = 300) {
    return record(owner, 5, name(target), ttl);
}
struct Sections {
    std::vector<Data> answers;
    std::vector<Data> authority = {};
    std::vector<Data> additional = {};
};
inline Data response(std::string_view asked, unsigned type, const Sections& sections) {
    const auto count = [](const std::vector<Data>& s) {
        return be16(static_cast<unsigned>(s.size()));
    };
    Data d = join({be16(0xbeef), be16(0x8180), be16(1), count(sections.answers),
                   count(sections.authority), count(sections.additional), name(asked), be16(type),
                   be16(1)});
    for (const auto* section : {&sections.answers, &sections.authority, &sections.additional}) {
        for (const Data& r : *section) {
            add(d, r);
        }
    }
    return d;
}

}  // namespace minerwall::proto::dns_samples
