#include "stratum_disguises.hpp"

#include <algorithm>
#include <cstdio>

namespace minerwall::proto::samples {
namespace {

// Calls visit(c, inside a string) for each character; the quotes count as outside. The samples
// themselves have no escapes.
template <typename Visit>
void walk(std::string_view json, Visit visit) {
    bool inside = false;
    for (const char c : json) {
        if (c == '"') {
            inside = !inside;
            visit(c, false);
        } else {
            visit(c, inside);
        }
    }
}

bool is_structure(char c) {
    return std::string_view{"{}[]:,"}.find(c) != std::string_view::npos;
}

std::string around_tokens(std::string_view json, std::string_view before, std::string_view after) {
    std::string out;
    walk(json, [&](char c, bool inside) {
        if (!inside && is_structure(c)) {
            out.append(before).push_back(c);
            out.append(after);
        } else {
            out.push_back(c);
        }
    });
    return out;
}

std::string with_unit(char c, const char* format) {
    char unit[8];
    std::snprintf(unit, sizeof unit, format, static_cast<unsigned>(c));
    return unit;
}

std::string escaped_in_part(std::string_view json) {
    std::string out;
    unsigned i = 0;
    walk(json, [&](char c, bool inside) {
        out += inside && i++ % 3 == 1 ? with_unit(c, "\\u%04x") : std::string(1, c);
    });
    return out;
}

std::string solidus_escaped(std::string_view json) {
    std::string out;
    walk(json, [&](char c, bool inside) { out += inside && c == '/' ? "\\/" : std::string(1, c); });
    return out;
}

// Escapes outside the grammar; lenient readers take the letter.
std::string oddly_escaped(std::string_view json) {
    std::string out;
    walk(json, [&](char c, bool inside) {
        if (inside && std::string_view{"mjloigskEMS_."}.find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    });
    return out;
}

std::string member_first(std::string_view json, std::string_view member) {
    return std::string{"{"}.append(member).append(",").append(json.substr(1));
}

std::string junk_first(std::string_view json) {
    const std::string text(200, 'x');
    return member_first(json, "\"junk\":[[[\"" + text + R"("],{"a":"\"}]\\"}],[[[[[1]]]]],null])");
}

constexpr std::string_view kNoise =
    R"("method":"noise","params":7,"result":null,"type":"noise","identifier":0)";

std::string noise_first(std::string_view json) {
    return member_first(json, kNoise);
}

std::string noise_last(std::string_view json) {
    return std::string{json.substr(0, json.size() - 1)}.append(",").append(kNoise).append("}");
}

std::string in_batch(std::string_view json) {
    return std::string{R"([{"id":7,"method":"noise","params":["x"]}, )"}.append(json).append("]");
}

std::string after_blanks(std::string_view json) {
    return std::string{"\r\n \t\n\xef\xbb\xbf "}.append(json);
}

std::string after_unknown_method(std::string_view json) {
    return std::string{"{\"id\":1,\"method\":\"rpc.discover\",\"params\":{\"a\":[]}}\r\n"}.append(
        json);
}

std::string after_open_line(std::string_view json) {
    return std::string{"{\"a\":[{\"b\":\n"}.append(json);
}

std::string after_garbage_line(std::string_view json) {
    return std::string{"{} GET / HTTP/1.1\r\n"}.append(json);
}

// The message's own members, last first.
std::string reversed(std::string_view json) {
    std::vector<std::string> members(1);
    int depth = 0;
    walk(json, [&](char c, bool inside) {
        depth += inside ? 0 : c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        const bool own_brace = (depth == 1 && c == '{' && members[0].empty()) || depth == 0;
        if (!inside && depth == 1 && c == ',') {
            members.emplace_back();
        } else if (inside || !own_brace) {
            members.back() += c;
        }
    });
    std::string out = "{";
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
        out += out.size() > 1 ? "," : "";
        out += *member;
    }
    return out + "}";
}

// Member names in capitals: pools written in Go accept them.
std::string capitals(std::string_view json) {
    std::string out{json};
    std::size_t open = std::string::npos;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] != '"') {
            continue;
        }
        if (open == std::string::npos) {
            open = i;
            continue;
        }
        const std::size_t next = out.find_first_not_of(' ', i + 1);
        if (next != std::string::npos && out[next] == ':') {
            std::transform(out.begin() + static_cast<std::ptrdiff_t>(open),
                           out.begin() + static_cast<std::ptrdiff_t>(i),
                           out.begin() + static_cast<std::ptrdiff_t>(open), [](char c) {
                               return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                           });
        }
        open = std::string::npos;
    }
    return out;
}

}  // namespace

std::string escaped(std::string_view json) {
    std::string out;
    walk(json,
         [&](char c, bool inside) { out += inside ? with_unit(c, "\\u%04X") : std::string(1, c); });
    return out;
}

std::string spaced(std::string_view json) {
    return around_tokens(json, " \t\r ", "  ");
}

const std::vector<Disguise>& disguises() {
    static const std::vector<Disguise> kAll = {
        {"none", +[](std::string_view json) { return std::string{json}; }},
        {"escaped", escaped},
        {"escaped in part", escaped_in_part},
        {"escaped solidus", solidus_escaped},
        {"odd escapes", oddly_escaped},
        {"blanks and tabs", spaced},
        {"a token a line",
         +[](std::string_view json) { return around_tokens(json, "\r\n\t", "\n"); }},
        {"after blanks and a byte order mark", after_blanks},
        {"long junk member first", junk_first},
        {"duplicate members first", noise_first},
        {"duplicate members last", noise_last},
        {"members reversed", reversed},
        {"member names in capitals", capitals, false, true},
        {"in a batch", in_batch},
        {"after an unknown method", after_unknown_method},
        {"after an open line", after_open_line, true},
        {"after a garbage line", after_garbage_line, true},
        {"all at once",
         +[](std::string_view json) {
             return after_unknown_method(in_batch(junk_first(reversed(escaped_in_part(json)))));
         }},
    };
    return kAll;
}

}  // namespace minerwall::proto::samples
