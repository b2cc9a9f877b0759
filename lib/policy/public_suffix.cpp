#include "policy/public_suffix.hpp"

#include <algorithm>

namespace minerwall::policy {
namespace {

// Second levels of two-letter domains under which registries sell names.
constexpr std::string_view kSecondLevels[] = {
    "ac", "co",  "com",  "edu", "go",  "gob", "gov", "govt", "gv",  "id",  "ind",  "info", "ltd",
    "me", "mil", "name", "ne",  "net", "nic", "nom", "or",   "org", "plc", "priv", "sch",
};

// Registered names that only look like public second levels.
constexpr std::string_view kOwned[] = {
    "co.de", "co.eu", "go.ro", "id.me", "me.de", "or.de",
};

// Anybody can get a name under these: dynamic DNS, free hosting, tunnels to a machine at home.
constexpr std::string_view kShared[] = {
    "000webhostapp.com",
    "afraid.org",
    "amazonaws.com",
    "appspot.com",
    "azurewebsites.net",
    "blogspot.com",
    "changeip.com",
    "cloudapp.net",
    "cloudfront.net",
    "ddns.net",
    "ddnsfree.com",
    "ddnsking.com",
    "dns-dynamic.net",
    "dnsalias.com",
    "dnsalias.net",
    "dnsalias.org",
    "dnsdynamic.org",
    "dnsdojo.com",
    "duckdns.org",
    "dvrdns.org",
    "dyn-ip24.de",
    "dynamic-dns.net",
    "dynddns.com",
    "dyndns.biz",
    "dyndns.info",
    "dyndns.org",
    "dyndns.tv",
    "dyndns1.de",
    "dynu.com",
    "dynu.net",
    "dynv6.net",
    "firebaseapp.com",
    "freeddns.org",
    "freedns.org",
    "freemyip.com",
    "github.io",
    "gitlab.io",
    "giize.com",
    "gleeze.com",
    "goip.de",
    "gotdns.com",
    "gotdns.org",
    "herokuapp.com",
    "homeip.net",
    "homelinux.com",
    "homelinux.net",
    "homelinux.org",
    "homeunix.com",
    "homeunix.net",
    "homeunix.org",
    "hopto.me",
    "hopto.org",
    "kozow.com",
    "loca.lt",
    "loseyourip.com",
    "mooo.com",
    "my-firewall.org",
    "myds.me",
    "myddns.me",
    "myddns.rocks",
    "myftp.biz",
    "myftp.org",
    "mynetav.net",
    "myq-see.com",
    "mysynology.net",
    "myvnc.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.io",
    "no-ip.biz",
    "no-ip.info",
    "no-ip.org",
    "noip.me",
    "now-dns.net",
    "now-dns.org",
    "nsupdate.info",
    "ooguy.com",
    "pages.dev",
    "redirectme.net",
    "selfip.com",
    "selfip.net",
    "selfip.org",
    "servebeer.com",
    "serveblog.net",
    "servecounterstrike.com",
    "serveftp.com",
    "serveftp.net",
    "servegame.com",
    "servehalflife.com",
    "servehttp.com",
    "serveirc.com",
    "serveminecraft.net",
    "servemp3.com",
    "servequake.com",
    "spdns.de",
    "spdns.eu",
    "spdns.org",
    "strangled.net",
    "sytes.net",
    "synology.me",
    "theworkpc.com",
    "trycloudflare.com",
    "twilightparadox.com",
    "us.to",
    "vercel.app",
    "webhop.me",
    "webhop.net",
    "webredirect.org",
    "workers.dev",
    "xip.io",
    "zapto.org",
    "nip.io",
    "sslip.io",
};

template <std::size_t N>
bool in(const std::string_view (&words)[N], std::string_view word) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

std::string public_suffix(std::string_view name) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
        return "a single label: it would match every name under it";
    }
    const std::string_view rest = name.substr(dot + 1);
    if (rest.size() == 2 && in(kSecondLevels, name.substr(0, dot)) && !in(kOwned, name)) {
        return "a public suffix: it would match the names of many owners";
    }
    if (in(kShared, name)) {
        return "shared by many owners (dynamic DNS or hosting): list the full name";
    }
    return {};
}

}  // namespace minerwall::policy
