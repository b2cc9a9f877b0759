// What is kept of a connection that gives its parser's state up between two messages.
#include "inspect/connection.hpp"

namespace minerwall::inspect {

bool Stream::is_between() const noexcept {
    switch (mode_) {
        case Mode::opening:
            return opening_.is_fresh();
        case Mode::json:
            return !state_.json.mid_message();
        case Mode::http:
            return state_.http.parser.is_between();
        case Mode::websocket:
            return state_.websocket.parser.is_between();
        case Mode::dns:
            return state_.dns.is_between();
        case Mode::unknown:
            return line_begins_;
        case Mode::proxy_header:
        case Mode::tls:
        case Mode::socks:
        case Mode::stratum2:
            return false;
    }
    return false;
}

namespace {

// Bits of what a parked connection keeps.
constexpr std::uint8_t kParked = 1, kUpgraded = 2, kBrowser = 4;

}  // namespace

std::uint8_t Connection::parked_as(bool done_0, bool done_1) const noexcept {
    // A proxy's answer means nothing without the request.
    if ((!done_0 && !stream_[0].is_between()) || (!done_1 && !stream_[1].is_between()) ||
        notes_.socks || notes_.connect || stream_[0].is_upgraded() != stream_[1].is_upgraded()) {
        return 0;
    }
    return static_cast<std::uint8_t>(kParked | (stream_[0].is_upgraded() ? kUpgraded : 0) |
                                     (notes_.browser ? kBrowser : 0));
}

void Connection::resume(std::uint8_t parked) noexcept {
    notes_.browser = (parked & kBrowser) != 0;
    if ((parked & kUpgraded) != 0) {
        stream_[0].upgrade();
        stream_[1].upgrade();
    }
}

}  // namespace minerwall::inspect
