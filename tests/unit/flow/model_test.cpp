// Compares the table with std::map under the same random operations.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "flow/table.hpp"
#include "frames.hpp"

namespace minerwall::flow {
namespace {

struct Model {
    std::uint32_t id;
    std::uint64_t touched_ms;  // never wraps here
};

void run(std::uint64_t seed, std::uint64_t start_ms) {
    std::mt19937_64 random(seed);
    Timeouts timeouts;
    timeouts.tcp_fresh = 3;
    timeouts.tcp_established = 700;  // longer than a turn of the wheel
    timeouts.tcp_closed = 1;
    timeouts.udp_fresh = 2;
    FlowTable table(256, timeouts, {seed, seed * 3});
    std::uint64_t now_ms = start_ms;
    table.start_clock(now_ms * kNanosPerMilli);
    std::map<std::uint32_t, Model> model;  // by key number
    std::set<std::uint32_t> ids;

    const auto key_of = [](std::uint32_t n) {
        return key_number(n, n % 4 == 0 ? packet::kProtoUdp : packet::kProtoTcp);
    };
    for (unsigned step = 0; step < 60000; ++step) {
        const auto n = static_cast<std::uint32_t>(random() % 600);
        const FlowKey key = key_of(n);
        const std::uint64_t hash = table.hash(key);
        const std::uint32_t id = table.find(key, hash);
        const auto known = model.find(n);
        ASSERT_EQ(id != kNone, known != model.end()) << "key " << n << " at step " << step;
        if (id != kNone) {
            ASSERT_EQ(id, known->second.id);
            ASSERT_EQ(table.key(table.at(id)), key);
        }
        switch (random() % 8) {
            case 0:
            case 1:
            case 2:
                if (id == kNone) {
                    const std::uint32_t fresh = table.insert(key, hash, now_ms * kNanosPerMilli);
                    if (model.size() == table.capacity()) {
                        ASSERT_EQ(fresh, kNone);
                    } else if (fresh != kNone) {
                        ASSERT_TRUE(ids.insert(fresh).second) << "an entry was handed out twice";
                        model[n] = {fresh, now_ms};
                    }
                }
                break;
            case 3:
                if (id != kNone) {
                    table.erase(id);
                    ids.erase(id);
                    model.erase(n);
                }
                break;
            case 4:
                if (id != kNone && key.ip_proto == packet::kProtoTcp) {
                    // As on the path, a packet changes the state.
                    Flow& flow = table.at(id);
                    table.touch(flow, now_ms * kNanosPerMilli);
                    known->second.touched_ms = now_ms;
                    flow.state = random() % 2 == 0 ? FlowState::established : FlowState::closed;
                    if (flow.state == FlowState::closed) {
                        table.reschedule(id);
                    }
                }
                break;
            case 5:
            case 6:
                if (id != kNone) {
                    table.touch(table.at(id), now_ms * kNanosPerMilli);
                    known->second.touched_ms = now_ms;
                }
                break;
            case 7: {
                now_ms += random() % 16 == 0 ? random() % 100000 : random() % 50;
                table.expire(now_ms * kNanosPerMilli, 100000, [&](std::uint32_t ended) {
                    const std::uint32_t number = load_be32(table.at(ended).key.high) - 0x0b000000u;
                    const auto entry = model.find(number);
                    ASSERT_NE(entry, model.end());
                    ASSERT_EQ(entry->second.id, ended);
                    ASSERT_LE(entry->second.touched_ms + table.timeout_ms(table.at(ended)), now_ms)
                        << "ended before its time";
                    model.erase(entry);
                    ids.erase(ended);
                });
                for (const auto& [number, entry] : model) {
                    ASSERT_GT(entry.touched_ms + table.timeout_ms(table.at(entry.id)) +
                                  2 * Wheel::kTickMs,
                              now_ms)
                        << "key " << number << " is overdue";
                }
                break;
            }
        }
        ASSERT_EQ(table.size(), model.size());
    }
    // A long silence ends all flows.
    now_ms += 2'000'000;
    table.expire(now_ms * kNanosPerMilli, 100000, [](std::uint32_t) {});
    EXPECT_EQ(table.size(), 0u);
}

TEST(FlowTableModel, BehavesLikeAMapWithTimeouts) {
    for (const std::uint64_t seed : {11, 12, 13}) {
        run(seed, 1'700'000'000'000);
    }
}

TEST(FlowTableModel, DoesSoAcrossTheWrapOfItsClock) {
    for (const std::uint64_t seed : {21, 22}) {
        run(seed, (std::uint64_t{500} << 32) - 100'000);
    }
}

}  // namespace
}  // namespace minerwall::flow
