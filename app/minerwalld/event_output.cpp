#include "minerwalld/event_output.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "output/eve/log.hpp"

namespace minerwall::daemon {
namespace {

// For the writer at the end, beyond what its consumers need to give up on their readers.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

bool wants(const machine::Config& config, std::string_view type) {
    const auto& types = config.events.types;
    return config.events.file != "none" &&
           std::find(types.begin(), types.end(), type) != types.end();
}

// Empty text, or one line that says what failed.
std::string EventOutput::open_eve_log(std::vector<std::string> port_names) {
    if (config_.events.file == "none") {
        return {};
    }
    output::EveOptions eve;
    eve.port_names = std::move(port_names);
    output::SinkOptions file;
    file.path = config_.events.file;
    auto log = std::make_unique<output::EveLog>(std::move(eve), std::move(file));
    const std::string error = log->open();
    consumers_.push_back(std::move(log));
    return error;
}

bool EventOutput::start(std::vector<event::Ring*> rings, std::vector<std::string> port_names,
                        const Log& log) {
    if (const std::string error = open_eve_log(std::move(port_names)); !error.empty()) {
        log.error("events: {}", error);
        return false;
    }
    if (consumers_.empty()) {
        return true;
    }
    std::vector<output::Consumer*> consumers;
    for (const auto& consumer : consumers_) {
        consumers.push_back(consumer.get());
    }
    writer_ = std::make_unique<output::WriterThread>(std::move(rings), std::move(consumers));
    if (const std::string error = writer_->start(); !error.empty()) {
        log.error("events: {}", error);
        return false;
    }
    return true;
}

bool EventOutput::finish(const output::Stats& stats) {
    if (writer_ == nullptr) {
        return true;
    }
    return writer_->stop(kPatience, [this, last = stats_job(stats)](output::Drain& drain) {
        if (last) {
            last(drain);
        }
        for (const auto& consumer : consumers_) {
            consumer->close();
        }
    });
}

void EventOutput::set_clock_offset(std::int64_t nanos) {
    if (writer_ != nullptr) {
        writer_->set_clock_offset(nanos);
    }
}

void EventOutput::reopen(const Log& log) {
    if (writer_ == nullptr) {
        return;
    }
    writer_->post([this, &log](output::Drain&) {
        for (const auto& consumer : consumers_) {
            if (const std::string error = consumer->reopen(); !error.empty()) {
                log.error("events: {}", error);
            }
        }
    });
}

// Its spans must live until the thread has written it, so the job has copies.
output::WriterThread::Job EventOutput::stats_job(const output::Stats& stats) const {
    if (!wants(config_, "stats")) {
        return {};
    }
    return [all = output::Stats(stats),
            workers = std::vector(stats.workers.begin(), stats.workers.end()),
            names = std::vector(stats.port_names.begin(), stats.port_names.end()),
            devices = std::vector(stats.devices.begin(), stats.devices.end())](
               output::Drain& drain) mutable {
        all.workers = workers;
        all.port_names = names;
        all.devices = devices;
        drain.write_stats(all);
    };
}

void EventOutput::write_stats(const output::Stats& stats) {
    if (output::WriterThread::Job job = stats_job(stats); job && writer_ != nullptr) {
        writer_->post(std::move(job));
    }
}

void EventOutput::write_end_change(output::EndChange change) {
    if (writer_ != nullptr && wants(config_, "wire_end")) {
        writer_->post(
            [change = std::move(change)](output::Drain& drain) { drain.write_end_change(change); });
    }
}

output::Counts EventOutput::counts() const {
    return writer_ == nullptr ? output::Counts{} : writer_->counts();
}

}  // namespace minerwall::daemon
