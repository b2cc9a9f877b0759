#include "inspect/mining_notes.hpp"

namespace minerwall::inspect {
namespace {

template <std::size_t N>
void fill_in(FixedText<N>& known, const FixedText<N>& more) noexcept {
    if (known.empty()) {
        known = more;
    }
}

}  // namespace

void fill_in(MiningInfo& known, const MiningInfo& more) noexcept {
    fill_in(known.login, more.login);
    fill_in(known.worker, more.worker);
    fill_in(known.agent, more.agent);
    fill_in(known.pool, more.pool);
    fill_in(known.next_pool, more.next_pool);
    fill_in(known.algorithm, more.algorithm);
}

void add(Evidence& out, const MiningInfo& info) noexcept {
    // A coin node that mines is a miner.
    if (!out.has_mining || (!is_mining(out.mining.dialect) && is_mining(info.dialect))) {
        out.has_mining = true;
        out.mining = info;
        return;
    }
    fill_in(out.mining, info);
}

void note_hello(const proto::ClientHelloInfo& hello, char transport, NameSource source,
                Evidence& out) noexcept {
    hello.other_names.for_each([&](std::string_view name) {
        out.name_source = source;
        out.names.add(name);
    });
    out.ja4 = proto::ja4(hello, transport);
    out.ech = hello.has_ech;
}

}  // namespace minerwall::inspect
