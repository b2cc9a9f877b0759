// The names that one packet asked for: a segment may hold several HTTP requests, and a request two
// hosts. Each is judged. More than a segment of Ethernet can carry do not fit: those of a jumbo
// frame full of requests beyond the room are not judged.
#pragma once

#include "proto/host_text_list.hpp"

namespace minerwall::inspect {

using NameList = proto::HostTextList<1536>;

}  // namespace minerwall::inspect
