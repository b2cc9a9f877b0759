// Frames for the benchmarks: built once, then re-addressed in place, with correct checksums.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

struct rte_mbuf;

namespace minerwall::bench {

// xorshift64*: every run gets the same numbers.
class Random {
  public:
    std::uint64_t next() noexcept {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1dULL;
    }
    double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)

  private:
    std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

// Both ends of flow number i. Each client has sixteen ports; the servers are spread over a /16.
struct Ends {
    std::uint32_t client, server;
    std::uint16_t client_port, server_port;
};
Ends ends_of(std::uint32_t flow, std::uint16_t server_port) noexcept;

// Text in a frame that changes from packet to packet; the template has zeros there.
struct Stamp {
    std::size_t offset = 0;  // from the start of the payload
    std::string_view text;
};

class Template {
  public:
    static Template tcp(std::uint8_t flags, const std::vector<std::uint8_t>& payload);
    // A payload that fills the frame up to `frame_bytes` (without FCS) and resembles encrypted
    // data.
    static Template tcp_data(std::size_t frame_bytes);
    static Template udp(const std::vector<std::uint8_t>& payload);

    void dress(rte_mbuf* m) const noexcept;  // copies the whole frame
    // Sets addresses, ports, sequence number (TCP) and stamp of a dressed packet.
    void address(rte_mbuf* m, const Ends& ends, bool to_server, std::uint32_t sequence,
                 const Stamp& stamp = {}) const noexcept;
    // Sets the acknowledgement number of an addressed TCP packet.
    static void acknowledge(rte_mbuf* m, std::uint32_t number) noexcept;
    std::size_t size() const noexcept { return frame_.size(); }
    std::uint32_t payload_size() const noexcept;

  private:
    explicit Template(std::vector<std::uint8_t> frame, bool is_tcp);
    std::vector<std::uint8_t> frame_;
    bool is_tcp_;
    std::uint32_t ip_sum_, l4_sum_;  // of the constant fields
};

struct Hello {
    std::vector<std::uint8_t> bytes;
    std::size_t name_offset;
};
// A ClientHello of the size that browsers send (RFC 8446, 4.1.2), with this server name.
Hello client_hello(std::string_view name);
// A question for an A record (RFC 1035, 4.1). The name starts at offset 13, behind the length of
// its first label.
std::vector<std::uint8_t> dns_question(std::string_view name);

std::vector<std::uint8_t> bytes_of(std::string_view text);
std::vector<std::uint8_t> noise(std::size_t count);  // no zeros, no text

}  // namespace minerwall::bench
