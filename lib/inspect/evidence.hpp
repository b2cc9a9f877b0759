// What inspection learned from one packet. The Inspector fills it, path/verdict reads it.
#pragma once

#include <array>
#include <cstdint>

#include "base/mining_info.hpp"
#include "base/unreadable.hpp"
#include "inspect/name_list.hpp"
#include "proto/dns/dns.hpp"
#include "proto/dns/dns_answers.hpp"
#include "proto/tls/ja4.hpp"

namespace minerwall::inspect {

// http_host: from Host, absolute-form or CONNECT.
enum class NameSource : std::uint8_t { none, sni, http_host, quic_sni, socks };
enum class App : std::uint8_t { unknown, tls, http, dns, json, quic, websocket, socks, coin_p2p };

struct Evidence {
    static constexpr unsigned kMaxAddresses = 16;
    // The most bytes of a stream to read at a time. Unless the evidence is full, their names fit,
    // together with one that began before them.
    static constexpr std::size_t kMostBytes = 1024;
    static constexpr unsigned kMostNames = 32;

    bool has_mining = false;  // `mining` is filled: a parser confirmed it
    bool has_dns = false;     // `question` and `dns_names` are filled
    bool has_hello = false;   // a ClientHello is complete: `ja4` and `ech`
    bool ech = false;         // the ClientHello holds an encrypted one, or GREASE that looks so
    bool browser = false;     // the request names an Origin: a browser sent it
    UnreadableSet unreadable = 0;  // what could not be read of it
    bool of_known_miner = false;   // a settled flow that was recognised before was resampled
    NameSource name_source = NameSource::none;  // of `names`; none: no names
    App app = App::unknown;                     // set if the packet showed it
    std::uint8_t address_count = 0;
    std::uint8_t address_names = 0;  // `addresses` are of this many first `dns_names`
    std::uint16_t target_port = 0;   // of a proxy's target; 0: unknown
    NameList names;                  // of the server; lower-case, no trailing dot
    MiningInfo mining;
    proto::Ja4Text ja4;
    proto::DnsQuestion question;
    // The name in question, and the other names that an answer gives it.
    NameList dns_names;
    // The answer's addresses for `question`, as many as fit.
    std::array<proto::DnsAddress, kMaxAddresses> addresses;

    // Leaves the large fields as they are: the flags say which ones are valid.
    void clear() noexcept {
        has_mining = has_dns = has_hello = browser = of_known_miner = ech = false;
        name_source = NameSource::none;
        app = App::unknown;
        address_count = address_names = 0;
        target_port = 0;
        unreadable = 0;
        names.clear();
        dns_names.clear();
    }
    // One packet gives no more names than this.
    bool is_full() const noexcept {
        const auto full = [](const NameList& list) {
            return list.count() >= kMostNames || list.room_left() < kMostBytes + 256;
        };
        return full(names) || full(dns_names);
    }
    bool any() const noexcept {
        return has_mining || has_dns || has_hello || name_source != NameSource::none ||
               unreadable != 0;
    }
};

}  // namespace minerwall::inspect
