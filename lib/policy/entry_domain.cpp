#include <algorithm>

#include "base/address.hpp"
#include "policy/entry.hpp"
#include "policy/public_suffix.hpp"

namespace minerwall::policy {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The host of a URL or of `host:port`, for a hint; empty if there is none.
std::string host_of(std::string_view raw) {
    if (const std::size_t scheme = raw.find("://"); scheme != std::string_view::npos) {
        raw.remove_prefix(scheme + 3);
    }
    raw = raw.substr(0, raw.find_first_of("/:?#"));
    return std::string(raw);
}

std::string label_fault(std::string_view label) {
    const std::string shown = "`" + std::string(label.substr(0, 64)) + "`";
    if (label.empty()) {
        return "an empty label: two dots in a row, or a dot in front";
    }
    if (label.size() > 63) {
        return "label " + shown + "... is longer than 63 characters";
    }
    if (label.front() == '-' || label.back() == '-') {
        return "label " + shown + " begins or ends with a hyphen";
    }
    const auto bad = std::find_if_not(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
    });
    if (bad == label.end()) {
        return {};
    }
    if (static_cast<unsigned char>(*bad) >= 0x80) {
        return "not ASCII: write an international name in its xn-- form (punycode)";
    }
    if (*bad == '*') {
        return "a wildcard may only stand in front, as in *.example.com; use a list of type "
               "\"name-pattern\" for more";
    }
    if (*bad > ' ' && *bad < 0x7f) {
        return std::string("character `") + *bad + "` in label " + shown +
               ": expected a domain name";
    }
    return "white space or a control character: expected a domain name";
}

}  // namespace

std::string parse_domain_entry(std::string_view raw, std::string& canonical) {
    canonical.clear();
    std::string_view name = raw;
    const bool exact = name.starts_with('=');
    if (exact) {
        name.remove_prefix(1);
    } else if (name.starts_with("*.")) {
        name.remove_prefix(2);
    }
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    if (name.empty()) {
        return "an empty name";
    }
    if (name.find_first_of("/:") != std::string_view::npos) {
        if (parse_address(name)) {
            return "an address, not a name: use a list of type \"ip\"";
        }
        const std::string host = host_of(name);
        return "expected a domain name without scheme, port or path" +
               (host.empty() ? std::string() : ", did you mean `" + host + "`?");
    }
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view last;
    for (std::size_t begin = 0; begin <= out.size();) {
        const std::size_t end = std::min(out.find('.', begin), out.size());
        last = std::string_view(out).substr(begin, end - begin);
        if (std::string fault = label_fault(last); !fault.empty()) {
            return fault;
        }
        begin = end + 1;
    }
    if (out.size() > 253) {
        return "longer than 253 characters";
    }
    if (std::all_of(last.begin(), last.end(), is_digit)) {
        return parse_address(out) ? "an address, not a name: use a list of type \"ip\""
                                  : "the last label is a number: expected a domain name";
    }
    if (std::string why = public_suffix(out); !why.empty()) {
        return "`" + out + "` is " + why;
    }
    canonical = exact ? "=" + out : std::move(out);
    return {};
}

}  // namespace minerwall::policy
