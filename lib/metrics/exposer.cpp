#include "metrics/exposer.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <prometheus/exposer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "metrics/collector.hpp"

namespace minerwall::metrics {
namespace {

struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

// The server's own syntax has lists, TLS and redirects; we accept one numeric HOST:PORT.
bool parse(const std::string& listen, Endpoint& out) {
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos || colon + 1 == listen.size()) {
        return false;
    }
    std::string host = listen.substr(0, colon);
    const std::string port = listen.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string::npos) {
        return false;
    }
    if (port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoul(port) > 65535) {
        return false;
    }
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (host.empty() || getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        return false;
    }
    std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
    out.size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

// When the server fails, it reports only "null context"; the kernel knows the cause.
int why_not(const Endpoint& endpoint) {
    const int fd = ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    const int on = 1;
    (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int error = 0;
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0 ||
        ::listen(fd, 1) != 0) {
        error = errno;
    }
    ::close(fd);
    return error;
}

}  // namespace

struct Exposer::Running {
    std::shared_ptr<Collector> collector;
    prometheus::Exposer server;  // last: the server stops before the collector is destroyed
};

Exposer::Exposer() = default;
Exposer::~Exposer() = default;

std::string Exposer::start(const ExposerOptions& options, Source source) {
    Endpoint endpoint;
    if (!parse(options.listen, endpoint)) {
        return fmt::format("metrics: {} is not a numeric HOST:PORT", options.listen);
    }
    if (const int error = why_not(endpoint); error != 0) {
        return fmt::format("metrics: cannot listen on {}: {}", options.listen,
                           std::generic_category().message(error));
    }
    try {
        auto collector = std::make_shared<Collector>(std::move(source));
        running_.reset(new Running{
            collector, prometheus::Exposer({"listening_ports", options.listen, "num_threads", "2",
                                            "request_timeout_ms",
                                            std::to_string(options.request_timeout.count())})});
        running_->server.RegisterCollectable(collector);
        return {};
    } catch (const std::exception& failure) {
        running_.reset();
        return fmt::format("metrics: cannot listen on {}: {}", options.listen, failure.what());
    }
}

void Exposer::stop() noexcept {
    running_.reset();
}

}  // namespace minerwall::metrics
