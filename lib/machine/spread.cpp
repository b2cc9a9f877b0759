#include "machine/spread.hpp"

#include <netinet/in.h>
#include <rte_ethdev.h>
#include <rte_thash.h>

#include <array>

#include "base/bytes.hpp"

namespace minerwall::machine {

unsigned Spread::queue(const IpAddress& src, const IpAddress& dst, std::uint8_t ip_proto,
                       std::uint16_t src_port, std::uint16_t dst_port) const noexcept {
    const bool v4 = src.is_v4() && dst.is_v4();
    const std::size_t skip = v4 ? 12 : 0;
    // Host byte order: source address, destination address, ports (rte_softrss()).
    std::array<std::uint32_t, 9> words;
    std::uint32_t n = 0;
    for (const IpAddress* address : {&src, &dst}) {
        for (std::size_t i = skip; i < 16; i += 4) {
            words[n++] = load_be32(address->bytes.data() + i);
        }
    }
    const std::uint64_t with_ports =
        ip_proto == IPPROTO_TCP ? (v4 ? RTE_ETH_RSS_NONFRAG_IPV4_TCP : RTE_ETH_RSS_NONFRAG_IPV6_TCP)
        : ip_proto == IPPROTO_UDP
            ? (v4 ? RTE_ETH_RSS_NONFRAG_IPV4_UDP : RTE_ETH_RSS_NONFRAG_IPV6_UDP)
            : 0;
    if ((types & with_ports) != 0) {
        words[n++] = static_cast<std::uint32_t>(src_port) << 16 | dst_port;
    }
    return table[rte_softrss(words.data(), n, key.data()) & (table.size() - 1)];
}

}  // namespace minerwall::machine
