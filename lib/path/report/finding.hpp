// What only few flows have: a name, and what is known of a miner. Kept in pools by index.
#pragma once

#include "base/fixed_text.hpp"
#include "base/mining_info.hpp"
#include "event/record.hpp"
#include "inspect/evidence.hpp"

namespace minerwall::path {

// The server's name as the client gave it; kept for the flow's life, so that a new policy can judge
// a running flow by it.
struct ServerName {
    inspect::NameSource source;
    bool ech;
    FixedText<253> text;  // empty: a hello without a name
    proto::Ja4Text ja4;
};

// Why a flow is held to be mining, as it was when it was recognised: the policy that said so may be
// gone by the time the flow ends.
struct Finding {
    bool has_mining, has_match, has_name;
    bool enforced;
    Action action;  // the strongest of the flow and of its DNS messages
    MiningInfo mining;
    event::MatchPart match;
    event::NamePart name;  // of the DNS message
};

}  // namespace minerwall::path
