// Loads any bytes as a policy. The loader must never crash or throw, and every refusal has a
// message. A policy that loads is asked about flows made from the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "policy/load.hpp"

// libconfig 1.5 leaks the buffer of a string that a syntax error cuts short, once for each refused
// text. We cannot free it.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libconfig\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace minerwall;
    if (size > 8192) {
        return 0;
    }
    const std::string text(reinterpret_cast<const char*>(data), size);
    const policy::LoadResult result = policy::load_text(text, {}, 1);
    bool error = false;
    for (const settings::Diagnostic& d : result.diagnostics) {
        error = error || d.severity == settings::Severity::error;
        if (d.message.empty() || settings::format(d).empty()) {
            std::abort();
        }
    }
    if (result.ok() == error) {
        std::abort();
    }
    if (!result.ok()) {
        return 0;
    }
    IpAddress client, server;
    for (std::size_t i = 0; i < size; ++i) {
        client.bytes[i % 16] = data[i];
        server.bytes[i % 16] = static_cast<std::uint8_t>(server.bytes[i % 16] ^ data[i]);
    }
    for (unsigned i = 0; i < 8; ++i) {
        policy::Facts facts;
        facts.client = &client;
        facts.server = &server;
        facts.server_port = static_cast<std::uint16_t>(size * (i + 1));
        facts.ip_proto = i % 2 == 0 ? 6 : 17;
        facts.app = static_cast<Dialect>(i % kDialectCount);
        const std::string_view name = std::string_view(text).substr(0, 40 * i);
        (i % 3 == 0 ? facts.dns_name : facts.server_name) = name;
        const policy::Decision d = result.ruleset->decide(facts, 0);
        if (d.rule != policy::kNoRule && d.rule >= result.ruleset->all_rule_count()) {
            std::abort();
        }
        if (d.list != policy::kNoList && result.ruleset->entry_text(d.list, d.entry).empty()) {
            std::abort();
        }
    }
    return 0;
}
