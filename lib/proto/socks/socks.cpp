#include "proto/socks/socks.hpp"

#include <arpa/inet.h>

namespace minerwall::proto {
namespace {

constexpr std::uint8_t kVersion5 = 5;
constexpr std::uint8_t kVersion4 = 4;
constexpr std::uint8_t kV4Reply = 0;       // a reply's version
constexpr std::uint8_t kV4Granted = 0x5a;  // 0x5b to 0x5d mean refused
constexpr std::uint8_t kV4Last = 0x5d;
constexpr std::uint8_t kAuthVersion = 1;  // RFC 1929, 2
constexpr std::uint8_t kNoMethod = 0xff;  // RFC 1928, 3
constexpr std::uint8_t kTypeV4 = 1, kTypeName = 3, kTypeV6 = 4;
constexpr std::uint16_t kMaxV4Text = 1024;  // servers keep at most that
constexpr unsigned kFirstMulticast = 224;

bool is_v4_command(std::uint8_t c) noexcept {
    return c == static_cast<std::uint8_t>(SocksCommand::connect) ||
           c == static_cast<std::uint8_t>(SocksCommand::bind);
}
// SOCKS4a: a name follows the user.
bool is_placeholder(const std::uint8_t* four) noexcept {
    return four[0] == 0 && four[1] == 0 && four[2] == 0 && four[3] != 0;
}
// A user's name may hold any byte. But a line end in it rather points to a decoy line in front of a
// JSON message, for a reader that skips unknown lines.
bool is_line_end(std::uint8_t c) noexcept {
    return c == '\n';
}
bool opens_json(std::uint8_t c) noexcept {
    return c == '{' || c == '[';
}
bool is_name_byte(std::uint8_t c) noexcept {
    return c > ' ' && c != 0x7f;
}

}  // namespace

SocksOpening classify_socks(Bytes prefix) noexcept {
    const auto size = prefix.size();
    if (size == 0) {
        return SocksOpening::need_more;
    }
    if (prefix[0] == kVersion5) {
        if (size > 1 && prefix[1] == 0) {
            return SocksOpening::other;
        }
        return size > 2 ? SocksOpening::socks : SocksOpening::need_more;
    }
    if (prefix[0] != kVersion4 || (size > 1 && !is_v4_command(prefix[1]))) {
        return SocksOpening::other;
    }
    if (size < 8) {
        return SocksOpening::need_more;
    }
    const std::uint8_t* address = prefix.data() + 4;
    const bool reachable = address[0] != 0 && address[0] < kFirstMulticast;
    return reachable || is_placeholder(address) ? SocksOpening::socks : SocksOpening::other;
}

SocksEvent SocksParser::next(Bytes in, std::size_t& consumed) noexcept {
    consumed = 0;
    for (;;) {
        switch (stage_) {
            case Stage::target:
                stage_ = Stage::tunnel;
                return SocksEvent::target;
            case Stage::tunnel:
                return SocksEvent::tunnel;
            case Stage::refused:
                return SocksEvent::refused;
            case Stage::not_socks:
                return SocksEvent::not_socks;
            default:
                if (consumed == in.size()) {
                    return SocksEvent::need_more;
                }
                if (read(in[consumed])) {
                    ++consumed;
                } else {
                    stage_ = Stage::not_socks;
                }
        }
    }
}

bool SocksParser::expect(Stage stage, std::uint8_t size) noexcept {
    stage_ = stage;
    size_ = size;
    return true;
}

// One byte of a field that we do not read.
bool SocksParser::skip(std::uint8_t c, Stage then) noexcept {
    // A line of JSON behind bytes that look like a greeting: the stream is JSON, not SOCKS.
    if (line_ended_ && opens_json(c)) {
        return false;
    }
    line_ended_ = is_line_end(c) || (line_ended_ && (c == ' ' || c == '\t' || c == '\r'));
    return --size_ != 0 || expect(then);
}

bool SocksParser::finish() noexcept {
    return expect(role_ == SocksRole::client ? Stage::target : Stage::tunnel);
}

// False: this byte is not allowed here.
bool SocksParser::read(std::uint8_t c) noexcept {
    if (stage_ == Stage::version) {
        const bool client = role_ == SocksRole::client;
        if (c == kVersion5) {
            target_.version = kVersion5;
            return expect(client ? Stage::method_count : Stage::chosen_method);
        }
        target_.version = kVersion4;
        return c == (client ? kVersion4 : kV4Reply) && expect(Stage::v4_command);
    }
    return target_.version == kVersion5 ? read_v5(c) : read_v4(c);
}

bool SocksParser::read_v5(std::uint8_t c) noexcept {
    switch (stage_) {
        case Stage::method_count:
            return c != 0 && expect(Stage::methods, c);
        case Stage::methods:
            return skip(c, Stage::negotiated);
        case Stage::chosen_method:
            return expect(c == kNoMethod ? Stage::refused : Stage::negotiated);
        case Stage::negotiated:
            if (c == kAuthVersion) {
                return expect(role_ == SocksRole::client ? Stage::user_size : Stage::auth_status);
            }
            [[fallthrough]];
        case Stage::request:
            return c == kVersion5 && expect(Stage::command);
        case Stage::user_size:
            return expect(c == 0 ? Stage::password_size : Stage::user, c);
        case Stage::user:
            return skip(c, Stage::password_size);
        case Stage::password_size:
            return expect(c == 0 ? Stage::request : Stage::password, c);
        case Stage::password:
            return skip(c, Stage::request);
        case Stage::auth_status:  // the server may refuse and still continue
            return expect(Stage::request);
        case Stage::command:
            if (role_ == SocksRole::server) {
                return expect(c == 0 ? Stage::reserved : Stage::refused);
            }
            target_.command = static_cast<SocksCommand>(c);
            return (is_v4_command(c) || target_.command == SocksCommand::udp_associate) &&
                   expect(Stage::reserved);
        case Stage::reserved:  // ignored, because some servers ignore it
            return expect(Stage::address_type);
        case Stage::address_type:
            return read_address_type(c);
        case Stage::name_size:
            return c != 0 && expect(Stage::name, c);
        case Stage::name:
            if (!is_name_byte(c)) {
                return false;
            }
            append_host_byte(target_.host, c);
            if (--size_ == 0) {
                strip_trailing_dots(target_.host);
                return expect(Stage::port, 2);
            }
            return true;
        case Stage::address:
            return !read_address_byte(c) || expect(Stage::port, 2);
        case Stage::port:
            target_.port = static_cast<std::uint16_t>(target_.port << 8 | c);
            return --size_ != 0 || finish();
        default:
            return false;
    }
}

bool SocksParser::read_address_type(std::uint8_t type) noexcept {
    switch (type) {
        case kTypeName:
            return expect(Stage::name_size);
        case kTypeV4:
        case kTypeV6:
            begin_address(type == kTypeV4);
            return expect(Stage::address);
        default:
            return false;
    }
}

// A server's reply has the request's first fields; we read its port and address but do not keep
// them.
bool SocksParser::read_v4(std::uint8_t c) noexcept {
    switch (stage_) {
        case Stage::v4_command:
            if (role_ == SocksRole::server) {
                return c >= kV4Granted && c <= kV4Last &&
                       expect(c == kV4Granted ? Stage::v4_port : Stage::refused, 2);
            }
            target_.command = static_cast<SocksCommand>(c);
            return is_v4_command(c) && expect(Stage::v4_port, 2);
        case Stage::v4_port:
            target_.port = static_cast<std::uint16_t>(target_.port << 8 | c);
            if (--size_ == 0) {
                begin_address(true);
                return expect(Stage::v4_address);
            }
            return true;
        case Stage::v4_address:
            if (!read_address_byte(c)) {
                return true;
            }
            return role_ == SocksRole::server ? finish() : expect(Stage::v4_user);
        case Stage::v4_user:
        case Stage::v4_name:
            return read_v4_text(c, stage_ == Stage::v4_name);
        default:
            return false;
    }
}

// A user or a name, up to its NUL.
bool SocksParser::read_v4_text(std::uint8_t c, bool name) noexcept {
    if (c != 0) {
        if (text_ == kMaxV4Text || is_line_end(c) || (name && !is_name_byte(c))) {
            return false;
        }
        ++text_;
        if (name) {
            append_host_byte(target_.host, c);
        }
        return true;
    }
    if (name) {
        strip_trailing_dots(target_.host);
        return text_ != 0 && finish();
    }
    text_ = 0;
    if (is_placeholder(address_.v4_bytes())) {
        target_.host.clear();
        return expect(Stage::v4_name);
    }
    return finish();
}

void SocksParser::begin_address(bool v4) noexcept {
    constexpr std::uint8_t kZeros[4] = {};
    address_ = v4 ? IpAddress::v4(kZeros) : IpAddress{};
    raw_ = v4 ? 12 : 0;
}

// True: the address is complete.
bool SocksParser::read_address_byte(std::uint8_t c) noexcept {
    address_.bytes[raw_++] = c;
    if (raw_ < address_.bytes.size()) {
        return false;
    }
    write_address();
    return true;
}

void SocksParser::write_address() noexcept {
    char text[INET6_ADDRSTRLEN] = "";
    if (address_.is_v4()) {
        inet_ntop(AF_INET, address_.v4_bytes(), text, sizeof text);
    } else {
        inet_ntop(AF_INET6, address_.bytes.data(), text, sizeof text);
    }
    target_.host.assign(text);
}

}  // namespace minerwall::proto
