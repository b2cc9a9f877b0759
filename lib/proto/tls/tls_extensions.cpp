// The extensions of a ClientHello; the server's name matters most.
//
// RFC 8446, 4.2 forbids a second extension of the same type, and most servers refuse it. Some
// servers do not check and take the later name (Mbed TLS 2). So we gather names from every
// extension, and all else from the first of its type.
#include <algorithm>

#include "proto/tls/tls.hpp"

namespace minerwall::proto {
namespace {

enum : std::uint16_t {
    kServerName = 0,
    kSignatureAlgorithms = 13,
    kAlpn = 16,
    kPreSharedKey = 41,
    kEarlyData = 42,
    kSupportedVersions = 43,
    kEncryptedClientHello = 0xfe0d,
};
constexpr std::uint8_t kHostName = 0;

void append_protocol_byte(FixedText<32>& out, std::uint8_t byte) noexcept {
    if (byte > 0x20 && byte < 0x7f && byte != '\\') {
        out.push_back(static_cast<char>(byte));
    } else {
        append_escape(out, byte);
    }
}

}  // namespace

void ClientHelloParser::next_extension() noexcept {
    if (at_ == extensions_end_) {
        state_ = State::done;
    } else {
        expect(Item::extension_header, 4, extensions_end_);
    }
}

// Skips an extension that is too short for its content. Only a name's lengths must be right, and
// only until there is a name.
void ClientHelloParser::start_extension() noexcept {
    const std::uint32_t size = value_ & 0xffff;
    const auto type = static_cast<std::uint16_t>(value_ >> 16);
    if (size > extensions_end_ - at_) {
        return fail();
    }
    extension_end_ = at_ + size;
    add_extension(type);
    switch (type) {
        case kServerName:
            info_.has_sni_extension = true;
            return size == 0 ? skip_extension() : expect_name(Item::names_size, 2, extension_end_);
        case kAlpn:
            return size == 0 || info_.has_alpn ? skip_extension()
                                               : expect(Item::protocols_size, 2, extension_end_);
        case kSignatureAlgorithms:
            return size < 2 || algorithms_read_ ? skip_extension()
                                                : expect(Item::algorithms_size, 2, extension_end_);
        case kSupportedVersions:
            return size < 1 || versions_read_ ? skip_extension()
                                              : expect(Item::versions_size, 1, extension_end_);
        case kEncryptedClientHello:
            info_.has_ech = true;
            return size < 1 || info_.ech != EchType::none
                       ? skip_extension()
                       : expect(Item::ech_type, 1, extension_end_);
        case kPreSharedKey:
            info_.has_psk = true;
            return skip_extension();
        case kEarlyData:
            info_.has_early_data = true;
            return skip_extension();
        default:
            return skip_extension();
    }
}

// The lists of signature_algorithms and supported_versions (RFC 8446, 4.2.3 and 4.2.1).
void ClientHelloParser::start_words(Item item) noexcept {
    if (value_ > extension_end_ - at_) {
        return skip_extension();
    }
    if (item == Item::versions) {
        versions_read_ = true;
        info_.highest_version = 0;
    } else {
        algorithms_read_ = true;
    }
    expect(item, value_, extension_end_);
}

void ClientHelloParser::finish_ech_type() noexcept {
    info_.ech = value_ == 0 ? EchType::outer : value_ == 1 ? EchType::inner : EchType::unknown;
    skip_extension();
}

// Like expect(). But after the first name, wrong lengths only end the list, because some servers
// read no further (nginx's preread stops at the first name).
void ClientHelloParser::expect_name(Item item, std::uint32_t size, std::uint32_t limit) noexcept {
    if (info_.has_sni && size > limit - at_) {
        skip_extension();
    } else {
        expect(item, size, limit);
    }
}

void ClientHelloParser::start_name_list() noexcept {
    if (value_ > extension_end_ - at_) {
        return info_.has_sni ? skip_extension() : fail();
    }
    list_end_ = at_ + value_;
    next_name();
}

void ClientHelloParser::next_name() noexcept {
    if (at_ == list_end_) {
        skip_extension();
    } else {
        expect_name(Item::name_header, 3, list_end_);
    }
}

void ClientHelloParser::start_name() noexcept {
    name_.clear();
    const bool host = (value_ >> 16) == kHostName;
    expect_name(host ? Item::name : Item::other_name, value_ & 0xffff, list_end_);
}

[[gnu::noinline]] void ClientHelloParser::read_name(Bytes part) noexcept {
    if (!begun_) {
        const auto end = std::find_if(part.begin(), part.end(),
                                      [](std::uint8_t byte) { return byte == 0 || byte == ':'; });
        append_host(name_, {part.begin(), end});
        part = {end, part.end()};
        if (part.empty()) {
            return;
        }
        begun_ = true;
        HostText before = name_;
        strip_trailing_dots(before);
        add_other_name(before);
    }
    append_host(name_, part);
}

void ClientHelloParser::finish_name() noexcept {
    strip_trailing_dots(name_);
    if (!info_.has_sni) {
        info_.server_name = name_;
        info_.has_sni = !name_.empty();
    } else if (info_.server_name.view() != name_.view()) {
        add_other_name(name_);
    }
    next_name();
}

void ClientHelloParser::add_other_name(const HostText& name) noexcept {
    if (!name.empty() && !info_.other_names.add(name.view())) {
        info_.names_lost = true;
        info_.other_names.clear();
        info_.other_names.add(name.view());
    }
}

void ClientHelloParser::start_protocols() noexcept {
    if (value_ > extension_end_ - at_) {
        return skip_extension();
    }
    list_end_ = at_ + value_;
    next_protocol();
}

void ClientHelloParser::next_protocol() noexcept {
    if (at_ == list_end_ || info_.has_alpn) {
        skip_extension();
    } else {
        expect(Item::protocol_size, 1, list_end_);
    }
}

void ClientHelloParser::start_protocol() noexcept {
    protocol_size_ = static_cast<std::uint8_t>(value_);
    if (value_ > list_end_ - at_) {
        skip_extension();
    } else {
        expect(Item::protocol, value_, list_end_);
    }
}

void ClientHelloParser::read_protocol(Bytes part) noexcept {
    for (const std::uint8_t byte : part) {
        protocol_first_ = begun_ ? protocol_first_ : byte;
        begun_ = true;
        append_protocol_byte(info_.alpn, byte);
        value_ = (value_ << 8) | byte;
    }
}

void ClientHelloParser::finish_protocol() noexcept {
    const bool grease = protocol_size_ == 2 && is_grease(static_cast<std::uint16_t>(value_));
    if (grease) {
        info_.alpn.clear();
    } else if (!alpn_read_) {
        alpn_read_ = true;
        info_.lists.alpn_size = protocol_size_;
        info_.lists.alpn_first = protocol_size_ == 0 ? std::uint8_t{0} : protocol_first_;
        info_.lists.alpn_last = static_cast<std::uint8_t>(value_);
    }
    info_.has_alpn = !info_.alpn.empty();
    next_protocol();
}

}  // namespace minerwall::proto
