#include "cases.hpp"

#include <functional>
#include <random>
#include <string_view>

#include "../../unit/proto/stratum_samples.hpp"

namespace minerwall::differential {
namespace {

using namespace std::string_literals;
using proto::Carrier;
using Random = std::mt19937;
using Change = std::function<std::string(const std::string&, Random&)>;

// Beyond this many random texts, all pairs; below it, a quarter of them.
constexpr std::size_t kAllPairsFrom = 10'000;

struct Way {
    std::string name;
    Change apply;
};

// The places between tokens of a text with double quotes.
std::vector<std::size_t> gaps(const std::string& text) {
    std::vector<std::size_t> out;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (inside && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            inside = !inside;
        } else if (!inside && std::string_view{"{}[]:,"}.find(text[i]) != std::string_view::npos) {
            out.push_back(i);
            out.push_back(i + 1);
        }
    }
    return out;
}

Change in_all_gaps(const std::string& what) {
    return [what](const std::string& text, Random&) {
        std::string out = text;
        const auto places = gaps(text);
        for (auto place = places.rbegin(); place != places.rend(); ++place) {
            out.insert(*place, what);
        }
        return out;
    };
}
Change in_a_gap(const std::string& what) {
    return [what](const std::string& text, Random& random) {
        std::string out = text;
        const auto places = gaps(text);
        return places.empty() ? out : out.insert(places[random() % places.size()], what);
    };
}
Change in_front(const std::string& what) {
    return [what](const std::string& text, Random&) { return what + text; };
}
// A member before the others.
Change member(const std::string& what) {
    return [what](const std::string& text, Random&) {
        std::string out = text;
        const std::size_t open = out.find('{');
        return open == std::string::npos ? out : out.insert(open + 1, what + ",");
    };
}
Change replace(const std::string& from, const std::string& to) {
    return [from, to](const std::string& text, Random&) {
        std::string out = text;
        for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
            out.replace(at, from.size(), to);
        }
        return out;
    };
}
std::string single_quoted(const std::string& text, Random&) {
    std::string out = text;
    for (char& c : out) {
        c = c == '"' ? '\'' : c;
    }
    return out;
}
std::string unquoted_names(const std::string& text, Random&) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '"' ? text.find('"', i + 1) : std::string::npos;
        if (end == std::string::npos) {
            out += text[i];
            continue;
        }
        const bool name = end + 1 < text.size() && text[end + 1] == ':';
        out += name ? text.substr(i + 1, end - i - 1) : text.substr(i, end - i + 1);
        i = end;
    }
    return out;
}
Change widened(unsigned before, unsigned after, const std::string& mark) {
    return [=](const std::string& text, Random&) {
        std::string out = mark;
        for (const char c : text) {
            out += std::string(before, '\0') + c + std::string(after, '\0');
        }
        return out;
    };
}
std::string names_in_capitals(const std::string& text, Random&) {
    std::string out = text;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t end = out[i] == '"' ? out.find('"', i + 1) : std::string::npos;
        if (end == std::string::npos) {
            continue;
        }
        for (std::size_t k = i; end + 1 < out.size() && out[end + 1] == ':' && k < end; ++k) {
            out[k] = static_cast<char>(out[k] >= 'a' && out[k] <= 'z' ? out[k] - 32 : out[k]);
        }
        i = end;
    }
    return out;
}

std::vector<Way> ways() {
    std::vector<Way> out{
        {"single quotes", single_quoted},
        {"unquoted names", unquoted_names},
        {"names in capitals", names_in_capitals},
        {"UTF-16 LE", widened(0, 1, "")},
        {"UTF-16 BE", widened(1, 0, "")},
        {"UTF-32 LE", widened(0, 3, "")},
        {"UTF-32 BE", widened(3, 0, "")},
        {"UTF-16 LE and mark", widened(0, 1, "\xff\xfe")},
        {"UTF-16 BE and mark", widened(1, 0, "\xfe\xff")},
        {"UTF-32 LE and mark", widened(0, 3, "\xff\xfe\0\0"s)},
        {"UTF-32 BE and mark", widened(3, 0, "\0\0\xfe\xff"s)},
        {"NUL in the key", replace("\"method\"", "\"method\\u0000x\"")},
        {"raw NUL in the key", replace("\"method\"", "\"method\0x\""s)},
        {"NUL in values", replace("\",", "\\u0000x\",")},
        {"raw NUL in values", replace("\",", "\0x\","s)},
        {"escaped key", replace("method", "m\\u0065thod")},
        {"bad escape in the key", replace("\"method\"", "\"method\\uZZZZ\"")},
        {"backslash in words", replace("mining", "\\mining")},
        {"trailing commas", replace("}", ",}")},
        {"trailing commas in arrays", replace("]", ",]")},
        {"double commas", replace(",", ",,")},
        {"semicolons", replace(",", ";")},
        {"equals", replace(":", "=")},
        {"Kelvin sign and long s", replace("params", "param\xc5\xbf")},
        {"method twice, noise first", member(R"("method":"noise")")},
        {"garbage behind", [](const std::string& text, Random&) { return text + "garbage"; }},
        {"method twice, noise last",
         [](const std::string& text, Random&) {
             const std::size_t close = text.rfind('}');
             return close == std::string::npos ? text
                                               : text.substr(0, close) + R"(,"method":"noise"})";
         }},
    };
    const std::pair<const char*, std::string> blanks[] = {
        {"vertical tab", "\x0b"},
        {"form feed", "\x0c"},
        {"0x01", "\x01"},
        {"0x1f", "\x1f"},
        {"DEL", "\x7f"},
        {"NUL", "\0"s},
        {"NBSP", "\xc2\xa0"},
        {"U+2028", "\xe2\x80\xa8"},
        {"mark", "\xef\xbb\xbf"},
        {"LF", "\n"},
        {"CR", "\r"},
        {"/**/", "/**/"},
        {"/* x */", "/* \"{'x */"},
        {"/***/", "/***/"},
        {"/*LF*/", "/*\n*/"},
        {"// LF", "//\"x{'\n"},
        {"// CR", "// x\r"},
        {"// CRLF", "//'\r\n"},
        {"# LF", "# x\n"},
    };
    for (const auto& [name, text] : blanks) {
        out.push_back({name + " in a gap"s, in_a_gap(text)});
        out.push_back({name + " in all gaps"s, in_all_gaps(text)});
        out.push_back({name + " in front"s, in_front(text)});
    }
    for (const std::string front : {"null", "1 ", "\"x\"", "'x'", "{}", "[]", "{}null", "{},", ",",
                                    "true false ", "-1.5e3 ", "NaN ", "\"a\nb\"", "{\"a\":1}\n"}) {
        out.push_back({front + " in front", in_front(front)});
    }
    for (const std::string value :
         {"NaN", "Infinity", "-Infinity", "0x1F", "+1", "010", ".5", "1.", "1e999", "undefined",
          "new Date(1,'x')", "TRUE", "", "-", "99999999999999999999999"}) {
        out.push_back({"value " + value, member("\"v\":" + value)});
    }
    const std::pair<const char*, std::string> members[] = {
        {"line end in a string", "\"x\":\"a\nb\""},
        {"CR in a string", "\"x\":\"a\rb\""},
        {"control bytes in a string", "\"x\":\"a\x01\tb\""},
        {"a line of JSON in a string", "\"x\":\"a\n{b\""},
        {"a whole value in a string", "\"x\":\"a\n{}\""},
        {"bad \\u", R"("x":"\uZZZZ")"},
        {"short \\u", R"("x":"\u12")"},
        {"bad escape", R"("x":"\q\x\'")"},
        {"escaped line end", "\"x\":\"a\\\nb\""},
        {"half a surrogate", R"("x":"\ud800")"},
        {"invalid UTF-8", "\"\xff\":\"\xc0\x80\xf8\""},
        {"the other quote", R"("x":"it's")"},
        {"the other quotes, deep", R"("x":[[[[[["'{"]]]]]])"},
        {"single quotes, deep", R"("x":[[[[[['"']]]]]])"},
        {"comments, deep", "\"x\":[[[[[[/*\"*/1,//'\"\n2]]]]]]"},
        {"open comment in a string", R"("x":"/*")"},
        {"depth 600", "\"x\":" + std::string(600, '[') + std::string(600, ']')},
        {"depth of lines", "\"x\":" + std::string(40, '[') + "\n1" + std::string(40, ']')},
        {"a long string", "\"x\":\"" + std::string(70'000, 'y') + "\""},
        {"many members",
         [] {
             std::string many = "\"y\":0";
             for (int i = 0; i < 300; ++i) {
                 many += ",\"k" + std::to_string(i) + "\":[{\"method\":1}]";
             }
             return many;
         }()},
    };
    for (const auto& [name, text] : members) {
        out.push_back({name, member(text)});
    }
    return out;
}

std::string changed_at_random(std::string text, Random& random) {
    static const std::string kBytes = "{}[]:,\"'\\/*#\n\r\t\0 \x0b\x01\xa0\xff\x31u-_;=(x"s;
    static const std::string kPieces[] = {"/*", "*/",   "//",   "**/", "\\u",  "\\u0000", "\"\n{",
                                          "'",  "\\\"", "null", "{}",  "//\r", "\0"s,     "\n{"};
    for (auto edits = 1 + random() % 3; edits != 0; --edits) {
        const std::size_t at = random() % (text.size() + 1);
        const std::string what = random() % 2 == 0
                                     ? std::string(1, kBytes[random() % kBytes.size()])
                                     : kPieces[random() % std::size(kPieces)];
        if (random() % 4 != 0) {
            text.insert(at, what);
        } else if (at < text.size()) {
            text.replace(at, 1, random() % 2 == 0 ? what : "");
        }
    }
    return text;
}

}  // namespace

std::vector<Case> cases(std::uint32_t seed, std::size_t random) {
    const bool all_pairs = random > kAllPairsFrom;
    struct Base {
        std::string text;
        Carrier carrier;
    };
    std::vector<Base> all;
    for (const auto& sample : proto::samples::all_lines()) {
        all.push_back({sample.json, Carrier::json_lines});
    }
    for (const auto& sample : proto::samples::http_requests()) {
        all.push_back({sample.json, Carrier::http_request_body});
    }
    const Base few[] = {
        {R"({"id":1,"method":"mining.subscribe","params":["x/1.0"]})", Carrier::json_lines},
        {R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"44","pass":"x","agent":"a"}})",
         Carrier::json_lines},
        {R"({"id":0,"method":"getblocktemplate","params":[{"rules":["segwit"]}]})",
         Carrier::http_request_body},
    };
    Random source(seed);
    std::vector<Case> out;
    const std::vector<Way> each = ways();
    // The samples that do not begin a connection differ little: each has a part of the ways.
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Base& base = all[i];
        for (const Way& way : each) {
            if (!all_pairs && i % 8 != 0 && source() % 8 != 0) {
                continue;
            }
            out.push_back({way.name, way.apply(base.text, source), base.carrier});
        }
    }
    for (const Base& base : few) {
        for (const Way& first : each) {
            for (const Way& second : each) {
                if (!all_pairs && source() % 4 != 0) {
                    continue;
                }
                const std::string text = second.apply(first.apply(base.text, source), source);
                if (text.size() < 30'000) {  // both cannot be long
                    out.push_back({first.name + ", then " + second.name, text, base.carrier});
                }
            }
        }
    }
    for (std::size_t i = 0; i < random; ++i) {
        const Base& base = i % 2 == 0 ? few[source() % std::size(few)] : all[source() % all.size()];
        std::string text = base.text;
        if (source() % 2 == 0) {
            text = each[source() % each.size()].apply(text, source);
        }
        if (text.size() < 5'000) {
            out.push_back(
                {"random " + std::to_string(i), changed_at_random(text, source), base.carrier});
        }
    }
    return out;
}

}  // namespace minerwall::differential
