// The names that one packet asked for: a segment may hold several HTTP requests, and a request two
// hosts. Each is judged. The room is that of two segments of Ethernet: one that fills a hole may
// bring many others, see Evidence::is_full().
#pragma once

#include "proto/host_text_list.hpp"

namespace minerwall::inspect {

using NameList = proto::HostTextList<4096>;

}  // namespace minerwall::inspect
