#include "minerwalld/learned_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

namespace minerwall {
namespace {

struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

nlohmann::ordered_json entry_of(const flow::Learned& known, Nanos now, Nanos wall) {
    nlohmann::ordered_json entry;
    entry["client"] = to_text(known.client);
    if (!known.is_name) {
        entry["address"] = to_text(known.server);
    }
    if (known.port != 0) {
        entry["port"] = known.port;
    }
    if (!known.name.empty()) {
        entry["name"] = std::string(known.name.view());
    }
    entry["from"] = std::string(to_text(known.from));
    entry["until"] = (wall + (known.until - now)) / kNanosPerSecond;
    return entry;
}

}  // namespace

std::string write_learned(const std::string& path,
                          const std::vector<const flow::LearnedTable*>& tables, Nanos now,
                          Nanos wall) {
    nlohmann::ordered_json out;
    out["written"] = wall / kNanosPerSecond;
    out["learned"] = nlohmann::ordered_json::array();
    for (const flow::LearnedTable* table : tables) {
        flow::Learned known;
        for (std::uint32_t slot = 0; table->size() != 0 && slot < table->slots(); ++slot) {
            if (table->at(slot, known) && known.until > now) {
                out["learned"].push_back(entry_of(known, now, wall));
            }
        }
    }
    // Names come from the wire and need not be UTF-8.
    const std::string text =
        out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    const std::string draft = path + ".new";
    const auto failed = [&](const std::string& file) {
        return fmt::format("{}: {}", file, std::strerror(errno));
    };
    std::unique_ptr<std::FILE, Close> file(std::fopen(draft.c_str(), "we"));
    if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
        std::fflush(file.get()) != 0) {
        return failed(draft);
    }
    file.reset();
    return std::rename(draft.c_str(), path.c_str()) == 0 ? std::string{} : failed(path);
}

}  // namespace minerwall
