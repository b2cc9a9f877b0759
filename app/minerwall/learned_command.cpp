#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "minerwall/commands.hpp"

namespace minerwall {
namespace {

std::string until_text(std::time_t until, std::time_t now) {
    if (until <= now) {
        return "over";
    }
    const auto left = static_cast<long>(until - now);
    return left < 3600 ? fmt::format("{} min", (left + 59) / 60)
                       : fmt::format("{} h {} min", left / 3600, left % 3600 / 60);
}

}  // namespace

int learned_addresses(const LearnedCommand& options) {
    std::ifstream file(options.file);
    if (!file) {
        fmt::print(stderr,
                   "minerwall: {}: cannot be read (the daemon writes it where learning.file of "
                   "minerwall.conf says)\n",
                   options.file);
        return kExitFailed;
    }
    const auto list = nlohmann::ordered_json::parse(file, nullptr, false);
    if (!list.is_object() || !list.contains("learned") || !list["learned"].is_array()) {
        fmt::print(stderr, "minerwall: {}: not a list of learned addresses\n", options.file);
        return kExitFailed;
    }
    if (options.json) {
        fmt::print("{}\n", list.dump(2));
        return kExitOk;
    }
    const std::time_t now = std::time(nullptr);
    fmt::print("{:<40} {:<40} {:>5}  {:<17} {:<12} {}\n", "client", "address", "port", "told by",
               "for another", "name");
    std::size_t count = 0;
    for (const auto& entry : list["learned"]) {
        if (!entry.is_object()) {
            continue;
        }
        const std::time_t until = entry.value("until", std::time_t{0});
        if (until <= now) {
            continue;
        }
        const unsigned port = entry.value("port", 0u);
        fmt::print("{:<40} {:<40} {:>5}  {:<17} {:<12} {}\n", entry.value("client", std::string()),
                   entry.value("address", std::string("-")),
                   port == 0 ? std::string("any") : std::to_string(port),
                   entry.value("from", std::string()), until_text(until, now),
                   entry.value("name", std::string("-")));
        ++count;
    }
    fmt::print("{} learned\n", count);
    return kExitOk;
}

}  // namespace minerwall
