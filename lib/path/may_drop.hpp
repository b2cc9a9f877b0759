// The gate in front of every drop: may this packet be dropped? A reset and a DNS answer replace a
// packet that is dropped, so they pass the same gate.
//
// A policy that observes drops nothing: neither for a rule, nor to protect what we read. Only what
// a device cannot carry is lost. path/drop.hpp and Packet::refuse() ask; scripts/check-path finds a
// drop that does not.
#pragma once

#include <cstdint>

#include "base/reason.hpp"

namespace minerwall::path {

// The mode of the whole policy.
enum class PolicyMode : std::uint8_t { observes, enforces };

// The mode of the rule that demands the drop.
enum class RuleMode : std::uint8_t {
    none,  // no rule demands it
    observes,
    enforces,
};

constexpr bool may_drop(PolicyMode policy, RuleMode rule, Reason reason) noexcept {
    switch (kind_of(reason)) {
        case ReasonKind::policy:
            return policy == PolicyMode::enforces && rule == RuleMode::enforces;
        case ReasonKind::guard:
            return policy == PolicyMode::enforces;
        case ReasonKind::device:
            return true;
    }
    __builtin_unreachable();
}

}  // namespace minerwall::path
