// SOCKS5 (RFC 1928) with user name and password (RFC 1929), SOCKS4 and SOCKS4a, one direction of a
// connection: where the client wants to go, and where the tunnel's own bytes begin.
//
// A push parser of bounded state: names are kept as HostText, users and passwords not at all. Many
// clients send greeting, request and the first bytes of the tunnel at once; what the server answers
// is read by a parser of its own and not needed to read the client. Fed in any pieces it reports
// the same. One thread at a time.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "proto/host_text.hpp"

namespace minerwall::proto {

enum class SocksRole : std::uint8_t { client, server };

enum class SocksCommand : std::uint8_t { connect = 1, bind = 2, udp_associate = 3 };

struct SocksTarget {
    HostText host;      // the name, or the address as text (IPv6 without brackets)
    IpAddress address;  // where is_address
    std::uint16_t port = 0;
    std::uint8_t version = 0;  // 4 (4a too) or 5
    SocksCommand command = SocksCommand::connect;
    bool is_address = false;
};

enum class SocksEvent : std::uint8_t {
    need_more,  // all bytes are used
    target,     // client: target() is whole
    tunnel,     // what follows, from the first byte that was not consumed, is another protocol
    refused,    // server: for good
    not_socks,  // for good; the byte that showed it and what follows are not consumed
};

// Whether a client's first bytes open SOCKS; need_more is said of fewer than 8 bytes only. A SOCKS5
// greeting offers methods (which makes DCE/RPC's `05 00` none), a SOCKS4 request names an address
// that a connection can go to. What passes here by chance (DNP3's `05 64`) is not_socks for the
// parser soon after: only a target shows that it is SOCKS.
enum class SocksOpening : std::uint8_t { need_more, socks, other };
SocksOpening classify_socks(Bytes prefix) noexcept;

class SocksParser {
  public:
    explicit SocksParser(SocksRole role = SocksRole::client) noexcept : role_(role) {}
    void reset(SocksRole role) noexcept { *this = SocksParser{role}; }

    // The next thing that `in` holds. Call it with what is left (in.subspan(consumed)) until it
    // says anything but target.
    SocksEvent next(Bytes in, std::size_t& consumed) noexcept;

    // Of a client, from the event `target` on.
    const SocksTarget& target() const noexcept { return target_; }

  private:
    enum class Stage : std::uint8_t {
        version,
        // SOCKS5
        method_count,
        methods,
        chosen_method,  // server
        negotiated,     // a negotiation of RFC 1929, the request or the reply
        user_size,
        user,
        password_size,
        password,
        auth_status,  // server
        request,      // a negotiation is over: no other follows
        command,      // server: the reply's code
        reserved,
        address_type,
        name_size,
        name,
        address,
        port,
        // SOCKS4
        v4_command,  // server: the reply's code
        v4_port,
        v4_address,
        v4_user,
        v4_name,
        // Ends
        target,
        tunnel,
        refused,
        not_socks,
    };

    bool read(std::uint8_t c) noexcept;
    bool read_v5(std::uint8_t c) noexcept;
    bool read_v4(std::uint8_t c) noexcept;
    bool read_address_type(std::uint8_t type) noexcept;
    bool read_v4_text(std::uint8_t c, bool name) noexcept;
    bool skip(std::uint8_t c, Stage then) noexcept;
    bool expect(Stage stage, std::uint8_t size = 0) noexcept;
    bool finish() noexcept;
    void begin_address(bool v4) noexcept;
    bool read_address_byte(std::uint8_t c) noexcept;
    void write_address() noexcept;

    SocksTarget target_;
    SocksRole role_;
    Stage stage_ = Stage::version;
    std::uint8_t size_ = 0;    // bytes of the field in hand still to come
    bool line_ended_ = false;  // and blanks since, in a field whose bytes do not matter
    std::uint8_t raw_ = 0;     // where in target_.address the next byte goes
    std::uint16_t text_ = 0;   // length of a SOCKS4 text so far
};

}  // namespace minerwall::proto
