#include "minerwalld/supervisor.hpp"

#include <pthread.h>
#include <systemd/sd-daemon.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace minerwall::daemon {
namespace {

constexpr std::size_t kMostMessages = 64;

class Mailbox {
  public:
    // Never destroyed: at the end of the process its thread may still wait for the supervisor.
    static Mailbox& get() {
        static Mailbox& box = *new Mailbox;
        return box;
    }

    void put(std::string message, bool only_if_empty) {
        const std::lock_guard lock(mutex_);
        if (!running_ || messages_.size() >= kMostMessages ||
            (only_if_empty && !messages_.empty())) {
            return;
        }
        messages_.push_back(std::move(message));
        changed_.notify_one();
    }

  private:
    Mailbox() {
        if (std::getenv("NOTIFY_SOCKET") == nullptr) {
            return;
        }
        // The thread inherits a mask that blocks all signals; the loop takes them.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            std::thread thread([this] { run(); });
            pthread_setname_np(thread.native_handle(), "mw-notify");
            thread.detach();
            running_ = true;
        } catch (const std::system_error&) {
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    [[noreturn]] void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return !messages_.empty(); });
            const std::string message = messages_.front();
            lock.unlock();
            sd_notify(0, message.c_str());
            lock.lock();
            messages_.pop_front();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> messages_;
    bool running_ = false;
};

}  // namespace

void tell_supervisor(std::string message) {
    Mailbox::get().put(std::move(message), false);
}

void feed_watchdog() {
    Mailbox::get().put("WATCHDOG=1", true);
}

}  // namespace minerwall::daemon
