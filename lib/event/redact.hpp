// What of a miner's credentials may be written. A login is often a wallet or a person's mail
// address: an event shows enough of it to tell two apart and to recognise one that is known, and
// never the whole.
//
// Any thread. Bytes are as hostile as the wire; the results are bytes too and still need escaping.
#pragma once

#include <string>
#include <string_view>

namespace minerwall::event {

// "WALLET.rig01" is the account "WALLET" and the worker "rig01", by the pools' common custom; some
// write '/' for the dot. A mail address is not split.
struct LoginParts {
    std::string_view account;
    std::string_view worker;  // empty: none was named
};
LoginParts split_login(std::string_view login) noexcept;

// The first 6 and last 4 bytes with "…" between, where there are more than 16; else as it is.
void append_shortened(std::string& out, std::string_view text);

// A piece of a message with its credentials masked, as far as they stand there in clear: the
// account of `login`; every run of more than 24 letters, digits and base64 or escape characters
// (wallets, hashes, keys); what follows "Basic " (RFC 7617); the value of a member "pass" or
// "password"; and the parameter behind the login in a message that logs in, which is the password
// by custom.
void append_masked(std::string& out, std::string_view message, std::string_view login);

}  // namespace minerwall::event
