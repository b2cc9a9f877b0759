// ClientHello messages written piece by piece.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace minerwall::proto::tls_samples {

using Data = std::vector<std::uint8_t>;

inline void add16(Data& d, std::size_t v) {
    d.push_back(static_cast<std::uint8_t>(v >> 8));
    d.push_back(static_cast<std::uint8_t>(v));
}
inline void add(Data& d, const Data& more) {
    d.insert(d.end(), more.begin(), more.end());
}
inline Data text(const std::string& s) {
    return {s.begin(), s.end()};
}
inline Data with_size16(const Data& inner) {
    Data d;
    add16(d, inner.size());
    add(d, inner);
    return d;
}
inline Data extension(unsigned type, const Data& body) {
    Data d;
    add16(d, type);
    add(d, with_size16(body));
    return d;
}
inline Data host_name(const std::string& name, std::uint8_t type = 0) {
    Data d{type};
    add(d, with_size16(text(name)));
    return d;
}
inline Data sni(const std::string& name) {
    return extension(0, with_size16(host_name(name)));
}
inline Data alpn(const std::vector<std::string>& names) {
    Data list;
    for (const std::string& name : names) {
        list.push_back(static_cast<std::uint8_t>(name.size()));
        add(list, text(name));
    }
    return extension(16, with_size16(list));
}
inline Data hello(const Data& extensions, bool with_extensions = true,
                  const Data& ciphers = {0x1a, 0x1a, 0x13, 1, 0x13, 2}) {
    Data body{3, 3};
    body.insert(body.end(), 32, 0xaa);
    body.push_back(32);
    body.insert(body.end(), 32, 0xbb);
    add(body, with_size16(ciphers));
    add(body, {1, 0});
    if (with_extensions) {
        add(body, with_size16(extensions));
    }
    Data message{1, 0};
    add(message, with_size16(body));
    return message;
}
inline Data record(const Data& payload, std::uint8_t type = 22, std::uint8_t minor = 1) {
    Data d{type, 3, minor};
    add(d, with_size16(payload));
    return d;
}
inline Data records(const Data& payload, std::size_t size) {
    Data d;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        const std::size_t n = std::min(size, payload.size() - at);
        const auto begin = payload.begin() + static_cast<std::ptrdiff_t>(at);
        add(d, record({begin, begin + static_cast<std::ptrdiff_t>(n)}));
    }
    return d;
}
inline Data join(std::initializer_list<Data> parts) {
    Data d;
    for (const Data& part : parts) {
        add(d, part);
    }
    return d;
}
// Consecutive 16-bit numbers.
inline Data words(std::initializer_list<unsigned> values) {
    Data d;
    for (const unsigned v : values) {
        add16(d, v);
    }
    return d;
}

}  // namespace minerwall::proto::tls_samples
