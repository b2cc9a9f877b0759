// Reads any bytes as a list file. The first byte says the type and the format of the list. Reading
// must never crash, every refusal has a message and a line of the file, and every entry has a text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "policy/list_builder.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace minerwall;
    using namespace minerwall::policy;
    if (size == 0 || size > 8192) {
        return 0;
    }
    const auto type = static_cast<ListType>(data[0] % kListTypeCount);
    const auto format = static_cast<ListFormat>(data[0] >> 6 & 1);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    if (type == ListType::name_pattern && size > 256) {
        return 0;  // Hyperscan's compiler is slow, and not what this target is for
    }
    settings::Diagnostics diagnostics;
    ListBuilder builder(type, diagnostics);
    builder.from_file("list");
    builder.add_file(format, text);
    const std::size_t entries = builder.size();
    const std::size_t lines =
        1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    require(entries <= lines);
    const bool errors = diagnostics.has_errors();
    const List list = builder.finish();
    for (std::uint32_t i = 0; i < entries && type != ListType::name_pattern; ++i) {
        require(!list.entry_text(i).empty());
        require(list.entry_note(i).size() <= ListBuilder::kMaxNote);
    }
    for (const settings::Diagnostic& d : diagnostics.take()) {
        require(!d.message.empty() && d.file == "list" && d.line <= lines);
        // A bad entry in the file of somebody else is a warning; a file without one is an error.
        require(format == ListFormat::lines || d.severity == settings::Severity::warning ||
                (errors && entries == 0) || type == ListType::name_pattern);
    }
    return 0;
}
