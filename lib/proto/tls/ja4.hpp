// JA4: a short text that identifies the software behind a TLS client, the same for all its
// connections (FoxIO, technical_details/JA4.md of github.com/FoxIO-LLC/ja4; only the TLS client
// part, which has the BSD licence).
//
//     t13d1516h2_8daaf6152771_e5627efa2ab1
//
//
//
//
//
//             SHA-256 of extensions, sorted, and signature algorithms: 12 digits
//
//
//
//
//   SHA-256 of the ciphers, sorted: 12 digits
//
//
//
// first and last character of the first ALPN protocol, 00 for none
//
//
//   numbers of ciphers and of extensions, two digits each
//
//   highest version; d: a server name was sent, i: none
//     transport: t TCP, q QUIC
//
// It is evidence about a client, not a proof: miners share their TLS libraries with other software.
#pragma once

#include "base/fixed_text.hpp"
#include "proto/tls/tls.hpp"

namespace minerwall::proto {

using Ja4Text = FixedText<36>;

// The fingerprint of a complete hello (ClientHelloParser::State::done). Empty if the hello offers
// more ciphers, extensions or algorithms than the parser keeps, because a part of them would give
// another client's fingerprint. `transport`: 't' or 'q'. Pure, allocates nothing, any thread.
//
// The specification leaves some cases open. We ignore GREASE in ALPN too; an ALPN list that ends in
// the middle of its first protocol counts as no ALPN; a supported_versions without a version gives
// version 00.
Ja4Text ja4(const ClientHelloInfo& hello, char transport) noexcept;

}  // namespace minerwall::proto
