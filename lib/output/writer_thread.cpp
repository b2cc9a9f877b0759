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
    stop();
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

void WriterThread::run() noexcept {
    std::chrono::milliseconds sleep = kSleepMin;
    while (!stopping_.load(std::memory_order_acquire)) {
        if (drain_.once() != 0) {
            sleep = kSleepMin;
            continue;
        }
        drain_.flush();
        std::this_thread::sleep_for(sleep);
        sleep = std::min(sleep * 2, kSleepMax);
    }
    drain_.all();
    drain_.flush();
}

void WriterThread::stop() noexcept {
    if (!thread_.joinable()) {
        return;
    }
    stopping_.store(true, std::memory_order_release);
    thread_.join();
}

}  // namespace minerwall::output
