#include "machine/link_news.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace minerwall::machine {

LinkNews::LinkNews() noexcept
    : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    sockaddr_nl group{};
    group.nl_family = AF_NETLINK;
    group.nl_groups = RTMGRP_LINK;
    if (fd_ >= 0 && bind(fd_, reinterpret_cast<const sockaddr*>(&group), sizeof group) != 0) {
        close(fd_);
        fd_ = -1;
    }
}

LinkNews::~LinkNews() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

void LinkNews::take() noexcept {
    constexpr int kMost = 256;
    std::array<char, 64> start;  // the rest of a message is cut off
    for (int n = 0; n < kMost; ++n) {
        // ENOBUFS: the kernel lost some; that is news as well.
        if (recv(fd_, start.data(), start.size(), 0) < 0 && errno != EINTR && errno != ENOBUFS) {
            return;
        }
    }
}

}  // namespace minerwall::machine
