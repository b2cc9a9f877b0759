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

Drain::Drain(std::vector<event::Ring*> rings, EveOptions options, Sink& sink)
    : rings_(std::move(rings)), writer_(std::move(options)), sink_(sink) {}

std::size_t Drain::once(std::size_t burst) noexcept {
    const std::int64_t offset = clock_offset_.load(std::memory_order_relaxed);
    std::size_t count = 0;
    for (event::Ring* ring : rings_) {
        for (std::size_t i = 0; i < burst; ++i) {
            const event::Record* record = ring->peek();
            if (record == nullptr) {
                break;
            }
            sink_.append(writer_.line(*record, offset));
            ring->release();
            ++count;
        }
    }
    return count;
}

void Drain::all() noexcept {
    while (once() != 0) {
    }
    sink_.flush();
}

WriterThread::WriterThread(std::vector<event::Ring*> rings, EveOptions options, Sink& sink)
    : drain_(std::move(rings), std::move(options), sink), sink_(sink) {}

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
        sink_.flush();
        std::this_thread::sleep_for(sleep);
        sleep = std::min(sleep * 2, kSleepMax);
    }
    drain_.all();
}

void WriterThread::stop() noexcept {
    if (!thread_.joinable()) {
        return;
    }
    stopping_.store(true, std::memory_order_release);
    thread_.join();
}

}  // namespace minerwall::output
