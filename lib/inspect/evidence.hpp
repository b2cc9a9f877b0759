// What inspection learned from one packet. Filled by the Inspector, read by path/decide.
#pragma once

#include <array>
#include <cstdint>

#include "base/mining_info.hpp"
#include "inspect/name_list.hpp"
#include "proto/dns/dns.hpp"
#include "proto/dns/dns_answers.hpp"
#include "proto/tls/ja4.hpp"

namespace minerwall::inspect {

// http_host: Host, absolute-form and CONNECT.
enum class NameSource : std::uint8_t { none, sni, http_host, quic_sni, socks };
enum class App : std::uint8_t { unknown, tls, http, dns, json, quic, websocket, socks, coin_p2p };

struct Evidence {
    static constexpr unsigned kMaxAddresses = 16;
    // So much of a stream is read at a time. Its names have room, with one that began before it,
    // where the evidence is not full.
    static constexpr std::size_t kMostBytes = 1024;
    static constexpr unsigned kMostNames = 96;

    bool has_mining = false;  // `mining` is filled: a parser confirmed it
    bool has_dns = false;     // `question` and `dns_names` are filled
    bool has_hello = false;   // a ClientHello is whole: `ja4` and `ech`
    bool browser = false;     // a web page has its browser speak: the request names an Origin
    bool ech = false;         // it has an encrypted one inside, or GREASE that looks so
    NameSource name_source = NameSource::none;  // of `names`; none: there are none
    App app = App::unknown;                     // set whenever the packet showed it
    std::uint8_t address_count = 0;
    std::uint8_t address_names = 0;  // the first of `dns_names` that `addresses` are of
    std::uint16_t target_port = 0;   // of a proxy's target; 0: not told
    NameList names;                  // of the server; lower-case, no trailing dot
    MiningInfo mining;
    proto::Ja4Text ja4;
    proto::DnsQuestion question;
    // What is asked for, and the other names that an answer gives it.
    NameList dns_names;
    // The answer's addresses for `question`, as many as there is room for.
    std::array<proto::DnsAddress, kMaxAddresses> addresses;

    // The large fields are left as they are: the flags say which count.
    void clear() noexcept {
        has_mining = has_dns = has_hello = browser = ech = false;
        name_source = NameSource::none;
        app = App::unknown;
        address_count = address_names = 0;
        target_port = 0;
        names.clear();
        dns_names.clear();
    }
    // More names than this are not judged with one packet.
    bool is_full() const noexcept {
        const auto full = [](const NameList& list) {
            return list.count() >= kMostNames || list.room_left() < kMostBytes + 256;
        };
        return full(names) || full(dns_names);
    }
    bool any() const noexcept {
        return has_mining || has_dns || has_hello || name_source != NameSource::none;
    }
};

}  // namespace minerwall::inspect
