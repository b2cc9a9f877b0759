// Records that only few flows have: a name, and a finding. Pools keep them by index.
#pragma once

#include "base/fixed_text.hpp"
#include "base/mining_info.hpp"
#include "event/record.hpp"
#include "inspect/evidence.hpp"

namespace minerwall::path {

// The server's name as the client gave it, kept for the flow's life: a new policy can judge a
// running flow by it.
struct ServerName {
    inspect::NameSource source;
    bool ech;
    FixedText<253> text;  // empty: a ClientHello without a name
    proto::Ja4Text ja4;
};

// Why a flow counts as mining, as of the time of recognition: the policy that said so may be gone
// when the flow ends.
struct Finding {
    bool has_mining, has_match, has_name;
    bool enforced;
    Action action;  // the strongest of the flow and of its DNS messages
    MiningInfo mining;
    event::MatchPart match;
    event::NamePart name;  // of the DNS message
};

}  // namespace minerwall::path
