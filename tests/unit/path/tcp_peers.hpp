// The two ends of a TCP connection over a rig. The test controls every number, and knows what the
// receiving application would read of the forwarded segments.
#pragma once

#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "rig.hpp"
#include "support/stream_model.hpp"

namespace minerwall::path {

// A segment's fields beside its payload; the test may also let the receiver lose it.
struct Segment {
    std::uint8_t flags = packet::kTcpAck;
    std::uint32_t timestamp = 0, echo = 0;  // an option if either is set
    std::uint16_t window = 65535;
    int scale = -1;              // an option unless negative
    std::uint16_t urgent = 0;    // pointer
    bool arrives = true;         // false: it is lost behind the appliance
    std::uint16_t checksum = 0;  // a wrong one, unless zero
    bool wrong_end = false;      // true: it comes in at the wrong port
};

class Peers {
  public:
    explicit Peers(Rig& rig, std::uint32_t client_isn = 1000, std::uint32_t server_isn = 50000)
        : rig_(rig),
          isn_{client_isn, server_isn},
          first_{test::ModelReceiver(test::ModelReceiver::Overlap::first_wins),
                 test::ModelReceiver(test::ModelReceiver::Overlap::first_wins)},
          last_{test::ModelReceiver(test::ModelReceiver::Overlap::last_wins),
                test::ModelReceiver(test::ModelReceiver::Overlap::last_wins)} {}

    // Both SYNs and the first acknowledgement.
    void open(const Segment& client = {}, const Segment& server = {}) {
        Segment syn = client;
        syn.flags = packet::kTcpSyn;
        send(0, isn_[0], "", syn);
        Segment answer = server;
        answer.flags = packet::kTcpSyn | packet::kTcpAck;
        send(1, isn_[1], "", answer);
        Segment ack = client;
        ack.scale = -1;
        send(0, isn_[0] + 1, "", ack);
    }

    // Sends bytes of a direction (0: to the server), `offset` from its first one.
    bool data(unsigned direction, std::size_t offset, std::string_view text,
              const Segment& how = {}) {
        const bool passed =
            send(direction, isn_[direction] + 1 + static_cast<std::uint32_t>(offset), text, how);
        if (passed && how.arrives && how.checksum == 0 && !how.wrong_end) {
            get(direction, offset, text);
        }
        return passed;
    }
    bool up(std::size_t offset, std::string_view text, const Segment& how = {}) {
        return data(0, offset, text, how);
    }
    bool down(std::size_t offset, std::string_view text, const Segment& how = {}) {
        return data(1, offset, text, how);
    }
    // A receiver acknowledges what it has. direction: of the acknowledged bytes.
    void ack(unsigned direction, Segment how = {}) {
        send(1 - direction,
             isn_[1 - direction] + 1 + static_cast<std::uint32_t>(sent_[1 - direction]), "", how);
    }
    bool send(unsigned direction, std::uint32_t sequence, std::string_view text,
              const Segment& how) {
        const Buffer frame = build(direction, sequence, text, how);
        const bool at_client = (direction == 0) != how.wrong_end;
        const std::uint16_t port = at_client ? Rig::kClientSide : Rig::kServerSide;
        rig_.put(port, frame, buffers_of(frame));
        rig_.turn();
        bool passed = false;
        for (const Buffer& out : rig_.take(machine::peer_of(port))) {
            passed = passed || out == frame;
        }
        rig_.take(port);
        return passed;
    }
    // The borders of a chain of the tests' small buffers.
    static std::vector<std::size_t> buffers_of(const Buffer& frame) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = 400; at < frame.size(); at += 400) {
            cuts.push_back(at);
        }
        return cuts;
    }
    Buffer build(unsigned direction, std::uint32_t sequence, std::string_view text,
                 const Segment& how) const {
        test::Eth eth(direction == 0 ? test::kClientMac : test::kServerMac,
                      direction == 0 ? test::kServerMac : test::kClientMac);
        direction == 0 ? eth.ipv4("10.0.0.1", "192.0.2.9").tcp(client_port, server_port)
                       : eth.ipv4("192.0.2.9", "10.0.0.1").tcp(server_port, client_port);
        eth.seq(sequence).flags(how.flags).window(how.window).payload(text);
        if ((how.flags & packet::kTcpAck) != 0) {
            eth.ack(isn_[1 - direction] + 1 +
                    static_cast<std::uint32_t>(first_[1 - direction].has_read().size()) +
                    lie_about_ack);
        }
        Buffer options;
        if (how.scale >= 0) {
            options.insert(options.end(), {3, 3, static_cast<std::uint8_t>(how.scale), 1});
        }
        if (how.timestamp != 0 || how.echo != 0) {
            options.insert(options.end(), {1, 1, 8, 10});
            options.resize(options.size() + 8);
            store_be32(options.data() + options.size() - 8, how.timestamp);
            store_be32(options.data() + options.size() - 4, how.echo);
        }
        eth.tcp_options(options);
        Buffer frame = eth;
        const packet::Frame parsed = parse(frame);
        if (how.urgent != 0) {
            store_be16(frame.data() + parsed.l4_offset + 18, how.urgent);
            refresh_checksum(frame, parsed);
        }
        if (how.checksum != 0) {
            frame[parsed.l4_offset + 16u] ^= 0x5a;
        }
        return frame;
    }

    // Whether the application reads `text`, if its stack prefers either copy of a byte.
    bool reads(unsigned direction, std::string_view text) const {
        return first_[direction].has_read().find(text) != std::string_view::npos ||
               last_[direction].has_read().find(text) != std::string_view::npos;
    }
    std::string_view has_read(unsigned direction) const { return first_[direction].has_read(); }
    std::uint32_t next(unsigned direction) const {
        return isn_[direction] + 1 + static_cast<std::uint32_t>(sent_[direction]);
    }
    void restart(std::uint32_t client_isn, std::uint32_t server_isn) {
        const std::uint16_t port = client_port;
        Rig& rig = rig_;
        this->~Peers();
        new (this) Peers(rig, client_isn, server_isn);
        client_port = port;
    }

    std::uint16_t client_port = 40000, server_port = 8080;
    std::uint32_t lie_about_ack = 0;  // added to every acknowledgement

  private:
    void get(unsigned direction, std::size_t offset, std::string_view text) {
        const Bytes bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        first_[direction].get(offset, bytes);
        last_[direction].get(offset, bytes);
        sent_[direction] = std::max(sent_[direction], offset + text.size());
    }
    static void refresh_checksum(Buffer& frame, const packet::Frame& parsed) {
        frame[parsed.l4_offset + 16u] = frame[parsed.l4_offset + 17u] = 0;
        for (std::uint32_t sum = 0; sum <= 0xffff; ++sum) {
            store_be16(frame.data() + parsed.l4_offset + 16, static_cast<std::uint16_t>(sum));
            if (packet::verify_l4_checksum(
                    Bytes(frame).subspan(parsed.l4_offset, parsed.l4_length()), parsed)) {
                return;
            }
        }
    }

    Rig& rig_;
    std::uint32_t isn_[2];
    test::ModelReceiver first_[2], last_[2];
    std::size_t sent_[2] = {0, 0};
};

}  // namespace minerwall::path
