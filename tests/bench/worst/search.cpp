#include "bench/worst/search.hpp"

#include <algorithm>

namespace minerwall::bench {
namespace {

constexpr unsigned kRounds = 2;      // of a try; noise only adds cycles
constexpr unsigned kSureRounds = 6;  // of one that seems costlier
constexpr double kProgress = 1.01;

std::size_t below(Random& random, std::size_t n) {
    return n == 0 ? 0 : random.next() % n;
}

// Overwrites, so that the size stays.
void put(std::string& payload, std::size_t at, std::string_view bytes) {
    const std::size_t n = std::min(bytes.size(), payload.size() - at);
    std::copy_n(bytes.begin(), n, payload.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string changed(std::string payload, const Kind& kind, Random& random) {
    const std::size_t size = payload.size();
    for (std::size_t changes = 1 + below(random, 3); changes != 0; --changes) {
        const std::size_t at = below(random, size);
        switch (below(random, 6)) {
            case 0:  // a byte
                payload[at] = static_cast<char>(random.next());
                break;
            case 1:  // a word
                if (!kind.words.empty()) {
                    put(payload, at, kind.words[below(random, kind.words.size())]);
                }
                break;
            case 2: {  // a piece somewhere else
                const std::string piece =
                    payload.substr(below(random, size), 1 + below(random, 64));
                put(payload, at, piece);
                break;
            }
            case 3: {  // a word or a short piece, again and again to the end
                const bool word = !kind.words.empty() && below(random, 2) == 0;
                const std::string unit = word ? kind.words[below(random, kind.words.size())]
                                              : payload.substr(at, 1 + below(random, 24));
                for (std::size_t i = at; i < size; i += std::max<std::size_t>(unit.size(), 1)) {
                    put(payload, i, unit);
                }
                break;
            }
            case 4: {  // two words, again and again
                if (kind.words.size() > 1) {
                    const std::string unit = kind.words[below(random, kind.words.size())] +
                                             kind.words[below(random, kind.words.size())];
                    for (std::size_t i = at; i < size; i += std::max<std::size_t>(unit.size(), 1)) {
                        put(payload, i, unit);
                    }
                }
                break;
            }
            default: {  // one byte less, the rest moves up
                payload.erase(at, 1);
                payload.push_back(payload[below(random, size - 1)]);
                break;
            }
        }
    }
    return payload;
}

}  // namespace

Found search(Stage& stage, const Kind& kind, unsigned steps, Random& random) {
    Found found;
    std::vector<Worst> pool;
    for (std::string payload : kind.seeds) {
        const std::string unit = payload;
        while (payload.size() < kind.size) {
            payload += unit;
        }
        payload.resize(kind.size);
        const double cycles = stage.cycles(kind.scene(payload), kSureRounds);
        pool.push_back({cycles, stage.dropped(), payload});
    }
    const auto costlier = [](const Worst& a, const Worst& b) { return a.cycles > b.cycles; };
    std::sort(pool.begin(), pool.end(), costlier);
    found.seed = pool.front();
    for (unsigned i = 0; i < steps; ++i) {
        // Mostly the costliest one.
        const std::size_t from = below(random, 2) == 0 ? 0 : below(random, pool.size());
        Worst next{0, 0, changed(pool[from].payload, kind, random)};
        const Scene scene = kind.scene(next.payload);
        if (stage.cycles(scene, kRounds) <= pool[from].cycles * kProgress) {
            continue;
        }
        next.cycles = stage.cycles(scene, kSureRounds);
        next.dropped = stage.dropped();
        if (next.cycles > pool[from].cycles * kProgress) {
            pool[from] = std::move(next);
            std::sort(pool.begin(), pool.end(), costlier);
        }
    }
    found.best = pool.front();
    return found;
}

}  // namespace minerwall::bench
