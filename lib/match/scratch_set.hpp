// Hyperscan's working memory, one scratch per worker: two threads must never share a scratch.
#pragma once

#include <vector>

struct hs_database;
struct hs_scratch;

namespace minerwall::match {

class ScratchSet {
  public:
    ScratchSet() noexcept = default;
    ScratchSet(const ScratchSet&) = delete;
    ScratchSet& operator=(const ScratchSet&) = delete;
    ~ScratchSet();

    // Control plane. First fit() every database that workers will scan with, then clone() once.
    // Both throw std::bad_alloc, std::runtime_error.
    void fit(const hs_database* database);
    void clone(unsigned workers);

    // Fast path. nullptr if no database was fitted: then there is nothing to scan with.
    hs_scratch* at(unsigned worker) const noexcept {
        return worker < scratches_.size() ? scratches_[worker] : nullptr;
    }
    unsigned size() const noexcept { return workers_; }

  private:
    hs_scratch* prototype_ = nullptr;
    std::vector<hs_scratch*> scratches_;
    unsigned workers_ = 0;
};

}  // namespace minerwall::match
