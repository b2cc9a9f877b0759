// Parses any bytes as one direction of a WebSocket connection. Oracles: pieces of any size give the
// same messages, and a reader of whole buffers agrees. That reader follows RFC 6455, 5.2,
// literally.
#include "proto/websocket/websocket.hpp"

#include <string>
#include <vector>

#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

std::string run(Bytes in, std::size_t piece) {
    WebSocketParser parser;
    std::string log;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        Bytes left{copy};
        for (std::size_t calls = 0;; ++calls) {
            require(calls < 4 * copy.size() + 16);
            std::size_t consumed = 0;
            Bytes payload;
            const WebSocketEvent event = parser.next(left, consumed, payload);
            require(consumed <= left.size());
            require((event == WebSocketEvent::payload_bytes) != payload.empty());
            left = left.subspan(consumed);
            if (event == WebSocketEvent::need_more) {
                require(left.empty());
                break;
            }
            if (event == WebSocketEvent::message_begin) {
                log += parser.text() ? 'T' : 'B';
                log += parser.compressed() ? 'Z' : '-';
            } else if (event == WebSocketEvent::payload_bytes) {
                log += as_text(payload);
            } else if (event == WebSocketEvent::message_done) {
                log += "<end>";
            } else {
                require(!left.empty());
                return log + "<none>";
            }
        }
    }
    return log;
}

std::string model(Bytes in) {
    std::string log;
    bool open = false;
    for (std::size_t at = 0; at < in.size();) {
        const std::uint8_t first = in[at];
        const unsigned opcode = first & 15U;
        if ((opcode > 2 && opcode < 8) || opcode > 10 || (opcode >= 8 && (first & 0x80) == 0)) {
            return log + "<none>";
        }
        if (at + 1 == in.size()) {
            break;
        }
        const bool masked = (in[at + 1] & 0x80) != 0;
        std::uint64_t size = in[at + 1] & 0x7fU;
        if (opcode >= 8 && size > 125) {
            return log + "<none>";
        }
        const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
        at += 2;
        if (in.size() - at < more) {
            break;
        }
        if (more != 0) {
            size = more == 2 ? load_be16(&in[at]) : load_be64(&in[at]);
        }
        if (size >> 63 != 0) {
            return log + "<none>";
        }
        at += more;
        std::uint8_t mask[4] = {};
        if (masked) {
            if (in.size() - at < 4) {
                break;
            }
            std::memcpy(mask, &in[at], 4);
            at += 4;
        }
        if (opcode < 8 && (opcode != 0 || !open)) {
            log += open ? "<end>" : "";
            log += opcode == 1 ? 'T' : 'B';
            log += (first & 0x40) != 0 ? 'Z' : '-';
            open = true;
        }
        std::uint64_t i = 0;
        for (; i < size && at < in.size(); ++i, ++at) {
            if (opcode < 8) {
                log += static_cast<char>(in[at] ^ mask[i % 4]);
            }
        }
        if (i == size && opcode < 8 && (first & 0x80) != 0) {
            log += "<end>";
            open = false;
        }
    }
    return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes in{data, size};
    const std::string expected = model(in);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, size / 2 + 1, size + 1}) {
        require(run(in, piece) == expected);
    }
    return 0;
}
