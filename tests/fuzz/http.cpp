// Parses any bytes as one direction of an HTTP connection; the first byte picks the role. Oracles:
// pieces of any size give the same events, heads and content, and the event loop always makes
// progress. The opening is classified alike from the whole input and from pieces.
#include "proto/http/http.hpp"

#include <string>
#include <vector>

#include "proto/first_bytes.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

void log_head(std::string& log, const HttpHead& h) {
    log += "head ";
    for (const std::string_view text :
         {h.host.view(), h.other_host.view(), h.method.view(), h.target.view(), h.user_agent.view(),
          h.stratum_url.view()}) {
        log += text;
        log += '|';
    }
    for (const std::uint64_t number :
         {h.content_length, std::uint64_t{h.port}, std::uint64_t{h.status},
          std::uint64_t{h.has_content_length}, std::uint64_t{h.chunked},
          std::uint64_t{h.framing_error}, std::uint64_t{h.host_in_target}, std::uint64_t{h.upgrade},
          std::uint64_t{h.content_type_json}, std::uint64_t{h.mining_extensions},
          std::uint64_t{h.long_polling}, std::uint64_t{h.roll_ntime}}) {
        log += std::to_string(number) + ",";
    }
    for (const std::string_view host : {h.host.view(), h.other_host.view()}) {
        for (const char c : host) {
            require(is_label_char(static_cast<std::uint8_t>(c)) || c == '.' || c == '\\' ||
                    c == '~' || c == ':');
        }
    }
}

std::string run(Bytes in, HttpRole role, std::size_t piece) {
    HttpParser parser{role};
    std::string log;
    bool in_body = false;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        Bytes left{copy};
        for (std::size_t calls = 0;; ++calls) {
            require(calls < 4 * copy.size() + 16);
            std::size_t consumed = 0;
            Bytes body;
            const HttpEvent event = parser.next(left, consumed, body);
            require(consumed <= left.size());
            left = left.subspan(consumed);
            require((event == HttpEvent::body_bytes) != body.empty());
            if (event == HttpEvent::need_more) {
                require(left.empty());
                break;
            }
            if (event == HttpEvent::body_bytes) {
                log += in_body ? "" : "body ";
                log += as_text(body);
                in_body = true;
                continue;
            }
            in_body = false;
            if (event == HttpEvent::head_done) {
                log_head(log, parser.head());
            } else if (event == HttpEvent::message_done) {
                log += "done ";
            } else {
                const std::size_t consumed_all = at + copy.size() - left.size();
                log += event == HttpEvent::tunnel ? "tunnel " + std::to_string(consumed_all)
                                                  : "not-http ";
                return log;
            }
        }
    }
    return log;
}

Opening open(Bytes in, std::size_t piece) {
    OpeningClassifier classifier;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Opening opening = classifier.feed(in.subspan(at, std::min(piece, in.size() - at)));
        require(classifier.skipped() + classifier.pending().size() <= in.size());
        if (opening != Opening::need_more) {
            require(classifier.skipped() + classifier.pending().size() == at);
            return opening;
        }
    }
    return Opening::need_more;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const HttpRole role = (data[0] & 1) != 0 ? HttpRole::response : HttpRole::request;
    const Bytes in{data + 1, size - 1};
    const std::string whole = run(in, role, size);
    const Opening opening = classify_opening(in);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, size / 2 + 1}) {
        require(run(in, role, piece) == whole);
        require(open(in, piece) == opening);
    }
    return 0;
}
