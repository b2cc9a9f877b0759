// The names that one packet asked for: a segment may hold several HTTP requests, and a request two
// hosts. The policy judges each of them. The list holds the names of two Ethernet segments; a
// segment that fills a hole may release many others, see Evidence::is_full().
#pragma once

#include "proto/host_text_list.hpp"

namespace minerwall::inspect {

using NameList = proto::HostTextList<4096>;

}  // namespace minerwall::inspect
