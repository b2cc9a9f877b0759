// Parses any bytes as a frame, with the head cut off anywhere.
//
// Input: two bytes for the length of the head, then the frame.
// Oracles: every offset lies within the frame, and a shorter head only hides fields. Parsing twice
// gives the same result, and so does reading the innermost packet again as if it had been
// reassembled. A packet crafted from a parsed frame parses back with the fields asked for, in the
// same tunnel, with every checksum right.
#include "packet/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "packet/checksum.hpp"
#include "packet/craft.hpp"
#include "packet/tunnel.hpp"
#include "require.hpp"

using namespace minerwall;
using namespace minerwall::packet;

namespace {

void check_frame(const Frame& f, std::size_t frame_length) {
    require(f.l3_offset <= f.l4_offset && f.l4_offset <= f.payload_offset);
    require(f.payload_offset + std::size_t{f.payload_length} <= frame_length);
    require(f.vlan_count <= kMaxVlanTags);
    require(!f.has_ports() || (f.is_ip() && !f.is_malformed() && !f.head_truncated()));
    require(!f.has_ports() || f.is_tcp() || f.is_udp());
    require(!f.is_first_fragment() || f.is_fragment());
    require(!f.is_fragment() || f.is_first_fragment() || !f.has_ports());
    require(f.is_tunnelled() ? f.is_ip() && f.outer_l3_offset + 20 <= f.l3_offset
                             : f.tunnel_id == 0 && f.outer_l3_offset == 0);
    require(f.reassembled_from <= f.l3_offset);
}

// A bytewise compare is valid: a Frame has no padding that is not zero.
bool same(const Frame& a, const Frame& b) {
    return std::memcmp(static_cast<const void*>(&a), static_cast<const void*>(&b), sizeof a) == 0;
}

void check_again(Bytes frame, const Frame& f) {
    Frame twice;
    parse_frame(frame, static_cast<std::uint32_t>(frame.size()), twice);
    require(same(f, twice));
    Frame again;
    parse_reassembled(frame, static_cast<std::uint32_t>(frame.size()), f, again);
    check_frame(again, frame.size());
    if (f.has_ports() && again.l3_offset == f.l3_offset) {
        require(again.reassembled_from == f.l3_offset);
        again.reassembled_from = 0;
        require(same(f, again));
    }
    TunnelEnds ends;
    require(tunnel_ends(frame, f, ends) == f.is_tunnelled());
    verify_tunnel_checksums(frame, f);
}

void check_crafted(Bytes crafted, const Frame& was, Toward toward) {
    Frame f;
    parse_frame(crafted, static_cast<std::uint32_t>(crafted.size()), f);
    check_frame(f, crafted.size());
    require(crafted.size() >= kEthernetMinimumLength);
    require(f.has_ports() && f.l3 == was.l3 && f.ip_proto == was.ip_proto);
    const bool back = toward == Toward::sender;
    require(f.src == (back ? was.dst : was.src) && f.dst == (back ? was.src : was.dst));
    require(f.src_port == (back ? was.dst_port : was.src_port));
    require(f.dst_port == (back ? was.src_port : was.dst_port));
    require(f.vlan_count == was.vlan_count);
    require(f.tunnel == was.tunnel && f.tunnel_id == was.tunnel_id);
    require(verify_tunnel_checksums(crafted, f));
    require(verify_ip_checksum(crafted, f));
    require(verify_l4_checksum(crafted.subspan(f.l4_offset), f));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const Bytes frame(data + 2, size - 2);
    const std::size_t head_length = std::min<std::size_t>(load_be16(data), frame.size());
    const auto frame_length = static_cast<std::uint32_t>(frame.size());

    // Of exactly this size, for AddressSanitizer.
    const auto head = std::make_unique<std::uint8_t[]>(head_length);
    std::copy_n(frame.begin(), head_length, head.get());
    const Bytes head_bytes(head.get(), head_length);

    Frame whole, part;
    parse_frame(frame, frame_length, whole);
    parse_frame(head_bytes, frame_length, part);
    check_frame(whole, frame.size());
    check_frame(part, frame.size());
    require(!whole.head_truncated());
    check_again(frame, whole);
    if (part.has_ports()) {
        require(whole.has_ports() && part.payload_offset == whole.payload_offset &&
                part.payload_length == whole.payload_length && part.src_port == whole.src_port);
    }
    verify_ip_checksum(head_bytes, part);
    if (part.l4_offset <= head_length) {
        verify_l4_checksum(head_bytes.subspan(part.l4_offset), part);
    }

    // Zero, so that the parser does not take the crafted answer for a tunnel's packet.
    std::array<std::uint8_t, 300> payload{};
    std::copy_n(head_bytes.begin(), std::min(head_length, payload.size()), payload.begin());
    payload[0] = 0;

    std::array<std::uint8_t, 1200> out;
    for (const Toward toward : {Toward::sender, Toward::receiver}) {
        std::size_t n = craft_reset(out, head_bytes, part, toward, 1, 2, (size & 1U) != 0);
        if (n != 0) {
            check_crafted({out.data(), n}, part, toward);
        }
        n = craft_udp_reply(out, head_bytes, part, toward,
                            Bytes(payload).first(std::min(head_length, payload.size())));
        if (n != 0) {
            check_crafted({out.data(), n}, part, toward);
        }
        // A buffer that may be too short, of exactly this size.
        const std::size_t room = std::min<std::size_t>(size % 400, out.size());
        const auto tight = std::make_unique<std::uint8_t[]>(room);
        craft_reset({tight.get(), room}, head_bytes, part, toward, 1, 2, true);
        craft_udp_reply({tight.get(), room}, head_bytes, part, toward, as_bytes("answer"));
    }
    return 0;
}
