// Reads one direction of a SOCKS connection: SOCKS5 (RFC 1928) with user name and password (RFC
// 1929), SOCKS4 and SOCKS4a. Finds the client's target and the first byte of the tunnel.
//
// A push parser of bounded state: it keeps names as HostText, and drops users and passwords. Many
// clients send greeting, request and the tunnel's first bytes at once. So each direction has a
// parser of its own, and reading the client does not need the server's answers. Segmentation cannot
// change the result. One thread at a time.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "proto/host_text.hpp"

namespace minerwall::proto {

enum class SocksRole : std::uint8_t { client, server };

enum class SocksCommand : std::uint8_t { connect = 1, bind = 2, udp_associate = 3 };

struct SocksTarget {
    HostText host;  // the name, or the address as text (IPv6 without brackets)
    std::uint16_t port = 0;
    std::uint8_t version = 0;  // 4 (4a too) or 5
    SocksCommand command = SocksCommand::connect;
};

enum class SocksEvent : std::uint8_t {
    need_more,  // all bytes are used
    target,     // client: target() is complete
    tunnel,     // the first byte not consumed starts another protocol
    refused,    // server; stays so
    not_socks,  // stays so; the first wrong byte and the rest are not consumed
};

// Whether a client's first bytes open SOCKS; need_more only for fewer than 8 bytes. A SOCKS5
// greeting must offer methods (which excludes DCE/RPC's `05 00`), and a SOCKS4 request must name an
// address to which a connection can go. Other protocols may pass by chance (DNP3's `05 64`), but
// the parser soon returns not_socks for them: only a target proves SOCKS.
enum class SocksOpening : std::uint8_t { need_more, socks, other };
SocksOpening classify_socks(Bytes prefix) noexcept;

class SocksParser {
  public:
    explicit SocksParser(SocksRole role = SocksRole::client) noexcept : role_(role) {}
    void reset(SocksRole role) noexcept { *this = SocksParser{role}; }

    // Reads the next event in `in`. Call it with the remaining bytes (in.subspan(consumed)) until
    // it returns anything but target.
    SocksEvent next(Bytes in, std::size_t& consumed) noexcept;

    // For a client, from the event `target` on.
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
        request,      // after a negotiation; a second one may not follow
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
        // End states
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
    IpAddress address_;
    SocksRole role_;
    Stage stage_ = Stage::version;
    std::uint8_t size_ = 0;    // bytes that the current field still needs
    bool line_ended_ = false;  // only blanks since a line end, in a field that we do not read
    std::uint8_t raw_ = 0;     // index in address_ of the next byte
    std::uint16_t text_ = 0;   // length of a SOCKS4 text so far
};

}  // namespace minerwall::proto
