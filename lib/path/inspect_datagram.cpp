#include "path/inspect_datagram.hpp"

#include "path/gather.hpp"
#include "path/validity.hpp"

namespace minerwall::path {

void inspect_datagram(Context& context, Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const packet::Frame& frame = burst.frame[i];
    gather(context, burst, i);
    inspect::Payload& payload = context.payload;
    if (payload.pieces == 0 || !inspect::Datagrams::wants(flow, frame, payload.piece[0].front()) ||
        !receiver_accepts(context, flow, burst.direction[i], burst.bytes_of(i), frame)) {
        return;
    }
    linearise(context);
    inspect::Evidence& evidence = burst.evidence[i];
    evidence.clear();
    burst.news[i] =
        context.datagrams.feed(flow, burst.direction[i], frame, payload.piece[0], evidence);
    if (context.datagrams.conflict() && !context.rules->observe()) {
        burst.fate[i] = Fate::drop;
        burst.reason[i] = Reason::stream_conflict;
    }
    if (evidence.app != inspect::App::unknown) {
        flow.app = static_cast<std::uint8_t>(evidence.app) & 0xf;
    }
}

}  // namespace minerwall::path
