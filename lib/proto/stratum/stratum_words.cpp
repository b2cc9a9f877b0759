#include "proto/stratum/stratum_words.hpp"

#include <array>

namespace minerwall::proto {
namespace {

struct KeyRow {
    std::string_view name;  // folded: lower case
    Key key;
    std::uint8_t kinds;
    bool may_be_empty = false;
};
constexpr std::uint8_t kId = kString | kNumber;
constexpr KeyRow kKeys[] = {
    {"agent", Key::agent, kString},
    {"algo", Key::algo, kString | kArray},
    {"api_key", Key::api_key, kString},
    {"bits", Key::bits, kString},
    {"blob", Key::blob, kString},
    {"blockhashing_blob", Key::blockhashing_blob, kString},
    {"blocktemplate_blob", Key::blocktemplate_blob, kString},
    {"body", Key::params, kObject | kArray},  // Iron Fish
    {"code", Key::code, kId},
    {"coinbaseaux", Key::coinbaseaux, kObject},
    {"coinbasetxn", Key::coinbasetxn, kObject},
    {"coinbasevalue", Key::coinbasevalue, kNumber},
    {"curtime", Key::curtime, kNumber},
    {"data", Key::data, kString},
    {"difficulty", Key::difficulty, kId},
    {"error", Key::error, kAnyKind},
    {"extra_nonce", Key::extra_nonce, kString},
    {"hash1", Key::hash1, kString},
    {"hashes", Key::hashes, kNumber},
    {"height", Key::height, kId},
    {"host", Key::host, kString},
    {"id", Key::id, kAnyKind, true},
    {"identifier", Key::identifier, kString},
    {"input", Key::input, kString},
    {"job", Key::job, kObject},
    {"job_id", Key::job_id, kId},
    {"jsonrpc", Key::jsonrpc, kString},
    {"login", Key::login, kString},
    {"method", Key::method, kString},
    {"midstate", Key::midstate, kString},
    {"name", Key::name, kString},
    {"nonce", Key::nonce, kId},
    {"nonceprefix", Key::nonceprefix, kString},
    {"output", Key::output, kString},
    {"params", Key::params, kObject | kArray},
    {"pass", Key::pass, kString | kNumber | kBoolean | kNull, true},
    {"password", Key::password, kString, true},
    {"pool", Key::pool, kString},
    {"port", Key::port, kId},
    {"pre_pow", Key::pre_pow, kString},
    {"previousblockhash", Key::previousblockhash, kString},
    {"proto", Key::proto, kString},
    {"publicaddress", Key::public_address, kString},
    {"reserve_size", Key::reserve_size, kId},
    {"result", Key::result, kAnyKind & ~kNull},
    {"rigid", Key::rigid, kString, true},
    {"site_key", Key::site_key, kString},
    {"status", Key::status, kString},
    {"target", Key::target, kId},
    {"template_request", Key::template_request, kObject},
    {"token", Key::token, kString},
    {"transactions", Key::transactions, kArray},
    {"tx_backlog", Key::tx_backlog, kArray},
    {"type", Key::type, kString},
    {"userid", Key::user_id, kId},
    {"wallet_address", Key::wallet_address, kString},
    {"worker", Key::worker, kId, true},
};
constexpr std::size_t kKeyCount = sizeof kKeys / sizeof kKeys[0];
constexpr std::size_t kLongestKey = 18;

constexpr bool sorted_and_short() {
    for (std::size_t i = 0; i < kKeyCount; ++i) {
        if (kKeys[i].name.size() > kLongestKey || (i > 0 && kKeys[i - 1].name >= kKeys[i].name)) {
            return false;
        }
    }
    return true;
}
static_assert(sorted_and_short());

// Rows by first letter. Every member name of shallow JSON comes through here, so a look-up should
// cost only one or two comparisons.
struct Span {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
};
constexpr std::array<Span, 256> make_letters() {
    std::array<Span, 256> letters{};
    for (std::size_t i = 0; i < kKeyCount; ++i) {
        Span& span = letters[static_cast<unsigned char>(kKeys[i].name[0])];
        if (span.to == 0) {
            span.from = static_cast<std::uint8_t>(i);
        }
        span.to = static_cast<std::uint8_t>(i + 1);
    }
    return letters;
}
constexpr auto kLetters = make_letters();

struct MethodRow {
    std::string_view name;
    MethodWord word;
};
constexpr std::string_view kMining = "mining.";
// mining.*: only the part after the prefix.
constexpr MethodRow kMiningMethods[] = {
    {"notify", {Method::mining_known, Speaker::pool}},
    {"submit", {Method::mining_known, Speaker::miner, First::login}},
    {"subscribe", {Method::mining_known, Speaker::miner, First::agent}},
    {"authorize", {Method::mining_known, Speaker::miner, First::login}},
    {"configure", {Method::mining_known, Speaker::miner}},
    {"set_difficulty", {Method::mining_known, Speaker::pool}},
    {"set_target", {Method::mining_known, Speaker::pool}},
    {"set_extranonce", {Method::mining_known, Speaker::pool}},
    {"set_version_mask", {Method::mining_known, Speaker::pool}},
    {"set", {Method::mining_known, Speaker::pool}},
    {"subscribed", {Method::mining_known, Speaker::pool}},
    {"ping", {Method::mining_known, Speaker::pool}},
    {"pong", {Method::mining_known, Speaker::miner}},
    {"hello", {Method::mining_hello, Speaker::miner, First::agent}},
    {"reconnect", {Method::mining_reconnect, Speaker::pool}},
    {"set_cleanjobs", {Method::mining_known, Speaker::pool}},
    {"noop", {Method::mining_known, Speaker::miner}},
    {"bye", {Method::mining_known, Speaker::unknown}},
    {"hashrate", {Method::mining_known, Speaker::miner}},
    {"suggest_difficulty", {Method::mining_known, Speaker::miner}},
    {"suggest_target", {Method::mining_known, Speaker::miner}},
    {"extranonce.subscribe", {Method::mining_known, Speaker::miner}},
    {"get_transactions", {Method::mining_known, Speaker::miner}},
};
constexpr MethodRow kOtherMethods[] = {
    {"login", {Method::login, Speaker::miner}},
    {"submit", {Method::submit, Speaker::miner}},
    {"job", {Method::job, Speaker::pool}},
    {"keepalived", {Method::keepalived, Speaker::miner}},
    {"getjobtemplate", {Method::getjobtemplate, Speaker::miner}},
    {"block_template", {Method::block_template, Speaker::miner}},
    {"solution", {Method::solution, Speaker::miner}},
    {"result", {Method::result, Speaker::pool}},
    {"set_extranonce", {Method::set_extranonce, Speaker::pool}},
    {"client.reconnect", {Method::reconnect, Speaker::pool}},
    {"client.show_message", {Method::show_message, Speaker::pool}},
    {"client.get_version", {Method::get_version, Speaker::pool}},
    {"connection.set_gzip", {Method::set_gzip, Speaker::unknown}},
    {"eth_submitLogin", {Method::eth, Speaker::miner, First::login}},
    {"eth_login", {Method::eth, Speaker::miner, First::login}},
    {"eth_getWork", {Method::eth, Speaker::miner}},
    {"eth_submitWork", {Method::eth, Speaker::miner}},
    {"eth_submitHashrate", {Method::eth, Speaker::miner}},
    {"ctxc_submitLogin", {Method::eth, Speaker::miner, First::login}},  // Cortex
    {"ctxc_getWork", {Method::eth, Speaker::miner}},
    {"ctxc_submitWork", {Method::eth, Speaker::miner}},
    {"ctxc_submitHashrate", {Method::eth, Speaker::miner}},
    {"alph_submitHashrate", {Method::mining_known, Speaker::miner}},  // Alephium
    {"getwork", {Method::getwork, Speaker::miner}},
    {"getblocktemplate", {Method::getblocktemplate, Speaker::miner}},
    {"get_block_template", {Method::get_block_template, Speaker::miner}},
    {"submitblock", {Method::submitblock, Speaker::miner}},
    {"submit_block", {Method::submit_block, Speaker::miner}},
    {"get_miner_data", {Method::get_miner_data, Speaker::miner}},
};

struct WebRow {
    std::string_view name;
    WebWord word;
};
constexpr WebRow kTypes[] = {
    {"auth", WebWord::auth}, {"authed", WebWord::authed}, {"hash_accepted", WebWord::hash_accepted},
    {"job", WebWord::job},   {"submit", WebWord::submit},
};
constexpr WebRow kIdentifiers[] = {
    {"handshake", WebWord::handshake},
    {"job", WebWord::identified_job},
    {"solved", WebWord::solved},
    {"hashsolved", WebWord::hashsolved},
};
template <std::size_t N>
WebWord find_web(const WebRow (&rows)[N], std::string_view name) noexcept {
    name = name.substr(0, name.find('\0'));
    for (const WebRow& row : rows) {
        if (row.name == name) {
            return row.word;
        }
    }
    return WebWord::none;
}

// The name in lower case, with Go's folds. Empty if it is too long for any key.
std::string_view fold(std::string_view name, char (&out)[kLongestKey]) noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (n == kLongestKey) {
            return {};
        }
        const char c = name[i];
        if (c == '\0') {  // the end, to receivers that use C strings
            break;
        }
        if (c >= 'A' && c <= 'Z') {
            out[n++] = static_cast<char>(c - 'A' + 'a');
        } else if (name.substr(i, 2) == "\xc5\xbf") {  // U+017F
            out[n++] = 's';
            i += 1;
        } else if (name.substr(i, 3) == "\xe2\x84\xaa") {  // U+212A
            out[n++] = 'k';
            i += 2;
        } else {
            out[n++] = c;
        }
    }
    return {out, n};
}

template <std::size_t N>
MethodWord find_in(const MethodRow (&rows)[N], std::string_view name) noexcept {
    for (const MethodRow& row : rows) {
        if (row.name == name) {
            return row.word;
        }
    }
    return {};
}

}  // namespace

KeyWord find_key(std::string_view name) noexcept {
    if (name.empty()) {
        return {};
    }
    // Bit 0x20 folds a first letter. A key that starts with U+017F has 's' in the index.
    const auto initial = static_cast<unsigned char>(name[0]);
    const Span span = kLetters[initial == 0xc5 ? 's' : initial | 0x20];
    if (span.to == 0) {
        return {};
    }
    char buffer[kLongestKey];
    const std::string_view folded = fold(name, buffer);
    for (std::size_t i = span.from; i < span.to; ++i) {
        if (kKeys[i].name == folded) {
            // Much other JSON says userId; the miners say userID.
            if (kKeys[i].key == Key::user_id && name != "userID") {
                return {};
            }
            return {kKeys[i].key, kKeys[i].kinds, kKeys[i].may_be_empty};
        }
    }
    return {};
}

WebWord find_type(std::string_view name) noexcept {
    return find_web(kTypes, name);
}

WebWord find_identifier(std::string_view name) noexcept {
    return find_web(kIdentifiers, name);
}

MethodWord find_method(std::string_view name) noexcept {
    name = name.substr(0, name.find('\0'));
    if (!name.starts_with(kMining)) {
        return find_in(kOtherMethods, name);
    }
    const std::string_view rest = name.substr(kMining.size());
    const MethodWord known = find_in(kMiningMethods, rest);
    if (known.method != Method::none || rest.empty()) {
        return known;
    }
    return {Method::mining_other, Speaker::unknown, First::other};
}

}  // namespace minerwall::proto
