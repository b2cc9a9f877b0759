// Parses any bytes as the header of the PROXY protocol. Oracles: pieces of any size give the same
// content and the same end; no byte beyond the end is consumed; a line of version 1 is bounded;
// only an opening classified as such a header comes to its end.
#include "proto/proxy_header/proxy_header.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "proto/first_bytes.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

struct Result {
    std::string content;
    std::string end = "more";
    std::size_t size = 0;  // bytes consumed
};

Result run(Bytes in, std::size_t piece) {
    ProxyHeaderParser parser;
    Result result;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        Bytes left{copy};
        for (;;) {
            std::size_t consumed = 0;
            Bytes content;
            const ProxyHeaderEvent event = parser.next(left, consumed, content);
            require(consumed <= left.size() && content.size() <= consumed);
            left = left.subspan(consumed);
            result.size += consumed;
            result.content += as_text(content);
            if (event == ProxyHeaderEvent::content) {
                require(!content.empty());
                continue;
            }
            if (event == ProxyHeaderEvent::need_more) {
                require(left.empty());
                break;
            }
            result.end = event == ProxyHeaderEvent::done ? "done" : "not";
            require(parser.next(left, consumed, content) == event && consumed == 0);
            return result;
        }
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    // From the first byte of a connection: version 2 begins with CR LF CR LF.
    const Bytes in{data, size};
    const bool binary = as_text(in).starts_with("\r\n\r\n");
    const Bytes header = binary ? in.subspan(4) : in;  // as the classifier hands it on
    const Result whole = run(header, size);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, size / 2 + 1}) {
        const Result cut = run(header, piece);
        require(cut.content == whole.content && cut.end == whole.end && cut.size == whole.size);
    }
    const bool is_text = !header.empty() && header[0] == 'P';
    require(!is_text || whole.end == "more" || whole.size <= ProxyHeaderParser::kMaxLine);
    require(is_text || whole.size <= 12 + 65535);
    const bool is_signed = binary && header.size() > 1 && header[0] == 0;
    if (whole.end == "done" && (is_text || is_signed)) {
        OpeningClassifier classifier{true};
        require(classifier.feed(in) == Opening::proxy_header);
    }
    return 0;
}
