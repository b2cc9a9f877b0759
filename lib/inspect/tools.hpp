// What the streams of all flows of a worker share.
#pragma once

#include "inspect/nominate.hpp"
#include "proto/dns/dns_answers.hpp"

namespace minerwall::inspect {

struct Tools {
    Tools(const match::Prefilter& prefilter, unsigned worker) noexcept
        : nominator(prefilter, worker) {}

    const Nominator nominator;
    proto::DnsAnswers answers;  // scratch
};

}  // namespace minerwall::inspect
