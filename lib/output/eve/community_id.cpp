#include "output/eve/community_id.hpp"

#include <openssl/evp.h>

#include <cstring>

#include "base/bytes.hpp"

namespace minerwall::output {
namespace {

constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmp6 = 58, kSctp = 132;

bool has_ports(std::uint8_t ip_proto) noexcept {
    return ip_proto == kTcp || ip_proto == kUdp || ip_proto == kSctp;
}

}  // namespace

struct CommunityId::Digest {
    EVP_MD* sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Digest() = default;
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest() {
        EVP_MD_CTX_free(context);
        EVP_MD_free(sha1);
    }
};

CommunityId::CommunityId() : digest_(std::make_unique<Digest>()) {}
CommunityId::~CommunityId() = default;

std::string_view CommunityId::of(std::uint8_t ip_proto, const IpAddress& client,
                                 std::uint16_t client_port, const IpAddress& server,
                                 std::uint16_t server_port) noexcept {
    if (ip_proto == kIcmp || ip_proto == kIcmp6 || digest_->sha1 == nullptr ||
        digest_->context == nullptr) {
        return {};
    }
    // seed (2), lower end's address, higher end's, protocol, zero, lower end's port, higher end's
    std::uint8_t data[2 + 16 + 16 + 2 + 4];
    std::size_t size = 0;
    const auto put = [&](const void* bytes, std::size_t n) {
        std::memcpy(data + size, bytes, n);
        size += n;
    };
    const bool swap = server < client || (server == client && server_port < client_port);
    const IpAddress& low = swap ? server : client;
    const IpAddress& high = swap ? client : server;
    const bool v4 = client.is_v4() && server.is_v4();
    put("\0", 2);
    put(v4 ? low.v4_bytes() : low.bytes.data(), v4 ? 4 : 16);
    put(v4 ? high.v4_bytes() : high.bytes.data(), v4 ? 4 : 16);
    const std::uint8_t proto[2] = {ip_proto, 0};
    put(proto, sizeof proto);
    if (has_ports(ip_proto)) {
        store_be16(data + size, swap ? server_port : client_port);
        store_be16(data + size + 2, swap ? client_port : server_port);
        size += 4;
    }

    std::uint8_t hash[20];
    unsigned hash_size = 0;
    if (EVP_DigestInit_ex2(digest_->context, digest_->sha1, nullptr) != 1 ||
        EVP_DigestUpdate(digest_->context, data, size) != 1 ||
        EVP_DigestFinal_ex(digest_->context, hash, &hash_size) != 1 || hash_size != sizeof hash) {
        return {};
    }
    std::uint8_t base64[28 + 1];  // EVP_EncodeBlock adds a NUL
    EVP_EncodeBlock(base64, hash, sizeof hash);
    std::memcpy(text_ + 2, base64, 28);
    return {text_, sizeof text_};
}

}  // namespace minerwall::output
