#include "policy/list_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/address.hpp"
#include "policy/adblock.hpp"
#include "policy/entry.hpp"
#include "policy/pattern_sample.hpp"

namespace minerwall::policy {

using settings::Location;

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\v\f";
    const std::size_t begin = text.find_first_not_of(kSpace);
    return begin == std::string_view::npos
               ? std::string_view{}
               : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Takes the next line off `text`, without its end.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// At most kMaxNote bytes, without cutting a UTF-8 character in two.
std::string_view cut(std::string_view note) {
    std::size_t size = std::min(note.size(), ListBuilder::kMaxNote);
    while (size > 0 && size < note.size() &&
           (static_cast<unsigned char>(note[size]) & 0xc0) == 0x80) {
        --size;
    }
    return note.substr(0, size);
}

}  // namespace

void ListBuilder::from_file(const std::string& file) {
    if (files_.empty() || files_.back() != file) {
        files_.push_back(file);
    }
}

void ListBuilder::add_file(ListFormat format, std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {  // a byte order mark, which some editors write
        text.remove_prefix(3);
    }
    switch (format) {
        case ListFormat::lines:
            add_lines(text);
            return;
        case ListFormat::adblock:
            add_adblock(text);
            return;
    }
}

void ListBuilder::add_lines(std::string_view text) {
    for (unsigned line = 1; !text.empty(); ++line) {
        const std::string_view whole = next_line(text);
        const std::size_t hash = whole.find('#');
        const std::string_view entry = trim(whole.substr(0, hash));
        if (entry.empty()) {
            continue;
        }
        const std::string_view note =
            hash == std::string_view::npos ? std::string_view{} : trim(whole.substr(hash + 1));
        if (entry.find_first_of(" \t") != std::string_view::npos) {
            diagnostics_.error({files_.back(), line}, "white space inside `" +
                                                          std::string(entry.substr(0, 64)) +
                                                          "`: expected one entry a line");
            continue;
        }
        add(entry, note, line);
    }
}

void ListBuilder::add_adblock(std::string_view text) {
    struct Skipped {
        unsigned lines = 0;
        unsigned first = 0;
        void count(unsigned line) { first = lines++ == 0 ? line : first; }
    };
    std::array<Skipped, kAdblockLineCount> skipped;
    Skipped other_type;
    bool any = false;
    bool known = false;
    for (unsigned line = 1; !text.empty(); ++line) {
        std::string_view host;
        const AdblockLine kind = read_adblock_line(next_line(text), host);
        if (kind == AdblockLine::nothing) {
            continue;
        }
        any = true;
        if (kind != AdblockLine::host) {
            skipped[static_cast<unsigned>(kind)].count(line);
            continue;
        }
        known = true;
        if (parse_address(host).has_value() != (type_ == ListType::ip)) {
            other_type.count(line);
        } else {
            add(host, {}, line, settings::Severity::warning);
        }
    }
    if (any && !known) {
        diagnostics_.error({files_.back(), 0},
                           "no line has the form ||name^: is the file in "
                           "another format?");
        return;
    }
    const auto tell = [&](const Skipped& of, const std::string& what) {
        if (of.lines != 0) {
            diagnostics_.warning({files_.back(), of.first}, "skipped " + std::to_string(of.lines) +
                                                                " " + what + ", the first here");
        }
    };
    const auto tell_kind = [&](AdblockLine kind, const std::string& what) {
        tell(skipped[static_cast<unsigned>(kind)], what);
    };
    tell(other_type, type_ == ListType::ip
                         ? "filters for names (a list of type \"domain\" takes them)"
                         : "filters for addresses (a list of type \"ip\" takes them)");
    tell_kind(AdblockLine::url, "filters for parts of URLs or names");
    tell_kind(AdblockLine::narrowed, "filters with options that a wire cannot follow");
    tell_kind(AdblockLine::exception, "exceptions (write a rule with action \"allow\")");
    tell_kind(AdblockLine::element, "filters for parts of pages");
    tell_kind(AdblockLine::directive, "directives (the lines between them count)");
}

void ListBuilder::add(std::string_view raw, std::string_view note, unsigned line,
                      settings::Severity severity) {
    const Origin origin{static_cast<std::uint32_t>(files_.size() - 1), line};
    if (origins_.size() >= kMaxEntries) {
        if (!std::exchange(too_many_, true)) {
            diagnostics_.error(locate(origin),
                               "more than " + std::to_string(kMaxEntries) + " entries");
        }
        return;
    }
    if (std::string fault = add_entry(raw); !fault.empty()) {
        if (severity == settings::Severity::warning) {
            diagnostics_.warning(locate(origin), "skipped: " + fault);
        } else {
            diagnostics_.error(locate(origin), fault);
        }
        return;
    }
    if (!note.empty()) {
        list_.noted_entries.push_back(static_cast<std::uint32_t>(origins_.size()));
        list_.notes.add(cut(note));
    }
    origins_.push_back(origin);
}

std::string ListBuilder::add_entry(std::string_view raw) {
    std::string fault;
    switch (type_) {
        case ListType::port: {
            std::uint16_t first = 0;
            std::uint16_t last = 0;
            fault = parse_port_entry(raw, least_, most_, first, last);
            if (fault.empty()) {
                ports_.add(first, last);
                list_.texts.add(raw);
            }
            return fault;
        }
        case ListType::domain: {
            std::string name;
            fault = parse_domain_entry(raw, name);
            if (fault.empty()) {
                domains_.add(name);
            }
            return fault;
        }
        case ListType::ip: {
            match::Prefix prefix;
            fault = parse_address_entry(raw, prefix);
            if (fault.empty()) {
                prefixes_.add(prefix);
                list_.texts.add(to_text(prefix));
            }
            return fault;
        }
        case ListType::name_pattern:
            return add_pattern(raw);
    }
    return fault;
}

std::string ListBuilder::add_pattern(std::string_view raw) {
    if (raw.size() > kMaxPatternLength) {
        return "a pattern of more than " + std::to_string(kMaxPatternLength) + " characters";
    }
    if (origins_.size() >= kMaxPatterns) {
        return "more than " + std::to_string(kMaxPatterns) + " patterns in a list";
    }
    const std::string expression(raw);
    // Test it alone first: an invalid expression, such as `a)|(b`, may become valid in the group.
    if (std::string fault = match::expression_fault(expression, true); !fault.empty()) {
        return "pattern `" + expression.substr(0, 64) + "`: " + fault;
    }
    match::Pattern pattern;
    pattern.expression = "\\A(?:" + expression + ")\\z";
    pattern.caseless = true;
    pattern.matches = pattern_sample(expression);
    if (std::string fault = match::expression_fault(pattern.expression, true); !fault.empty()) {
        return "pattern `" + expression.substr(0, 64) + "`: " + fault;
    }
    patterns_.add(std::move(pattern));
    list_.texts.add(raw);
    return {};
}

List ListBuilder::finish(EntryPlaces places) {
    std::vector<match::Duplicate> duplicates;
    List list = std::move(list_);
    list.type = type_;
    switch (type_) {
        case ListType::port:
            list.ports = ports_.build(&duplicates);
            break;
        case ListType::domain:
            list.domains = domains_.build(&duplicates);
            break;
        case ListType::ip:
            list.prefixes = prefixes_.build(&duplicates);
            break;
        case ListType::name_pattern: {
            std::vector<match::PatternError> errors;
            list.patterns = patterns_.build(errors);
            for (const match::PatternError& error : errors) {
                const bool one = error.pattern < origins_.size();
                diagnostics_.error(
                    one ? locate(origins_[error.pattern]) : Location{files_.back(), 0},
                    "patterns: " + error.message);
            }
            break;
        }
    }
    list.texts.shrink();
    list.notes.shrink();
    list.noted_entries.shrink_to_fit();
    warn_duplicates(list, duplicates);
    if (places == EntryPlaces::keep) {
        list.origins = std::move(origins_);
        list.files = std::move(files_);
    }
    return list;
}

void ListBuilder::warn_duplicates(const List& list,
                                  const std::vector<match::Duplicate>& duplicates) {
    for (const match::Duplicate& d : duplicates) {
        const Location first = locate(origins_[d.first]);
        diagnostics_.warning(locate(origins_[d.later]), "`" +
                                                            std::string(list.entry_text(d.later)) +
                                                            "` is listed before, at " + first.file +
                                                            ":" + std::to_string(first.line));
    }
}

}  // namespace minerwall::policy
