// One direction of a TCP flow under inspection: which protocol it opened with, and the push parser
// that reads it. Parsers keep O(1) state and never see the same byte twice, so that segmentation
// cannot change what they find.
#pragma once

#include <cstdint>
#include <type_traits>

#include "inspect/evidence.hpp"
#include "inspect/nominate.hpp"
#include "proto/first_bytes.hpp"
#include "proto/http.hpp"
#include "proto/stratum.hpp"
#include "proto/tls.hpp"

namespace minerwall::inspect {

class Stream {
  public:
    // Whether there is more to learn from this direction.
    enum class Outcome : std::uint8_t { go_on, settled, flow_settled };

    // At the first byte of a connection (`midstream` false) or anywhere later in it.
    void start(bool midstream) noexcept;
    // Bytes are missing: what comes next is read as a stream joined in the middle.
    void lose_track() noexcept { start(true); }

    // The next bytes of the direction. Findings are added to `out`.
    Outcome feed(Bytes bytes, const Nominator& nominator, Evidence& out) noexcept;
    // A segment ends here: in a stream joined in the middle, the next one may open a message.
    Outcome end_segment() noexcept;

  private:
    void restart(bool midstream) noexcept;  // like start(), but the count of bytes goes on

    enum class Mode : std::uint8_t { opening, json, http, tls, unknown };

    Outcome feed_opening(Bytes bytes, const Nominator& nominator, Evidence& out) noexcept;
    Outcome feed_json(Bytes bytes, Evidence& out) noexcept;
    // Leaves in `bytes` what belongs to the protocol inside a tunnel; the mode is opening then.
    Outcome feed_http(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_tls(Bytes bytes, Evidence& out) noexcept;
    Outcome feed_unknown(Bytes bytes, const Nominator& nominator, Evidence& out) noexcept;
    Outcome begin(proto::Opening opening) noexcept;
    void note_head(const proto::HttpHead& head, Evidence& out) const noexcept;

    struct Http {
        proto::HttpParser parser;
        proto::StratumScanner body;
        bool body_open;     // `body` is in use for the message being read
        bool body_ignored;  // the message's body is no JSON
        bool request;
    };
    union State {
        State() noexcept {}
        proto::StratumScanner json;
        Http http;
        proto::ClientHelloParser tls;
    };

    Mode mode_;
    bool midstream_;
    std::uint8_t segments_;  // looked at without finding a protocol
    std::uint32_t offset_;   // of the next byte, from where the stream was started
    std::uint32_t base_;     // the offset that the scanner in use counts from
    proto::OpeningClassifier opening_;
    State state_;
};
static_assert(std::is_trivially_destructible_v<Stream>, "streams live in a pool of raw records");

}  // namespace minerwall::inspect
