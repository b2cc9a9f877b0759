#include "minerwalld/aside.hpp"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace minerwall::daemon {

struct Aside::Shared {
    std::mutex mutex;
    std::condition_variable ended;
    bool busy = false;
};

Aside::Aside(const char* name) : name_(name), shared_(std::make_shared<Shared>()) {}

Aside::~Aside() = default;

bool Aside::busy() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->busy;
}

bool Aside::start(std::function<void()> job) {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->busy) {
        return false;
    }
    // The thread inherits a mask that blocks all signals; the loop takes them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread([shared = shared_, job = std::move(job)] {
            job();
            const std::lock_guard done(shared->mutex);
            shared->busy = false;
            shared->ended.notify_all();
        });
        pthread_setname_np(thread.native_handle(), name_);
        thread.detach();
        shared_->busy = true;
    } catch (const std::system_error&) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return shared_->busy;
}

bool Aside::wait(std::chrono::milliseconds patience) const {
    std::unique_lock lock(shared_->mutex);
    return shared_->ended.wait_for(lock, patience, [this] { return !shared_->busy; });
}

}  // namespace minerwall::daemon
