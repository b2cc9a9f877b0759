// What the streams of all flows of a worker share.
#pragma once

#include "inspect/nominate.hpp"
#include "proto/dns/dns_answers.hpp"

namespace minerwall::inspect {

struct Tools {
    Tools(const match::Prefilter& prefilter, unsigned worker) noexcept
        : nominator(prefilter, worker) {}

    const Nominator nominator;
    // The worker is overloaded: leave streams of no known protocol unsearched, and count them here.
    bool leaves_unknown = false;
    std::uint32_t left_unknown = 0;
    // Likewise: judge the packets of new connections by themselves.
    bool reads_alone = false;
    std::uint32_t read_alone = 0;
    proto::DnsAnswers answers;  // scratch
};

}  // namespace minerwall::inspect
