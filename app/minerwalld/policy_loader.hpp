// Loads policies on a thread of its own, one at a time, so that a load of any length leaves the
// main thread free. Main thread only.
#pragma once

#include <functional>
#include <memory>

#include "policy/load.hpp"

namespace minerwall::daemon {

class PolicyLoader {
  public:
    // Runs on the loader's thread. It owns all that it uses, because it may outlive the loader.
    using Load = std::function<policy::LoadResult()>;

    // Throws std::system_error if the kernel has no descriptor left.
    PolicyLoader();
    // Abandons a load that runs: its thread goes on, touches nothing of ours, and its result is
    // dropped. The process must then leave by std::_Exit(), see loading().
    ~PolicyLoader();
    PolicyLoader(const PolicyLoader&) = delete;
    PolicyLoader& operator=(const PolicyLoader&) = delete;

    bool loading() const noexcept { return loading_; }
    // Only if none is loading. Throws std::system_error if there is no thread.
    void start(Load load);
    // Readable once the load has ended; then take() gives the result.
    int descriptor() const noexcept;
    policy::LoadResult take();

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  // with the thread
    bool loading_ = false;
};

}  // namespace minerwall::daemon
