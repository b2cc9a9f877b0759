// The daemon's writer: a thread that drains the workers' rings into the consumers. It alone touches
// the consumers while it runs, so a slow disk or a stuck reader keeps only this thread waiting.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "output/drain.hpp"

namespace minerwall::output {

class WriterThread {
  public:
    // Called with the thread's drain. It must not throw.
    using Job = std::function<void(Drain&)>;
    static constexpr std::size_t kMostJobs = 64;

    // Rings and consumers must outlive this.
    WriterThread(std::vector<event::Ring*> rings, std::vector<Consumer*> consumers);
    ~WriterThread();  // waits for the thread, however long
    WriterThread(const WriterThread&) = delete;
    WriterThread& operator=(const WriterThread&) = delete;

    // Control plane. start() returns an empty text, or one line that says why it failed.
    std::string start();
    // The thread does this soon, in the order of the calls. Never waits for the consumers. If
    // kMostJobs wait, the job is lost, and counted as one event.
    void post(Job job);
    // Drains the rings, does the posted jobs and `last`, flushes the consumers. Call it after the
    // workers have stopped. False if the thread did not end within this time: it goes on, so this
    // object, the rings and the consumers must stay, and the process must leave by std::_Exit().
    bool stop(std::chrono::milliseconds patience, Job last = {});

    // As those of Drain; any thread.
    Counts counts() const noexcept;
    void set_clock_offset(std::int64_t nanos) noexcept { drain_.set_clock_offset(nanos); }

  private:
    void run() noexcept;
    void do_jobs() noexcept;

    Drain drain_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> jobs_lost_{0};
    mutable std::mutex mutex_;  // of what follows; never held during a job
    std::condition_variable ended_;
    std::deque<Job> jobs_;
    bool has_ended_ = false;
    Job last_;
    std::thread thread_;
};

}  // namespace minerwall::output
