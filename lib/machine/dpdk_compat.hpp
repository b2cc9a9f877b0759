// Collects the differences between DPDK 22.11 and 24.11 in what we use.
#pragma once

#include <rte_ethdev.h>
#include <rte_version.h>

namespace minerwall::machine {

// From 23.11 on, the caller chooses the hash function with the key. If a driver lists its
// functions, choose Toeplitz, for which the symmetric key was made; a driver without a list has
// only that.
inline void choose_toeplitz([[maybe_unused]] const rte_eth_dev_info& info,
                            [[maybe_unused]] rte_eth_rss_conf& rss) noexcept {
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
    if ((info.rss_algo_capa & RTE_ETH_HASH_ALGO_CAPA_MASK(TOEPLITZ)) != 0) {
        rss.algorithm = RTE_ETH_HASH_FUNCTION_TOEPLITZ;
    }
#endif
}

}  // namespace minerwall::machine
