// Community ID v1, seed 0: a hash of the five-tuple that is the same in every tool and for both
// directions (Corelight, "Community ID Flow Hashing",
// https://github.com/corelight/community-id-spec).
//
// Thread: one per object; an object fetches OpenSSL's digest once and reuses its context.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/address.hpp"

namespace minerwall::output {

class CommunityId {
  public:
    CommunityId();
    ~CommunityId();

    // "1:" and 28 characters, in a buffer that lives until the next call. Empty where the
    // specification needs more than a record has (ICMP's type and code replace the ports), or where
    // the library offers no SHA-1.
    std::string_view of(std::uint8_t ip_proto, const IpAddress& client, std::uint16_t client_port,
                        const IpAddress& server, std::uint16_t server_port) noexcept;

  private:
    struct Digest;
    std::unique_ptr<Digest> digest_;
    char text_[2 + 28] = {'1', ':'};
};

}  // namespace minerwall::output
