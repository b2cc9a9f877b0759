// Any bytes as the start of a TLS stream. Oracle: whole, halved at every early cut and byte by byte
// it is the same hello.
#include "proto/tls.hpp"

#include <cstdlib>
#include <vector>

namespace {

using namespace minerwall;
using namespace minerwall::proto;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// Every piece is a copy of its own, so that the sanitizer sees a byte too many.
std::size_t feed(ClientHelloParser& parser, Bytes in, std::size_t piece) {
    std::size_t total = 0;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        const auto before = parser.state();
        std::size_t consumed = 0;
        const auto after = parser.feed(copy, consumed);
        require(after == parser.state());
        require(after != ClientHelloParser::State::need_more || consumed == copy.size());
        require(before == ClientHelloParser::State::need_more || consumed == 0);
        require(consumed <= copy.size());
        total += consumed;
    }
    return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes in{data, size};
    ClientHelloParser whole;
    const std::size_t consumed = feed(whole, in, size + 1);
    const ClientHelloInfo& info = whole.info();
    require(info.has_sni == whole.name_ready());
    require(!info.has_sni || !info.server_name.empty());
    for (const char c : info.server_name.view()) {
        require(is_label_char(static_cast<std::uint8_t>(c)) || c == '.' || c == '\\' || c == '~');
    }
    for (const char c : info.alpn.view()) {
        require(c > ' ' && c < 0x7f);
    }
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                    size / 2 + 1, size / 3 + 1}) {
        ClientHelloParser cut;
        require(feed(cut, in, piece) == consumed);
        require(cut.state() == whole.state());
        require(cut.info().server_name.view() == info.server_name.view());
        require(cut.info().alpn.view() == info.alpn.view());
        require(cut.info().has_sni == info.has_sni && cut.info().has_alpn == info.has_alpn);
        require(cut.info().has_ech == info.has_ech);
        require(cut.info().legacy_version == info.legacy_version);
    }
    return 0;
}
