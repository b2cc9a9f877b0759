// What an event may show of a miner's credentials. A login is often a wallet or a person's mail
// address. An event shows enough to tell two logins apart and to recognise a known one, but never
// the whole.
//
// Any thread. The input is hostile; the results are bytes that still need escaping.
#pragma once

#include <string>
#include <string_view>

namespace minerwall::output {

// By the pools' common custom, "WALLET.rig01" is the account "WALLET" and the worker "rig01"; some
// write '/' instead of the dot. A mail address is not split.
struct LoginParts {
    std::string_view account;
    std::string_view worker;  // empty if the login names none
};
LoginParts split_login(std::string_view login) noexcept;

// The first 6 and last 4 bytes with "…" between, if there are more than 16; else the whole text.
void append_shortened(std::string& out, std::string_view text);

// Appends a piece of a message with its credentials masked, if they are there in clear text:
// - the account of `login`;
// - every run of more than 24 letters, digits and base64 or escape characters (wallets, hashes,
//   keys);
// - what follows "Basic " (RFC 7617), and the value of a member "pass" or "password";
// - in a message that logs in, the parameter behind the login: by custom the password.
void append_masked(std::string& out, std::string_view message, std::string_view login);

}  // namespace minerwall::output
