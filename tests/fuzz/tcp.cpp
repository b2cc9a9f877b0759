// Sends any sequence of segments, lies, losses and acknowledgements. Oracle: the receiving
// application reads a prefix of what the parsers got. Memory is bounded and freed at the end. If
// there is room enough, the parsers miss nothing.

#include "require.hpp"
#include "support/stream_model.hpp"

namespace {

using namespace minerwall;

// The stream's true bytes (number 0), and other versions for lies.
std::string version(std::size_t offset, std::size_t length, unsigned number) {
    std::string text(length, '\0');
    for (std::size_t i = 0; i < length; ++i) {
        text[i] = static_cast<char>((offset + i) * 31 + number * 97);
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 6) {
        return 0;
    }
    static tcp::StreamMemory large(256), small(3);
    const bool ample = (data[0] & 1) != 0;
    tcp::StreamMemory& memory = ample ? large : small;
    tcp::StreamLimits limits;
    limits.pages = ample ? 200 : 2;
    limits.drop_when_full = (data[0] & 2) != 0;
    const auto overlap = (data[0] & 4) != 0 ? test::ModelReceiver::Overlap::first_wins
                                            : test::ModelReceiver::Overlap::last_wins;
    const std::uint32_t isn = load_be32(data + 1);
    {
        test::StreamModel model(memory, limits, isn, overlap);
        for (std::size_t at = 5; at + 4 <= size; at += 4) {
            const std::uint8_t what = data[at];
            // An offset of up to 16 KiB: sixteen pages, well inside the window.
            const std::size_t offset = std::size_t{data[at + 1]} << 6 | (data[at + 2] & 0x3f);
            const std::size_t length = 1 + (std::size_t{data[at + 3]} << ((what >> 4) & 3));
            switch (what & 3) {
                case 0:
                    model.acknowledge();
                    break;
                case 1:
                    model.hear();
                    break;
                default:
                    model.send(offset, version(offset, length, what >> 6), (what & 4) != 0);
            }
            if (ample || limits.drop_when_full) {
                require(model.holds());
                require(model.losses == 0);
            }
            require(memory.in_use() <= limits.pages);
        }
        require(model.losses == 0 || model.exhausted);
    }
    require(memory.in_use() == 0);
    return 0;
}
