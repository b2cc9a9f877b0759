// What kind of evidence a verdict rests on.
#pragma once

#include <cstdint>

namespace minerwall {

// A port alone is a hint and does not recognise mining: see recognises_mining(). A rule that
// matched by the client alone (client_ip, a subnet) has `none`, because that says nothing about
// mining.
enum class EvidenceKind : std::uint8_t { none, payload, name, address, port, learned };
inline constexpr unsigned kEvidenceKindCount = 6;

constexpr bool recognises_mining(EvidenceKind kind) noexcept {
    return kind == EvidenceKind::payload || kind == EvidenceKind::name ||
           kind == EvidenceKind::address || kind == EvidenceKind::learned;
}

}  // namespace minerwall
