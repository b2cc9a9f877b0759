#include "bench/traffic.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>

#include "packet/headers.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::bench {
namespace {

using test::Buffer;
using test::Eth;

constexpr std::size_t kIp = 14;
constexpr std::size_t kL4 = kIp + 20;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kUdpHeader = 8;

void put16(Buffer& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}
void put(Buffer& out, const Buffer& bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
Buffer with_length16(const Buffer& body) {
    Buffer out(2 + body.size());
    store_be16(out.data(), static_cast<std::uint16_t>(body.size()));
    std::copy(body.begin(), body.end(), out.begin() + 2);
    return out;
}
void put_extension(Buffer& out, std::size_t type, const Buffer& body) {
    put16(out, type);
    put(out, with_length16(body));
}

std::uint16_t fold(std::uint32_t sum) noexcept {
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}
std::uint32_t halves(std::uint32_t word) noexcept {
    return (word >> 16) + (word & 0xffff);
}

}  // namespace

Ends ends_of(std::uint32_t flow, std::uint16_t server_port) noexcept {
    return {0x0a000000U | (flow >> 4), 0xc6120000U | ((flow * 40503U >> 4) & 0xffffU),
            static_cast<std::uint16_t>(50000 + (flow & 15)), server_port};
}

Template::Template(std::vector<std::uint8_t> frame, bool is_tcp)
    : frame_(std::move(frame)),
      is_tcp_(is_tcp),
      // The template's addresses, ports, sequence number and stamps are zero and add nothing to the
      // sums.
      ip_sum_(static_cast<std::uint16_t>(~load_be16(&frame_[kIp + 10]))),
      l4_sum_(static_cast<std::uint16_t>(~load_be16(&frame_[kL4 + (is_tcp ? 16 : 6)]))) {}

Template Template::tcp(std::uint8_t flags, const std::vector<std::uint8_t>& payload) {
    Eth builder;
    builder.ipv4("0.0.0.0", "0.0.0.0").tcp(0, 0).ack(1).flags(flags).payload(payload).pad();
    return Template(builder.build(), true);
}

Template Template::tcp_data(std::size_t frame_bytes) {
    return tcp(packet::kTcpAck, noise(frame_bytes - kL4 - kTcpHeader));
}

Template Template::udp(const std::vector<std::uint8_t>& payload) {
    Eth builder;
    builder.ipv4("0.0.0.0", "0.0.0.0").udp(0, 0).payload(payload).pad();
    return Template(builder.build(), false);
}

std::uint32_t Template::payload_size() const noexcept {
    return load_be16(&frame_[kIp + 2]) - 20U -
           static_cast<std::uint32_t>(is_tcp_ ? kTcpHeader : kUdpHeader);
}

void Template::dress(rte_mbuf* m) const noexcept {
    std::memcpy(rte_pktmbuf_mtod(m, void*), frame_.data(), frame_.size());
    m->data_len = static_cast<std::uint16_t>(frame_.size());
    m->pkt_len = static_cast<std::uint32_t>(frame_.size());
}

void Template::address(rte_mbuf* m, const Ends& ends, bool to_server, std::uint32_t sequence,
                       const Stamp& stamp) const noexcept {
    auto* frame = rte_pktmbuf_mtod(m, std::uint8_t*);
    const std::uint32_t addresses = halves(ends.client) + halves(ends.server);
    std::uint32_t sum = l4_sum_ + addresses + ends.client_port + ends.server_port;
    store_be32(frame + kIp + 12, to_server ? ends.client : ends.server);
    store_be32(frame + kIp + 16, to_server ? ends.server : ends.client);
    store_be16(frame + kIp + 10, fold(ip_sum_ + addresses));
    store_be16(frame + kL4, to_server ? ends.client_port : ends.server_port);
    store_be16(frame + kL4 + 2, to_server ? ends.server_port : ends.client_port);
    const std::size_t payload = kL4 + (is_tcp_ ? kTcpHeader : kUdpHeader);
    if (is_tcp_) {
        store_be32(frame + kL4 + 4, sequence);
        sum += halves(sequence);
    }
    for (std::size_t i = 0; i < stamp.text.size(); ++i) {
        const auto c = static_cast<std::uint8_t>(stamp.text[i]);
        frame[payload + stamp.offset + i] = c;
        sum += (stamp.offset + i) % 2 == 0 ? c << 8U : c;
    }
    const std::uint16_t checksum = fold(sum);
    store_be16(frame + kL4 + (is_tcp_ ? 16 : 6), !is_tcp_ && checksum == 0 ? 0xffff : checksum);
}

void Template::acknowledge(rte_mbuf* m, std::uint32_t number) noexcept {
    auto* tcp = rte_pktmbuf_mtod(m, std::uint8_t*) + kL4;
    // RFC 1624: subtracts the old number from the sum and adds the new one.
    const std::uint32_t sum = (~std::uint32_t{load_be16(tcp + 16)} & 0xffff) +
                              halves(~load_be32(tcp + 8)) + halves(number);
    store_be32(tcp + 8, number);
    store_be16(tcp + 16, fold(sum));
}

Hello client_hello(std::string_view name) {
    Buffer extensions;
    Buffer host = {0};  // host_name (RFC 6066, 3)
    put(host, with_length16(bytes_of(name)));
    // Other extensions come before the name, as in most real hellos.
    put_extension(extensions, 0x0017, {});                        // extended_master_secret
    put_extension(extensions, 0xff01, {0});                       // renegotiation_info
    put_extension(extensions, 0x000a, with_length16(noise(10)));  // supported_groups
    put_extension(extensions, 0x000d, with_length16(noise(18)));  // signature_algorithms
    const std::size_t before_name = extensions.size() + 4 + 2 + 3;
    put_extension(extensions, 0x0000, with_length16(host));       // server_name
    put_extension(extensions, 0x0023, {});                        // session_ticket
    put_extension(extensions, 0x002b, {4, 3, 4, 3, 3});           // supported_versions
    put_extension(extensions, 0x0033, with_length16(noise(36)));  // key_share
    put_extension(extensions, 0x0015, Buffer(190, 0));            // padding

    Buffer body = {3, 3};
    put(body, noise(32));
    body.push_back(32);
    put(body, noise(32));
    put(body, with_length16(noise(32)));  // cipher suites
    put(body, {1, 0});                    // compression methods
    const std::size_t before_extensions = body.size() + 2;
    put(body, with_length16(extensions));

    Buffer message = {1, 0};
    put(message, with_length16(body));
    Buffer record = {22, 3, 1};
    put(record, with_length16(message));
    return {record, 5 + 4 + before_extensions + before_name};
}

std::vector<std::uint8_t> dns_question(std::string_view name) {
    Buffer out = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    while (!name.empty()) {
        const std::size_t label = std::min(name.find('.'), name.size());
        out.push_back(static_cast<std::uint8_t>(label));
        put(out, bytes_of(name.substr(0, label)));
        name.remove_prefix(std::min(label + 1, name.size()));
    }
    put(out, {0, 0, 1, 0, 1});
    return out;
}

std::vector<std::uint8_t> bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

std::vector<std::uint8_t> noise(std::size_t count) {
    Random random;
    std::vector<std::uint8_t> out(count);
    for (std::uint8_t& byte : out) {
        byte = static_cast<std::uint8_t>(0x80 | random.next() >> 57);
    }
    return out;
}

}  // namespace minerwall::bench
