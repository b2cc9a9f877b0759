#include "minerwalld/policy_loader.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

#include "minerwalld/loop.hpp"

namespace minerwall::daemon {

struct PolicyLoader::Shared {
    Descriptor ended{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"};
    std::mutex mutex;
    policy::LoadResult result;
};

PolicyLoader::PolicyLoader() : shared_(std::make_shared<Shared>()) {}

PolicyLoader::~PolicyLoader() = default;

int PolicyLoader::descriptor() const noexcept {
    return shared_->ended.get();
}

void PolicyLoader::start(Load load) {
    // The thread inherits a mask that blocks all signals; the loop takes them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread([shared = shared_, load = std::move(load)] {
            policy::LoadResult result = load();
            const std::lock_guard lock(shared->mutex);
            shared->result = std::move(result);
            eventfd_write(shared->ended.get(), 1);
        });
        pthread_setname_np(thread.native_handle(), "mw-policy");
        thread.detach();
        loading_ = true;
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

policy::LoadResult PolicyLoader::take() {
    eventfd_t count = 0;
    eventfd_read(shared_->ended.get(), &count);
    const std::lock_guard lock(shared_->mutex);
    loading_ = false;
    return std::exchange(shared_->result, {});
}

}  // namespace minerwall::daemon
