#include "machine/kernel_interface.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "machine/kernel_calls.hpp"

namespace minerwall::machine {
namespace {

constexpr unsigned kLongestHeaders = ETH_HLEN + 4 * 4;  // four VLAN tags
constexpr unsigned kCarrierPolls = 100;
constexpr unsigned kCarrierPollMicros = 10'000;
constexpr std::chrono::milliseconds kBetweenAttempts{500};

std::string no_permission(const char* what) {
    return fmt::format(
        "{}: not permitted; run as root or give the service CAP_NET_RAW and CAP_NET_ADMIN", what);
}

// The IPv4 address of an interface; empty: it has none.
std::string ipv4_address(int control, const std::string& name) {
    ifreq r{};
    std::memcpy(r.ifr_name, name.data(), std::min(name.size(), sizeof r.ifr_name - 1));
    char text[INET_ADDRSTRLEN] = "";
    if (ioctl(control, SIOCGIFADDR, &r) == 0) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(r.ifr_addr);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    }
    return text;
}

}  // namespace

std::unique_ptr<KernelInterface> KernelInterface::open(const std::string& name,
                                                       const KernelOptions& options,
                                                       std::string& error,
                                                       std::vector<std::string>& warnings) {
    const std::string end = fmt::format("wire end {}: ", name);
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) {
        error = fmt::format("{}socket: {}", end, std::strerror(errno));
        return nullptr;
    }
    std::unique_ptr<KernelInterface> self(new KernelInterface(name, control, options));
    std::vector<std::string> said;
    const bool taken = self->take(error, said);
    for (const std::string& text : said) {
        warnings.push_back(end + text);
    }
    if (!taken) {
        error.insert(0, end);
        return nullptr;
    }
    // The kernel reports a carrier, and starts to send, a moment after the interface is up.
    for (unsigned wait = 0; wait < kCarrierPolls && !self->refresh_link(); ++wait) {
        usleep(kCarrierPollMicros);
    }
    self->state_ = self->carrier() ? EndState::up : EndState::no_carrier;
    return self;
}

KernelInterface::~KernelInterface() {
    queues_.clear();
    restore();
    close(control_);
}

// Takes the interface of our name.
bool KernelInterface::take(std::string& error, std::vector<std::string>& warnings) {
    called_ = name_;
    PacketSockets sockets;
    if (!prepare(error, warnings)) {
        return false;
    }
    error = sockets.open(before_->index,
                         {options_.workers, options_.receive_buffer_mb, options_.qdisc_bypass});
    return error.empty() && use(sockets, error);
}

bool KernelInterface::prepare(std::string& error, std::vector<std::string>& warnings) {
    const int index = interface_index(control_, name_);
    if (index == 0) {
        error = "no such network interface (`ip link` lists them)";
        return false;
    }
    mtu_ = interface_mtu(control_, name_);
    const auto flags = interface_flags(control_, name_);
    if (mtu_ == 0 || !flags) {
        error = fmt::format("cannot read MTU and flags: {}", std::strerror(errno));
        return false;
    }
    if ((*flags & IFF_LOOPBACK) != 0) {
        error = "the loopback interface cannot be an end";
        return false;
    }
    if (const std::string address = ipv4_address(control_, name_); !address.empty()) {
        warnings.push_back(
            fmt::format("it has the address {}: this host answers into the wire; remove it with "
                        "`ip address flush dev {}`",
                        address, name_));
    }
    before_ = read_settings(control_, name_);
    // What a killed daemon changed is not how the interface was.
    if (const auto kept = kept_.read();
        kept && kept->index == before_->index && kept->address == before_->address) {
        before_ = kept;
    }
    if (const std::string failed = kept_.keep(*before_); !failed.empty()) {
        warnings.push_back("its settings would not be restored after a kill: " + failed);
    }
    // IPv6 first: otherwise the interface comes up and announces itself on the wire.
    silence(warnings);
    switch_offloads_off(control_, name_);
    if ((*flags & IFF_UP) == 0 && !set_interface_up(control_, name_, true)) {
        error = errno == EPERM
                    ? no_permission("bring the interface up")
                    : fmt::format("cannot bring the interface up: {}", std::strerror(errno));
        return false;
    }
    return true;
}

void KernelInterface::silence(std::vector<std::string>& warnings) {
    if (!silent_ || !ipv6_is_on(called_)) {
        return;
    }
    silent_ = switch_ipv6_off(called_);
    if (!silent_) {
        warnings.emplace_back("IPv6 cannot be switched off: this host may speak into the wire");
    }
}

// The first sockets become queues, later ones take their place.
bool KernelInterface::use(PacketSockets& sockets, std::string& error) {
    const unsigned capacity = mtu_ + kLongestHeaders;
    const bool first = queues_.empty();
    const std::vector<int> fds = sockets.release();
    bool used = true;
    for (std::size_t worker = 0; worker < fds.size(); ++worker) {
        if (first) {
            queues_.push_back(
                std::make_unique<KernelQueue>(fds[worker], options_.pool, capacity, carrier_));
            continue;
        }
        queues_[worker]->raise_frame_capacity(capacity);
        if (!queues_[worker]->replace_socket(fds[worker])) {
            error = fmt::format("replace the packet socket: {}", std::strerror(errno));
            used = false;
        }
    }
    return used;
}

bool KernelInterface::bound() const noexcept {
    return before_ && std::all_of(queues_.begin(), queues_.end(), [&](const auto& queue) {
               return PacketSockets::bound(queue->fd(), before_->index);
           });
}

void KernelInterface::look(Clock::time_point now, EndNotes& notes) {
    const int named = interface_index(control_, name_);
    if (named != 0 && !(bound() && named == before_->index)) {
        retake(now, notes);
    } else if (named == 0 && !bound()) {
        if (state_ != EndState::gone) {
            notes.push_back({true,
                             "the interface is gone; nothing passes until there is one of "
                             "this name again"});
        }
        state_ = EndState::gone;
        refresh_link();
    } else {
        look_at_name(notes);
        look_at_flags(now, notes);
        look_at_mtu(notes);
    }
}

void KernelInterface::retake(Clock::time_point now, EndNotes& notes) {
    if (now - tried_at_ < kBetweenAttempts) {
        return;
    }
    tried_at_ = now;
    kernel_drops();  // the old sockets' last word
    restore();       // if the old interface lives on under another name
    std::string error;
    std::vector<std::string> warnings;
    const bool taken = take(error, warnings) && bound();
    for (std::string& text : warnings) {
        notes.push_back({true, std::move(text)});
    }
    refresh_link();
    if (taken) {
        // We were faster than whoever made it and is about to bring it up: leave it up at the end.
        before_->up = true;
        kept_.keep(*before_);
        notes.push_back({true, "another interface has this name now: taken again"});
        state_ = carrier() ? EndState::up : EndState::no_carrier;
        retaken_.fetch_add(1, std::memory_order_relaxed);
        failure_.clear();
        return;
    }
    state_ = EndState::broken;
    if (error != failure_) {
        notes.push_back(
            {true, "another interface has this name now and cannot be taken: " + error});
        failure_ = error;
    }
}

void KernelInterface::look_at_name(EndNotes& notes) {
    std::string name = interface_name(control_, before_->index);
    if (name.empty() || name == called_) {
        return;
    }
    notes.push_back(
        {true, name == name_
                   ? fmt::format("the interface has its name again")
                   : fmt::format("the interface is called {} now; it stays the end until there is "
                                 "another of the old name, but the next start will not find it",
                                 name)});
    called_ = std::move(name);
}

void KernelInterface::look_at_flags(Clock::time_point now, EndNotes& notes) {
    const bool up = (interface_flags(control_, called_).value_or(0) & IFF_UP) != 0;
    if (!up && state_ != EndState::down) {
        state_ = EndState::down;
        down_since_ = now;
        refresh_link();
        notes.push_back({true, fmt::format("somebody took the interface down; minerwalld brings it "
                                           "up again after {} seconds",
                                           kDownFor.count())});
        return;
    }
    if (!up) {
        if (now - down_since_ < kDownFor) {
            return;
        }
        down_since_ = now;  // if it fails, again after that time
        if (!set_interface_up(control_, called_, true)) {
            notes.push_back(
                {true, fmt::format("cannot bring the interface up: {}", std::strerror(errno))});
            return;
        }
    }
    if (silent_ && ipv6_is_on(called_)) {
        std::vector<std::string> warnings = {"somebody switched IPv6 on: it goes off again"};
        silence(warnings);
        for (std::string& text : warnings) {
            notes.push_back({true, std::move(text)});
        }
    }
    const bool carrier = refresh_link();
    const EndState state = carrier ? EndState::up : EndState::no_carrier;
    if (state_ == EndState::down) {
        notes.push_back({true, "the interface is up again"});
    } else if (state != state_) {
        notes.push_back({!carrier, carrier ? "carrier" : "no carrier: check cable and neighbour"});
    }
    state_ = state;
}

void KernelInterface::look_at_mtu(EndNotes& notes) {
    const unsigned mtu = interface_mtu(control_, called_);
    if (mtu == 0 || mtu == mtu_) {
        return;
    }
    notes.push_back({true, fmt::format("the MTU is {} now, it was {}; both ends of a wire need the "
                                       "same",
                                       mtu, mtu_)});
    mtu_ = mtu;
    for (const auto& queue : queues_) {
        queue->raise_frame_capacity(mtu + kLongestHeaders);
    }
}

bool KernelInterface::refresh_link() {
    constexpr short kPasses = IFF_UP | IFF_RUNNING;
    const short flags = before_ ? interface_flags(control_, called_).value_or(0) : short{0};
    const bool up = (flags & kPasses) == kPasses;
    carrier_.store(up, std::memory_order_relaxed);
    return up;
}

std::uint64_t KernelInterface::kernel_drops() {
    for (const auto& queue : queues_) {
        tpacket_stats stats{};  // each reading resets it atomically
        socklen_t size = sizeof stats;
        if (getsockopt(queue->fd(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
            drops_ += stats.tp_drops;
        }
    }
    return drops_;
}

void KernelInterface::restore() {
    if (before_) {
        restore_settings(control_, *before_);
        kept_.forget();
        before_.reset();
    }
}

}  // namespace minerwall::machine
