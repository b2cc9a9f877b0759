// Numbers and layouts of the wire headers that the path reads and crafts.
//
// The structs have alignment 1, so that one may be at any offset of a frame. Read fields of several
// bytes with load_be16/32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace minerwall::packet {

// --- Link -----------------------------------------------------------------------------------

inline constexpr std::size_t kEthernetHeaderLength = 14;
inline constexpr std::size_t kEthernetMinimumLength = 60;  // IEEE 802.3, 4.2.3.3, without FCS
inline constexpr std::size_t kVlanTagLength = 4;
inline constexpr std::size_t kMplsLabelLength = 4;
inline constexpr std::size_t kPppoeHeaderLength = 6;
inline constexpr std::size_t kPppProtocolLength = 2;

// Limits of what hostile frames can make us walk. A frame beyond one is marked: Frame::unreadable.
inline constexpr unsigned kMaxVlanTags = 8;
// Tags with VLAN id 0 carry a priority and nothing else (IEEE 802.1Q, 9.6), so they do not count
// as VLAN tags. Linux removes any number of them.
inline constexpr unsigned kMaxPriorityTags = 32;
inline constexpr unsigned kMaxMplsLabels = 16;
// Receivers accept as many as fit into a packet. Honest packets have one or two.
inline constexpr unsigned kMaxExtensionHeaders = 32;
inline constexpr unsigned kMaxTunnels = 4;  // one in another

// EtherType (IANA "IEEE 802 Numbers").
inline constexpr std::uint16_t kEtherIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherArp = 0x0806;
inline constexpr std::uint16_t kEtherTransparent = 0x6558;   // RFC 1701: an Ethernet frame, in GRE
inline constexpr std::uint16_t kEtherVlan = 0x8100;          // IEEE 802.1Q customer tag
inline constexpr std::uint16_t kEtherIpv6 = 0x86dd;          // RFC 2464
inline constexpr std::uint16_t kEtherWccp = 0x883e;          // redirected IPv4, in GRE
inline constexpr std::uint16_t kEtherMpls = 0x8847;          // RFC 3032, 5
inline constexpr std::uint16_t kEtherMplsUpper = 0x8848;     // RFC 5332: upstream-assigned label
inline constexpr std::uint16_t kEtherPppoeSession = 0x8864;  // RFC 2516, 4
inline constexpr std::uint16_t kEtherServiceVlan = 0x88a8;   // IEEE 802.1ad service tag
inline constexpr std::uint16_t kVlanIdMask = 0x0fff;         // of a tag's TCI (IEEE 802.1Q, 9.6)
inline constexpr std::uint16_t kEtherOldQinq = 0x9100;       // before 802.1ad, still in use

inline constexpr std::uint16_t kPppIpv4 = 0x0021;  // RFC 1332
inline constexpr std::uint16_t kPppIpv6 = 0x0057;  // RFC 5072

struct EthernetHeader {
    std::uint8_t dst[6];
    std::uint8_t src[6];
    std::uint8_t type[2];
};
static_assert(sizeof(EthernetHeader) == kEthernetHeaderLength);

struct PppoeHeader {            // RFC 2516, 4
    std::uint8_t version_type;  // 0x11
    std::uint8_t code;          // 0 for session data
    std::uint8_t session[2];
    std::uint8_t length[2];  // of the PPP protocol field and its payload
};
static_assert(sizeof(PppoeHeader) == kPppoeHeaderLength);

// --- IP -------------------------------------------------------------------------------------

// IP protocol numbers and IPv6 next headers (IANA "Protocol Numbers").
inline constexpr std::uint8_t kProtoHopByHop = 0;
inline constexpr std::uint8_t kProtoIcmp = 1;
inline constexpr std::uint8_t kProtoIpInIp = 4;
inline constexpr std::uint8_t kProtoTcp = 6;
inline constexpr std::uint8_t kProtoUdp = 17;
inline constexpr std::uint8_t kProtoIpv6 = 41;
inline constexpr std::uint8_t kProtoRouting = 43;
inline constexpr std::uint8_t kProtoFragment = 44;
inline constexpr std::uint8_t kProtoGre = 47;
inline constexpr std::uint8_t kProtoEsp = 50;
inline constexpr std::uint8_t kProtoAh = 51;
inline constexpr std::uint8_t kProtoNone = 59;
inline constexpr std::uint8_t kProtoDestination = 60;

struct Ipv4Header {            // RFC 791, 3.1
    std::uint8_t version_ihl;  // IHL counts words of 4 bytes
    std::uint8_t tos;
    std::uint8_t total_length[2];  // header and payload
    std::uint8_t id[2];
    std::uint8_t fragment[2];  // flags and offset in units of 8 bytes
    std::uint8_t ttl;
    std::uint8_t protocol;
    std::uint8_t checksum[2];  // of the header alone
    std::uint8_t src[4];
    std::uint8_t dst[4];
};
static_assert(sizeof(Ipv4Header) == 20);
inline constexpr std::uint16_t kIpv4DontFragment = 0x4000;
inline constexpr std::uint16_t kIpv4MoreFragments = 0x2000;
inline constexpr std::uint16_t kIpv4OffsetMask = 0x1fff;

struct Ipv6Header {  // RFC 8200, 3
    std::uint8_t version_class_flow[4];
    std::uint8_t payload_length[2];  // all that follows, extension headers included
    std::uint8_t next_header;
    std::uint8_t hop_limit;
    std::uint8_t src[16];
    std::uint8_t dst[16];
};
static_assert(sizeof(Ipv6Header) == 40);
inline constexpr std::uint16_t kIpv6MoreFragments = 0x0001;
inline constexpr std::uint16_t kIpv6OffsetMask = 0xfff8;

// --- Transport ------------------------------------------------------------------------------

struct TcpHeader {  // RFC 9293, 3.1
    std::uint8_t src_port[2];
    std::uint8_t dst_port[2];
    std::uint8_t seq[4];
    std::uint8_t ack[4];
    std::uint8_t data_offset;  // upper four bits, words of 4 bytes
    std::uint8_t flags;
    std::uint8_t window[2];
    std::uint8_t checksum[2];
    std::uint8_t urgent[2];
};
static_assert(sizeof(TcpHeader) == 20);
inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;
inline constexpr std::uint8_t kTcpUrg = 0x20;
inline constexpr std::uint8_t kTcpEce = 0x40;  // RFC 3168
inline constexpr std::uint8_t kTcpCwr = 0x80;

struct UdpHeader {  // RFC 768
    std::uint8_t src_port[2];
    std::uint8_t dst_port[2];
    std::uint8_t length[2];    // header and payload
    std::uint8_t checksum[2];  // 0: no checksum (IPv4 only)
};
static_assert(sizeof(UdpHeader) == 8);

// --- Tunnels --------------------------------------------------------------------------------

// RFC 2784, 2.1 and RFC 2890, 2: the fixed part, then one word of 4 bytes for each of C, K and S,
// in this order.
struct GreHeader {
    std::uint8_t flags[2];
    std::uint8_t type[2];  // EtherType of the payload
};
static_assert(sizeof(GreHeader) == 4);
inline constexpr std::uint32_t kGreWordLength = 4;
inline constexpr std::uint16_t kGreChecksum = 0x8000;
inline constexpr std::uint16_t kGreRouting = 0x4000;  // RFC 1701, obsolete
inline constexpr std::uint16_t kGreKey = 0x2000;
inline constexpr std::uint16_t kGreSequence = 0x1000;
inline constexpr std::uint16_t kGreVersion = 0x0007;

struct VxlanHeader {  // RFC 7348, 5; an Ethernet frame follows
    std::uint8_t flags;
    std::uint8_t reserved[3];
    std::uint8_t vni[3];
    std::uint8_t reserved2;
};
static_assert(sizeof(VxlanHeader) == 8);
inline constexpr std::uint16_t kPortVxlan = 4789;
inline constexpr std::uint8_t kVxlanHasVni = 0x08;

}  // namespace minerwall::packet
