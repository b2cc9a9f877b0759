// Does jobs that may wait for a disk on a thread of its own, one at a time, so that the caller
// waits for none. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace minerwall::daemon {

class Aside {
  public:
    // name: of the thread, at most 15 characters.
    explicit Aside(const char* name);
    // Abandons a job that runs: its thread goes on. What the job uses must stay then, so it owns
    // that, or the process leaves by std::_Exit().
    ~Aside();
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

    bool busy() const;
    // False if a job runs, or the kernel has no thread for us. The job must not throw.
    bool start(std::function<void()> job);
    // Until no job runs. False if one still runs after this time.
    bool wait(std::chrono::milliseconds patience) const;

  private:
    struct Shared;
    const char* const name_;
    std::shared_ptr<Shared> shared_;  // with the thread
};

}  // namespace minerwall::daemon
