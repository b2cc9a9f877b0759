#include "output/writer_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace minerwall::output {
namespace {

// When idle, the writer sleeps 1 ms and then longer, up to 16 ms. At the default of 4,096 slots a
// ring still takes 256,000 events a second.
constexpr std::chrono::milliseconds kSleepMin{1}, kSleepMax{16};

}  // namespace

WriterThread::WriterThread(std::vector<event::Ring*> rings, std::vector<Consumer*> consumers)
    : drain_(std::move(rings), std::move(consumers)) {}

WriterThread::~WriterThread() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::string WriterThread::start() {
    // The main thread handles signals, and a pipe whose reader left must end a write with EPIPE.
    // The new thread inherits a mask that blocks all signals.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::string error;
    try {
        thread_ = std::thread([this] { run(); });
        pthread_setname_np(thread_.native_handle(), "mw-events");
    } catch (const std::system_error& failure) {
        error = std::string("cannot start the event writer: ") + failure.what();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return error;
}

void WriterThread::post(Job job) {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() < kMostJobs) {
        jobs_.push_back(std::move(job));
    } else {
        jobs_lost_.fetch_add(1, std::memory_order_relaxed);
    }
}

void WriterThread::do_jobs() noexcept {
    std::unique_lock lock(mutex_);
    while (!jobs_.empty()) {
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job(drain_);
        lock.lock();
    }
}

void WriterThread::run() noexcept {
    std::chrono::milliseconds sleep = kSleepMin;
    while (!stopping_.load(std::memory_order_acquire)) {
        do_jobs();
        if (drain_.once() != 0) {
            sleep = kSleepMin;
            continue;
        }
        drain_.flush();
        std::this_thread::sleep_for(sleep);
        sleep = std::min(sleep * 2, kSleepMax);
    }
    drain_.all();
    do_jobs();
    if (last_) {
        last_(drain_);
    }
    drain_.flush();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
}

bool WriterThread::stop(std::chrono::milliseconds patience, Job last) {
    if (!thread_.joinable()) {
        return true;
    }
    if (!stopping_.load(std::memory_order_relaxed)) {
        last_ = std::move(last);
        stopping_.store(true, std::memory_order_release);
    }
    std::unique_lock lock(mutex_);
    if (!ended_.wait_for(lock, patience, [this] { return has_ended_; })) {
        return false;
    }
    lock.unlock();
    thread_.join();
    return true;
}

Counts WriterThread::counts() const noexcept {
    Counts counts = drain_.counts();
    counts.lost += jobs_lost_.load(std::memory_order_relaxed);
    return counts;
}

}  // namespace minerwall::output
