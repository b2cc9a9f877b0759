#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "minerwall/commands.hpp"
#include "policy/load.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall {

int policy_check(const PolicyCheckOptions& options) {
    const policy::LoadResult result = policy::load(options.file, 1);
    if (options.json) {
        nlohmann::ordered_json out;
        out["file"] = options.file;
        out["ok"] = result.ok();
        out["diagnostics"] = nlohmann::ordered_json::array();
        for (const settings::Diagnostic& d : result.diagnostics) {
            nlohmann::ordered_json item;
            item["file"] = d.file;
            item["line"] = d.line;
            item["column"] = d.column;
            item["severity"] = d.severity == settings::Severity::error ? "error" : "warning";
            item["message"] = d.message;
            out["diagnostics"].push_back(std::move(item));
        }
        if (result.ok()) {
            out["rules"] = result.ruleset->rule_count();
            out["list_entries"] = result.ruleset->entry_count();
        }
        // File names come from the operator and need not be UTF-8.
        fmt::print("{}\n",
                   out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        return result.ok() ? kExitOk : kExitConfig;
    }
    for (const settings::Diagnostic& d : result.diagnostics) {
        fmt::print(stderr, "{}\n", settings::format(d));
    }
    if (!result.ok()) {
        return kExitConfig;
    }
    const policy::Ruleset& rules = *result.ruleset;
    fmt::print("{}: ok: {} rules, {} lists with {} entries ({:.1f} MiB){}\n", options.file,
               rules.rule_count(), rules.list_count(), rules.entry_count(),
               static_cast<double>(rules.memory_bytes()) / (1 << 20),
               rules.observe() ? ", observe only" : "");
    return kExitOk;
}

}  // namespace minerwall
