#include "output/eve/redact.hpp"

#include <algorithm>

namespace minerwall::output {
namespace {

constexpr std::size_t kWhole = 16;  // the log shows texts up to this length unchanged
constexpr std::size_t kRun = 24;    // the shortest wallets in use have 26 characters
constexpr std::string_view kGap = "…";

bool in_run(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
           c == '/' || c == '=' || c == '\\';
}

std::size_t run_length(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), in_run) -
                                    text.begin());
}

bool starts_with_basic(std::string_view text) noexcept {
    constexpr std::string_view kBasic = "basic ";
    return text.size() >= kBasic.size() && (text.front() | 0x20) == 'b' &&
           std::equal(kBasic.begin(), kBasic.end(), text.begin(),
                      [](char lower, char c) { return lower == c || lower == (c | 0x20); });
}

// Length of the text before a password at the start of `rest`: from a member's name to the opening
// quote of its value. 0: no password follows.
std::size_t password_key(std::string_view rest) noexcept {
    for (const std::string_view key : {"\"pass\"", "\"password\""}) {
        if (rest.starts_with(key)) {
            const std::size_t value = rest.find_first_not_of(" :\t", key.size());
            return value != std::string_view::npos && rest[value] == '"' ? value + 1 : 0;
        }
    }
    return 0;
}

// Length of `"login","` at the start of `rest`; 0 if it is not there.
std::size_t login_and_comma(std::string_view rest, std::string_view login) noexcept {
    if (login.empty() || rest.size() < login.size() + 2 || rest.front() != '"' ||
        !rest.substr(1).starts_with(login) || rest[login.size() + 1] != '"') {
        return 0;
    }
    const std::size_t value = rest.find_first_not_of(" ,\t", login.size() + 2);
    return value != std::string_view::npos && rest[value] == '"' ? value + 1 : 0;
}

bool logs_in(std::string_view message) noexcept {
    return message.find("uthorize\"") != std::string_view::npos ||
           message.find("ogin\"") != std::string_view::npos;
}

}  // namespace

LoginParts split_login(std::string_view login) noexcept {
    if (login.find('@') != std::string_view::npos) {
        return {login, {}};
    }
    std::size_t at = login.rfind('.');
    if (at == std::string_view::npos) {
        at = login.rfind('/');
    }
    if (at == std::string_view::npos || at == 0 || at + 1 == login.size()) {
        return {login, {}};
    }
    return {login.substr(0, at), login.substr(at + 1)};
}

void append_shortened(std::string& out, std::string_view text) {
    if (text.size() <= kWhole) {
        out += text;
        return;
    }
    out += text.substr(0, 6);
    out += kGap;
    out += text.substr(text.size() - 4);
}

void append_masked(std::string& out, std::string_view message, std::string_view login) {
    const std::string_view account = split_login(login).account;
    const bool password_behind_login = logs_in(message);
    const auto skip_value = [&](std::size_t from) {  // to the closing quote
        out += kGap;
        return std::min(message.find('"', from), message.size());
    };
    std::size_t i = 0;
    std::size_t run_end = 0;  // of the last measured run
    while (i < message.size()) {
        const std::string_view rest = message.substr(i);
        if (const std::size_t key = password_key(rest); key != 0) {
            out += rest.substr(0, key);
            i = skip_value(i + key);
            continue;
        }
        if (const std::size_t head = login_and_comma(rest, login);
            head != 0 && password_behind_login) {
            append_masked(out, rest.substr(0, login.size() + 2), login);
            out += rest.substr(login.size() + 2, head - login.size() - 2);
            i = skip_value(i + head);
            continue;
        }
        std::size_t run = 0;
        if (i >= run_end) {
            run = run_length(rest);
            run_end = i + run;
        }
        if (account.size() > kWhole && rest.starts_with(account)) {
            append_shortened(out, account);
            i += account.size();
        } else if (starts_with_basic(rest)) {
            out += rest.substr(0, 6);
            const std::size_t secret = run_length(rest.substr(6));
            if (secret != 0) {
                out += kGap;
            }
            i += 6 + secret;
        } else if (run > kRun) {
            append_shortened(out, rest.substr(0, run));
            i += run;
        } else {
            // One byte at a time, because an account may also begin inside a short run.
            out += rest.front();
            ++i;
        }
    }
}

}  // namespace minerwall::output
