// Parses any bytes as the start of a TLS stream. Oracles: the whole, two halves at every early cut,
// and single bytes give the same hello. So do the bare handshake bytes, and the same message in
// other records. The fingerprint has its form.
#include "proto/tls/tls.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "proto/tls/ja4.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

// Each piece is a copy of its own, so that the sanitizer sees a read beyond it.
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

using State = ClientHelloParser::State;

template <std::size_t N>
bool same(const std::array<std::uint16_t, N>& a, const std::array<std::uint16_t, N>& b,
          std::uint8_t count_a, std::uint8_t count_b) {
    return count_a == count_b && std::equal(a.begin(), a.begin() + count_a, b.begin());
}

std::string others_of(const ClientHelloInfo& info) {
    std::string text;
    info.other_names.for_each([&](std::string_view name) {
        require(!name.empty() && name.size() <= 253);
        text.append(name);
        text.push_back(' ');
    });
    return text;
}

void require_same(const ClientHelloParser& one, const ClientHelloParser& two) {
    const ClientHelloInfo& a = one.info();
    const ClientHelloInfo& b = two.info();
    require(one.state() == two.state());
    require(a.server_name.view() == b.server_name.view() && a.alpn.view() == b.alpn.view());
    require(others_of(a) == others_of(b) && a.names_lost == b.names_lost);
    require(a.has_sni == b.has_sni && a.has_alpn == b.has_alpn);
    require(a.has_ech == b.has_ech && a.ech == b.ech);
    require(a.has_psk == b.has_psk && a.has_early_data == b.has_early_data);
    require(a.highest_version == b.highest_version);
    const ClientHelloLists& x = a.lists;
    const ClientHelloLists& y = b.lists;
    require(same(x.ciphers, y.ciphers, x.cipher_count, y.cipher_count));
    require(same(x.extensions, y.extensions, x.extension_count, y.extension_count));
    require(same(x.algorithms, y.algorithms, x.algorithm_count, y.algorithm_count));
    require(x.truncated == y.truncated && x.alpn_size == y.alpn_size);
    require(x.alpn_first == y.alpn_first && x.alpn_last == y.alpn_last);
    require(ja4(a, 't').view() == ja4(b, 't').view());
}

void check_fingerprint(const ClientHelloInfo& info) {
    const auto text = ja4(info, 'q');
    require(!text.truncated() && text.empty() == info.lists.truncated);
    if (text.empty()) {
        return;
    }
    const std::string_view v = text.view();
    require(v.size() == 36 && v[0] == 'q' && v[10] == '_' && v[23] == '_');
    require(std::all_of(v.begin(), v.end(), [](char c) {
        const auto u = static_cast<std::uint8_t>(c);
        return is_digit(u) || (to_lower(u) >= 'a' && to_lower(u) <= 'z') || c == '_';
    }));
}

// Compares the input as a handshake message with the same bytes in records of `size`.
void check_handshake(Bytes message, std::size_t size) {
    ClientHelloParser plain, pieces, records;
    std::size_t consumed = 0;
    plain.feed_handshake(message, consumed);
    require(plain.state() != State::need_more || consumed == message.size());
    std::size_t total = 0;
    for (std::size_t at = 0; at < message.size(); at += size) {
        const Bytes view = message.subspan(at, std::min(size, message.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        std::size_t n = 0;
        pieces.feed_handshake(copy, n);
        total += n;
        std::vector<std::uint8_t> wire = {22, 3, 3, static_cast<std::uint8_t>(view.size() >> 8),
                                          static_cast<std::uint8_t>(view.size())};
        wire.insert(wire.end(), view.begin(), view.end());
        records.feed(wire, n);
    }
    require(total == consumed);
    require_same(plain, pieces);
    require_same(plain, records);
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
        require_same(cut, whole);
    }
    check_fingerprint(info);
    for (const std::size_t piece : {1u, 5u, 300u}) {
        check_handshake(in, piece);
        check_handshake(in.subspan(std::min<std::size_t>(size, 5)), piece);
    }
    return 0;
}
