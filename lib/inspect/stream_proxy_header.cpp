// The header of the PROXY protocol in front of a connection.
#include <algorithm>
#include <memory>

#include "inspect/mining_notes.hpp"
#include "inspect/stream.hpp"

namespace minerwall::inspect {
namespace {

bool is_space(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

void Stream::begin_proxy_header() noexcept {
    mode_ = Mode::proxy_header;
    std::construct_at(&state_.proxy_header.parser);
    state_.proxy_header.open = state_.proxy_header.line_begins = false;
}

// A receiver that knows no such header may skip it line by line, so lines in it are read as well.
void Stream::read_header_lines(Bytes content, Evidence& out) noexcept {
    ProxyHeader& header = state_.proxy_header;
    for (std::size_t at = 0; at < content.size();) {
        if (!header.open) {
            const std::uint8_t c = content[at];
            if (!header.line_begins || (c != '{' && c != '[')) {
                header.line_begins = c == '\n' || (header.line_begins && is_space(c));
                ++at;
                continue;
            }
            header.open = true;
            std::construct_at(&header.line);
            header.line.reset(proto::Carrier::json_lines);
            base_ = offset_ - static_cast<std::uint32_t>(content.size() - at);
        }
        MiningInfo info;
        std::size_t consumed = 0;
        const auto state = header.line.feed(content.subspan(at), info, consumed);
        at += consumed;
        if (state == proto::StratumScanner::State::mining) {
            info.offset += base_;
            add(out, info);
            return;
        }
        if (state == proto::StratumScanner::State::not_json) {
            header.open = header.line_begins = false;
        } else if (consumed == 0) {
            return;
        }
    }
}

Stream::Outcome Stream::feed_proxy_header(Bytes& bytes, Evidence& out) noexcept {
    for (;;) {
        std::size_t consumed = 0;
        Bytes content;
        const auto event = state_.proxy_header.parser.next(bytes, consumed, content);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        switch (event) {
            case proto::ProxyHeaderEvent::need_more:
                return Outcome::go_on;
            case proto::ProxyHeaderEvent::content:
                read_header_lines(content, out);
                if (out.has_mining) {
                    return Outcome::flow_settled;
                }
                break;
            case proto::ProxyHeaderEvent::done:
                restart(midstream_);  // the connection's own first bytes
                return Outcome::go_on;
            case proto::ProxyHeaderEvent::not_proxy_header:
                restart(true);  // a few bytes in front of another protocol
                if (state_.proxy_header.open) {
                    const proto::StratumScanner line = state_.proxy_header.line;
                    mode_ = Mode::json;
                    std::construct_at(&state_.json, line);
                }
                return Outcome::go_on;
        }
    }
}

}  // namespace minerwall::inspect
