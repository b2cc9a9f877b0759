// What inspection learned from one packet. Filled by the Inspector, read by path/decide.
#pragma once

#include "base/mining_info.hpp"
#include "inspect/name_list.hpp"
#include "proto/dns.hpp"

namespace minerwall::inspect {

enum class NameSource : std::uint8_t { none, sni, http_host };
enum class App : std::uint8_t { unknown, tls, http, dns, json };

struct Evidence {
    bool has_mining = false;  // `mining` is filled: a parser confirmed it
    bool has_dns = false;     // `question` is filled
    NameSource name_source = NameSource::none;
    App app = App::unknown;  // set whenever the packet showed it
    NameList names;          // of the server; lower-case, no trailing dot
    MiningInfo mining;
    proto::DnsQuestion question;

    // The large fields are left as they are: the flags say which count.
    void clear() noexcept {
        has_mining = has_dns = false;
        name_source = NameSource::none;
        app = App::unknown;
        names.clear();
    }
    bool any() const noexcept { return has_mining || has_dns || name_source != NameSource::none; }
};

}  // namespace minerwall::inspect
