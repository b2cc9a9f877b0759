// Parses any bytes as a stream of DNS messages over TCP. Oracles: pieces of any size give the same
// messages, and the messages match their length fields.
#include "proto/dns/dns_stream.hpp"

#include <algorithm>
#include <vector>

#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

using Messages = std::vector<std::vector<std::uint8_t>>;

Messages feed(Bytes in, std::size_t piece) {
    DnsStream stream;
    Messages out;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        // A copy of exactly this size: the sanitizer sees a read beyond it, and the view stays
        // valid.
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        for (Bytes part{copy}; !part.empty();) {
            std::size_t consumed = 0;
            const DnsStream::State state = stream.feed(part, consumed);
            require(consumed != 0 && consumed <= part.size());
            part = part.subspan(consumed);
            require(state == DnsStream::State::message || part.empty());
            if (state == DnsStream::State::message) {
                const Bytes m = stream.message();
                require(!m.empty() && m.size() <= DnsStream::kMaxKept);
                require(!stream.cut() || m.size() == DnsStream::kMaxKept);
                out.emplace_back(m.begin(), m.end());
            }
        }
    }
    return out;
}

Messages cut_by_lengths(Bytes in) {
    Messages out;
    while (in.size() >= 2) {
        const std::size_t size = load_be16(in.data());
        if (in.size() - 2 < size) {
            break;
        }
        const Bytes m = in.subspan(2, std::min(size, DnsStream::kMaxKept));
        if (size != 0) {
            out.emplace_back(m.begin(), m.end());
        }
        in = in.subspan(2 + size);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes in{data, size};
    const Messages expected = cut_by_lengths(in);
    for (const std::size_t piece :
         {size + 1, std::size_t{1}, std::size_t{2}, std::size_t{3}, size / 2 + 1, size / 3 + 1}) {
        require(feed(in, piece) == expected);
    }
    const DnsStatus status = classify_dns_stream(in);
    for (std::size_t n = 0; n < std::min<std::size_t>(size, 300); ++n) {
        const DnsStatus less = classify_dns_stream(in.first(n));
        require(less == DnsStatus::truncated || less == status);
    }
    return 0;
}
