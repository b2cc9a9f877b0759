// Servers behind the wire, a plain model of Linux (RFC 9293, 3.10.7). They take the frames that
// leave the wire and acknowledge what they have. fuzz_path asks what their applications read. There
// is one listener for each pair of ends and client port, on plain Ethernet with IPv4 or IPv6.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "packet/checksum.hpp"
#include "packet/fragment.hpp"
#include "path_talk.hpp"
#include "support/messages.hpp"
#include "support/receivers.hpp"

namespace minerwall::fuzz {

class Connection {
  public:
    void take(const packet::Frame& f, std::string_view payload) {
        const bool syn = (f.tcp_flags & packet::kTcpSyn) != 0;
        const bool ack = (f.tcp_flags & packet::kTcpAck) != 0;
        const bool rst = (f.tcp_flags & packet::kTcpRst) != 0;
        const bool fin = (f.tcp_flags & packet::kTcpFin) != 0;
        if (state_ == State::listen) {
            if (syn && !ack && !rst && !fin) {  // ignores its payload: no fast open
                state_ = State::syn_received;
                next_ = f.tcp_seq + 1;
            }
            return;
        }
        if (rst) {  // RFC 5961, 3.2
            if (f.tcp_seq == next_) {
                *this = Connection();
            }
            return;
        }
        if (syn || !ack) {
            return;
        }
        const std::int32_t news = static_cast<std::int32_t>(f.tcp_ack - (kIss + 1));
        if (news > 0 || news < -65535 || (state_ == State::syn_received && news != 0)) {
            return;
        }
        const auto length = static_cast<std::uint32_t>(payload.size());
        const auto distance = static_cast<std::int32_t>(f.tcp_seq - next_);
        if (distance > kWindow || distance + static_cast<std::int64_t>(length) < 0) {
            return;
        }
        state_ = State::established;
        if (closed_) {
            return;
        }
        for (std::uint32_t i = 0; i < length; ++i) {
            if (distance + static_cast<std::int64_t>(i) >= 0) {
                held_.emplace(f.tcp_seq + i - first_of_stream(), payload[i]);
            }
        }
        if (fin) {
            fin_at_ = f.tcp_seq + length;
        }
        for (auto at = held_.find(next_ - first_of_stream());
             at != held_.end() && at->first == next_ - first_of_stream(); at = held_.erase(at)) {
            read_.push_back(at->second);
            ++next_;
        }
        if (fin_at_ && *fin_at_ == next_) {
            ++next_;
            closed_ = true;
        }
    }

    // The segment that it would send now, if there is a connection.
    std::optional<Frame> answer(Talks& talks, std::uint8_t who) const {
        switch (state_) {
            case State::listen:
                return std::nullopt;
            case State::syn_received:
                return talks.truth(who, kIss, next_, packet::kTcpSyn | packet::kTcpAck);
            case State::established:
                return talks.truth(who, kIss + 1, next_, packet::kTcpAck);
        }
        return std::nullopt;
    }
    const std::string& read() const { return read_; }

  private:
    static constexpr std::uint32_t kIss = 0xfffffff0;
    static constexpr std::int32_t kWindow = 64240;
    // Numbers relative to this one do not wrap, because a script sends too little.
    std::uint32_t first_of_stream() const {
        return next_ - static_cast<std::uint32_t>(read_.size()) - (closed_ ? 1u : 0u);
    }

    enum class State : std::uint8_t { listen, syn_received, established } state_ = State::listen;
    std::uint32_t next_ = 0;
    std::map<std::uint32_t, char> held_;  // by offset in the stream; the first copy stays
    std::optional<std::uint32_t> fin_at_;
    bool closed_ = false;
    std::string read_;
};

class Receivers {
  public:
    void take(const Frame& bytes) {
        packet::Frame f;
        packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), f);
        if (!is_for_a_host(bytes, f)) {
            return;
        }
        if (!f.is_fragment()) {
            take_whole(bytes, f);
        } else if (std::optional<Frame> whole = reassemble(bytes, f)) {
            packet::parse_frame(*whole, static_cast<std::uint32_t>(whole->size()), f);
            if (is_for_a_host(*whole, f) && !f.is_fragment()) {
                take_whole(*whole, f);
            }
        }
    }

    std::optional<Frame> answer(Talks& talks, std::uint8_t who) const {
        const auto at = connections_.find(number(who));
        return at != connections_.end() ? at->second.answer(talks, who) : std::nullopt;
    }

    // Linux gives up on an incomplete datagram after 30 s.
    void pass_time(Nanos span) {
        silence_ += span;
        if (silence_ >= 30 * kNanosPerSecond) {
            datagrams_.clear();
        }
    }

    // Whether an application read a whole mining message first.
    bool got_a_mining_message() const {
        for (const auto& [who, connection] : connections_) {
            if (who % Talks::kEnds == Talks::kFriend) {
                continue;
            }
            for (const std::string* message :
                 {&test::kSubscribe, &test::kAuthorize, &test::kLogin}) {
                if (connection.read().starts_with(*message)) {
                    return true;
                }
            }
        }
        return false;
    }

  private:
    static unsigned number(std::uint8_t who) {
        return (who >> 6) * Talks::kEnds + who % Talks::kEnds;
    }

    static bool is_for_a_host(const Frame& bytes, const packet::Frame& f) {
        return f.is_ip() && !f.is_malformed() && !f.is_tunnelled() && f.vlan_count == 0 &&
               (f.flags & (packet::kMpls | packet::kPppoe)) == 0 && f.l3_offset == 14 &&
               bytes[5] == test::kServerMac[5] && packet::verify_ip_checksum(bytes, f);
    }

    // The datagram as a frame, if this fragment completes it.
    std::optional<Frame> reassemble(const Frame& bytes, const packet::Frame& f) {
        packet::FragmentPart part;
        if (f.l3 != packet::L3::ipv4 || !packet::read_fragment(bytes, f, part) ||
            part.data_at + part.length > bytes.size()) {
            return std::nullopt;  // unit tests cover IPv6 hosts
        }
        const auto key = std::make_tuple(f.src, f.dst, load_be16(bytes.data() + f.l3_offset + 4),
                                         bytes[f.l3_offset + 9]);
        auto [at, fresh] = datagrams_.try_emplace(key, test::Overlap::discard);
        const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(part.data_at);
        test::Piece piece;
        piece.offset = part.offset;
        piece.more = part.more;
        piece.data.assign(first, first + static_cast<std::ptrdiff_t>(part.length));
        const auto data = at->second.take(piece);
        if (!data || data->size() > 60000) {
            return std::nullopt;
        }
        Frame out(bytes.begin(), bytes.begin() + 14 + 20);
        out[14] = 0x45;
        store_be16(out.data() + 16, static_cast<std::uint16_t>(20 + data->size()));
        store_be16(out.data() + 20, 0);
        store_be16(out.data() + 24, 0);
        store_be16(out.data() + 24, test::internet_checksum(Frame(out.begin() + 14, out.end())));
        out.insert(out.end(), data->begin(), data->end());
        return out;
    }

    void take_whole(const Frame& bytes, const packet::Frame& f) {
        if (!f.is_tcp() || !is_sound(bytes, f)) {
            return;
        }
        for (unsigned who = 0; who < 256; ++who) {
            const auto w = static_cast<std::uint8_t>(who);
            const Ends& ends = Talks::ends(w);
            if ((who & 0x38) == 0 && f.src_port == Talks::client_port(w) &&
                f.dst_port == ends.server_port && parse_address(ends.client) == f.src &&
                parse_address(ends.server) == f.dst) {
                const auto* first = reinterpret_cast<const char*>(bytes.data()) + f.payload_offset;
                connections_[number(w)].take(f, {first, f.payload_length});
            }
        }
    }

    // Whether the checksum is right and no MD5 option is present: a host without a key refuses it
    // (RFC 2385).
    static bool is_sound(const Frame& bytes, const packet::Frame& f) {
        const std::size_t end = f.payload_offset + f.payload_length;
        if (end > bytes.size()) {
            return false;
        }
        const bool v4 = f.l3 == packet::L3::ipv4;
        Frame message(bytes.begin() + f.l3_offset + (v4 ? 12 : 8),
                      bytes.begin() + f.l3_offset + (v4 ? 20 : 40));
        const auto length = static_cast<std::uint32_t>(end - f.l4_offset);
        for (const std::uint32_t part : {length, std::uint32_t{packet::kProtoTcp}}) {
            message.resize(message.size() + 4);
            store_be32(message.data() + message.size() - 4, part);
        }
        message.insert(message.end(), bytes.begin() + f.l4_offset,
                       bytes.begin() + static_cast<std::ptrdiff_t>(end));
        const bool md5 = f.payload_offset - f.l4_offset >= 22 && bytes[f.l4_offset + 20] == 19;
        return test::internet_checksum(message) == 0 && !md5;
    }

    using DatagramKey = std::tuple<IpAddress, IpAddress, std::uint16_t, std::uint8_t>;
    std::map<DatagramKey, test::Receiver> datagrams_;
    std::map<unsigned, Connection> connections_;
    Nanos silence_ = 0;
};

}  // namespace minerwall::fuzz
