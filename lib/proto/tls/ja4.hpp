// JA4: one short text for the software behind a TLS client, the same for all its connections
// (FoxIO, technical_details/JA4.md of github.com/FoxIO-LLC/ja4; the TLS client part alone, which is
// under the BSD licence).
//
//     t13d1516h2_8daaf6152771_e5627efa2ab1
//     |  |  | |  |            SHA-256 of extensions, sorted, and signature algorithms: 12 digits
//     |  |  | |  SHA-256 of the ciphers, sorted: 12 digits
//     |  |  | first and last character of the first ALPN protocol, 00 for none
//     |  |  numbers of ciphers and of extensions, two digits each
//     |  highest version; d: a server name was sent, i: none
//     transport: t TCP, q QUIC
//
// It is evidence about a client, never a proof: miners share their TLS libraries with everybody.
#pragma once

#include "base/fixed_text.hpp"
#include "proto/tls/tls.hpp"

namespace minerwall::proto {

using Ja4Text = FixedText<36>;

// The fingerprint of a hello that is whole (ClientHelloParser::State::done). Empty where the hello
// offers more ciphers, extensions or algorithms than are kept: a part of them would be another
// client's fingerprint. `transport`: 't' or 'q'. Pure, allocates nothing, any thread.
//
// Where the specification leaves room: GREASE is ignored in ALPN too; an ALPN list that ends in the
// middle of its first protocol counts as no ALPN; a supported_versions without any version is of
// version 00.
Ja4Text ja4(const ClientHelloInfo& hello, char transport) noexcept;

}  // namespace minerwall::proto
