// Tables that each worker fills for itself and in which all workers look up. Different workers may
// block a packet and reassemble it, or learn an address and meet it.
//
// Made before the workers, which take it by reference, and destroyed after them. Control plane. For
// another worker's table, workers call only what FragmentTable and LearnedTable allow to other
// threads.
#pragma once

#include <memory>
#include <vector>

#include "flow/learned.hpp"
#include "path/options.hpp"
#include "reassembly/fragments.hpp"

namespace minerwall::path {

class SharedTables {
  public:
    // Takes the memory of options.workers tables of each kind; throws std::bad_alloc if there is
    // none.
    explicit SharedTables(const WorkerOptions& options);

    // worker: below options.workers.
    reassembly::FragmentTable& fragments(unsigned worker) noexcept { return *fragments_[worker]; }
    flow::LearnedTable& learned(unsigned worker) noexcept { return *learned_[worker]; }

    // Indexed by worker.
    std::vector<const reassembly::FragmentTable*> all_fragments() const;
    std::vector<const flow::LearnedTable*> all_learned() const;

  private:
    std::vector<std::unique_ptr<reassembly::FragmentTable>> fragments_;
    std::vector<std::unique_ptr<flow::LearnedTable>> learned_;
};

}  // namespace minerwall::path
