// Mining messages by dialect and side, one per line, with the recogniser's expected result. Written
// from the protocols' descriptions; hashes and names are made up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/stratum/stratum.hpp"

namespace minerwall::proto::samples {

inline constexpr const char* kHash =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
inline constexpr const char* kWallet =
    "4Abcdefghijklmnopqrstuvwxyz123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz12345";

struct Sample {
    std::string json;
    Dialect dialect;
    Speaker speaker;
    std::string_view method = {};
    std::string_view login = {};
    std::string_view agent = {};
    std::string_view pool = {};
    std::string_view algorithm = {};
    std::string_view worker = {};
    std::string_view next_pool = {};

    // For rows whose message has the field.
    Sample at_rig(std::string_view rig) const {
        Sample sample = *this;
        sample.worker = rig;
        return sample;
    }
    Sample going_to(std::string_view endpoint) const {
        Sample sample = *this;
        sample.next_pool = endpoint;
        return sample;
    }
};

std::vector<Sample> stratum_v1();
std::vector<Sample> cryptonote();
std::vector<Sample> ethproxy();
std::vector<Sample> http_requests();
std::vector<Sample> http_responses();
// Of browser miners; they are mining on WebSocket only.
std::vector<Sample> webminer();
// All of these on a stream of JSON lines.
std::vector<Sample> all_lines();
// JSON that is mining on no carrier (stratum_benign.cpp).
std::vector<std::string> benign();
// $H stands for 64 hexadecimal digits, $W for a wallet's address.
std::string expand(std::string text);

struct Seen {
    bool mining = false;
    bool not_json = false;
    std::size_t consumed = 0;  // up to the verdict
    MiningInfo info;
};
// Feeds `text`, cut at the offsets `cuts` (ascending), until there is a verdict.
Seen scan(std::string_view text, Carrier carrier = Carrier::json_lines,
          const std::vector<std::size_t>& cuts = {}, StreamStart start = StreamStart::known);
Seen scan_bytewise(std::string_view text, Carrier carrier = Carrier::json_lines);

}  // namespace minerwall::proto::samples
