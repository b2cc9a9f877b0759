// Parses any bytes as one direction of a SOCKS connection; the first byte picks the role. Oracles:
// pieces of any size give the same target and the same end, and no byte beyond the end is consumed.
// Only an opening classified as SOCKS has a target. A target written as a request again reads the
// same.
#include "proto/socks/socks.hpp"

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

struct Result {
    std::string log;
    bool has_target = false;
    SocksTarget target;
};

Result run(Bytes in, SocksRole role, std::size_t piece) {
    SocksParser parser{role};
    Result result;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        Bytes left{copy};
        for (;;) {
            std::size_t consumed = 0;
            const SocksEvent event = parser.next(left, consumed);
            require(consumed <= left.size());
            left = left.subspan(consumed);
            if (event == SocksEvent::need_more) {
                require(left.empty());
                break;
            }
            if (event == SocksEvent::target) {
                require(role == SocksRole::client && !result.has_target);
                result.has_target = true;
                result.target = parser.target();
                continue;
            }
            result.log = std::to_string(static_cast<int>(event)) + "@" +
                         std::to_string(at + copy.size() - left.size());
            std::size_t again = 1;
            require(parser.next(left, again) == event && again == 0);
            return result;
        }
    }
    result.log = "more";
    return result;
}

std::string describe(const SocksTarget& t) {
    return std::string{t.host.view()} + "|" + std::to_string(t.port) + "|" +
           std::to_string(t.version) + std::to_string(static_cast<int>(t.command));
}

// Writes a plain name or an address as a SOCKS5 request and reads it again.
void check_again(const SocksTarget& target) {
    const std::string host{target.host.view()};
    for (const char c : host) {
        const auto byte = static_cast<std::uint8_t>(c);
        require(is_label_char(byte) || c == '.' || c == '\\' || c == '~' || c == ':');
        if (c == '\\' || c == '~') {
            return;
        }
    }
    if (host.empty()) {
        return;
    }
    std::string request{"\x05\x01\x00\x05\x01\x00", 6};
    const std::optional<IpAddress> address = parse_address(host);
    if (!address || to_text(*address) != host) {
        request += '\x03';
        request += static_cast<char>(host.size());
        request += host;
    } else if (address->is_v4()) {
        request += '\x01';
        request.append(reinterpret_cast<const char*>(address->v4_bytes()), 4);
    } else {
        request += '\x04';
        request.append(reinterpret_cast<const char*>(address->bytes.data()), 16);
    }
    request += static_cast<char>(target.port >> 8);
    request += static_cast<char>(target.port);
    SocksTarget expected = target;
    expected.version = 5;
    expected.command = SocksCommand::connect;
    const Result again = run(as_bytes(request), SocksRole::client, request.size());
    require(again.has_target && describe(again.target) == describe(expected));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const SocksRole role = (data[0] & 1) != 0 ? SocksRole::server : SocksRole::client;
    const Bytes in{data + 1, size - 1};
    const Result whole = run(in, role, size);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, size / 2 + 1}) {
        const Result cut = run(in, role, piece);
        require(cut.log == whole.log && cut.has_target == whole.has_target);
        require(!cut.has_target || describe(cut.target) == describe(whole.target));
    }
    const SocksOpening opening = classify_socks(in);
    require(opening != SocksOpening::need_more || in.size() < 8);
    for (std::size_t n = 0; n < std::min<std::size_t>(in.size(), 8); ++n) {
        const SocksOpening earlier = classify_socks(in.first(n));
        require(earlier == SocksOpening::need_more || earlier == opening);
    }
    if (whole.has_target) {
        // The classifier refuses SOCKS4 requests to impossible addresses, but the parser reads
        // them.
        require(opening == SocksOpening::socks || whole.target.version == 4);
        check_again(whole.target);
    }
    return 0;
}
