// The recogniser gives the same answers for every cut of the same bytes, on every carrier. The
// prefilter nominates everything that the recogniser calls mining, unless only a lenient receiver
// would.
#include "proto/stratum/stratum.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#include "match/prefilter.hpp"

namespace {

using namespace minerwall;         // NOLINT: a test
using namespace minerwall::proto;  // NOLINT

// The product reads only messages that the prefilter nominates, so a miss here is a miss there.
// `read` is the stream up to the message's end.
void expect_nominated(Bytes read, std::size_t offset) {
    static const match::Prefilter kPrefilter(1);
    // The reported message may be one line of the nominated bytes.
    const bool one_line = std::memchr(read.data(), '\n', read.size()) == nullptr;
    std::string copy{as_text(one_line ? read.subspan(offset) : read)};
    copy.reserve(copy.size() + 64);  // Hyperscan loads whole vectors
    if (!kPrefilter.nominate(as_bytes(copy), 0)) {
        std::abort();
    }
}

// All answers for a stream, as text.
std::string answers(Bytes bytes, Carrier carrier, StreamStart start, std::uint32_t cutting) {
    StratumScanner scanner;
    scanner.reset(carrier, start);
    std::string out;
    std::size_t position = 0;
    const Bytes stream = bytes;
    while (!bytes.empty()) {
        std::size_t step = bytes.size();
        if (cutting != 0) {
            cutting = cutting * 1664525 + 1013904223;
            step = std::min<std::size_t>(step, 1 + (cutting >> 16) % 24);
        }
        MiningInfo info;
        std::size_t taken = 0;
        const auto state = scanner.feed(bytes.first(step), info, taken);
        if (taken > step || (state == StratumScanner::State::scanning && taken != step)) {
            std::abort();
        }
        if (state == StratumScanner::State::not_json) {
            return out + "not json";
        }
        position += taken;
        if (state == StratumScanner::State::mining) {
            if (info.dialect == Dialect::none ||
                (info.dialect == Dialect::webminer && carrier != Carrier::websocket) ||
                taken == 0 || info.offset >= position) {
                std::abort();
            }
            // The patterns do not know what only lenient receivers read.
            if (cutting == 0 && !scanner.lenient()) {
                expect_nominated(stream.first(position), info.offset);
            }
            out += std::to_string(position) + ' ' + std::to_string(info.offset) + ' ' +
                   std::string{to_text(info.dialect)} + ' ' +
                   std::to_string(static_cast<unsigned>(info.speaker));
            for (const std::string_view text :
                 {info.method.view(), info.login.view(), info.worker.view(), info.agent.view(),
                  info.pool.view(), info.next_pool.view(), info.algorithm.view()}) {
                out.append(" <").append(text).append(">");
            }
            if (!scanner.lenient()) {  // where receivers differ, it may begin in another place
                out.append(" <").append(info.evidence.view()).append(">");
            }
            out += '\n';
        }
        bytes = bytes.subspan(taken);
    }
    return out + std::to_string(scanner.messages()) + (scanner.mid_message() ? " open" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const bool websocket = (data[0] & 0x80) != 0;
    const auto carrier = websocket ? Carrier::websocket : static_cast<Carrier>(data[0] % 3);
    const auto start = static_cast<StreamStart>(data[0] / 3 % 2);
    const std::uint32_t cutting = 1 + data[1];
    const Bytes text{data + 2, size - 2};
    if (answers(text, carrier, start, cutting) != answers(text, carrier, start, 0)) {
        std::abort();
    }
    return 0;
}
