// A model of Json.NET's JsonTextReader with its usual settings, from its documentation: blanks are
// Unicode's and NUL, quotes are double or single, names may have none, comments count as blanks,
// commas may be dropped or doubled in arrays; NaN, undefined, constructors, numbers in base 8
// and 16. Bytes are UTF-8, or what a byte order mark says.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "reader.hpp"

namespace minerwall::differential {
namespace {

using nlohmann::json;

struct Failed {};

std::u32string decoded(const std::string& bytes) {
    const auto byte = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    std::u32string out;
    if (bytes.size() >= 2 && (byte(0) ^ byte(1)) == 1 && byte(0) >= 0xfe) {
        const bool little = byte(0) == 0xff;
        const bool four = little && bytes.size() >= 4 && byte(2) == 0 && byte(3) == 0;
        const std::size_t width = four ? 4 : 2;
        for (std::size_t i = width; i + width <= bytes.size(); i += width) {
            std::uint32_t unit = 0;
            for (std::size_t k = 0; k < width; ++k) {
                unit |= byte(i + k) << (8 * (little ? k : width - 1 - k));
            }
            out.push_back(unit);
        }
        return out;
    }
    for (std::size_t i = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0; i < bytes.size(); ++i) {
        const unsigned c = byte(i);
        const unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
        std::uint32_t code = c < 0x80 ? c : more == 0 ? 0xfffd : c & (0x3fU >> more);
        for (unsigned k = 0; k < more; ++k) {
            if ((byte(i + 1) & 0xc0) != 0x80) {
                code = 0xfffd;
                break;
            }
            code = code << 6 | (byte(++i) & 0x3f);
        }
        out.push_back(code);
    }
    return out;
}

class Model {
  public:
    explicit Model(std::u32string text) : text_(std::move(text)) {}

    void read(Values& out) {
        try {
            for (;;) {
                blanks();
                if (at_ == text_.size()) {
                    return;
                }
                const json one = value(0);
                out.push_back(one.dump(-1, ' ', true, json::error_handler_t::replace));
            }
        } catch (const Failed&) {
        }
    }

  private:
    char32_t peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0';
    }
    bool ended() const { return at_ >= text_.size(); }

    static bool blank(char32_t c) {
        return c == U' ' || (c >= 9 && c <= 13) || c == 0 || c == 0x85 || c == 0xa0 ||
               c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
               c == 0x202f || c == 0x205f || c == 0x3000;
    }
    static bool letter(char32_t c) {
        return (c >= U'0' && c <= U'9') || ((c | 32) >= U'a' && (c | 32) <= U'z') || c == U'_' ||
               c == U'$' || (c >= 0xc0 && c < 0x1680);
    }

    void blanks() {
        while (!ended()) {
            if (blank(peek())) {
                ++at_;
            } else if (peek() == U'/') {
                comment();
            } else {
                return;
            }
        }
    }
    void comment() {
        const char32_t kind = peek(1);
        at_ += 2;
        if (kind == U'/') {
            while (!ended() && peek() != U'\n' && peek() != U'\r') {
                ++at_;
            }
            return;
        }
        if (kind != U'*') {
            throw Failed{};
        }
        const std::size_t end = text_.find(U"*/", at_);
        if (end == std::u32string::npos) {
            throw Failed{};
        }
        at_ = end + 2;
    }

    json value(unsigned depth) {
        blanks();
        const char32_t c = peek();
        if (ended() || depth > 2000) {
            throw Failed{};
        }
        switch (c) {
            case U'"':
            case U'\'':
                return string();
            case U'{':
                return object(depth);
            case U'[':
                ++at_;
                return array(depth, U']');
            case U',':
            case U']':
                return depth != 0 ? json(nullptr) : throw Failed{};
            default:
                return word(depth);
        }
    }
    json word(unsigned depth) {
        std::string text;
        while (letter(peek()) || peek() == U'-' || peek() == U'+' || peek() == U'.') {
            text.push_back(static_cast<char>(peek() & 0x7f));
            ++at_;
        }
        if (text == "new") {
            blanks();
            while (letter(peek())) {
                ++at_;
            }
            blanks();
            if (peek() != U'(') {
                throw Failed{};
            }
            ++at_;
            array(depth, U')');
            return nullptr;
        }
        for (const char* literal : {"null", "undefined", "NaN", "Infinity", "-Infinity"}) {
            if (text == literal) {
                return nullptr;
            }
        }
        if (text == "true" || text == "false") {
            return text == "true";
        }
        const bool number =
            !text.empty() &&
            text.find_first_not_of("0123456789abcdefABCDEFxX.+-") == std::string::npos;
        if (!number) {
            throw Failed{};
        }
        return 1;
    }
    json array(unsigned depth, char32_t close) {
        json out = json::array();
        for (;;) {
            blanks();
            if (peek() == close) {
                ++at_;
                return out;
            }
            out.push_back(value(depth + 1));
            blanks();
            if (peek() == U',') {
                ++at_;
            } else if (peek() != close) {
                throw Failed{};
            }
        }
    }
    json object(unsigned depth) {
        json out = json::object();
        ++at_;
        for (;;) {
            blanks();
            if (peek() == U'}') {
                ++at_;
                return out;
            }
            std::string name;
            if (peek() == U'"' || peek() == U'\'') {
                name = string();
            } else {
                while (letter(peek())) {
                    name.push_back(static_cast<char>(peek() & 0x7f));
                    ++at_;
                }
                if (name.empty()) {
                    throw Failed{};
                }
            }
            blanks();
            if (peek() != U':') {
                throw Failed{};
            }
            ++at_;
            out[name] = value(depth + 1);
            blanks();
            if (peek() == U',') {
                ++at_;
            } else if (peek() != U'}') {
                throw Failed{};
            }
        }
    }
    std::string string() {
        const char32_t quote = peek();
        std::string out;
        bool nul = false;
        for (++at_; !ended(); ++at_) {
            char32_t c = peek();
            if (c == quote) {
                ++at_;
                return nul ? "NUL in " + out : out;
            }
            if (c == U'\\') {
                ++at_;
                c = escape();
            }
            nul = nul || c == 0;  // a letter like others, and not the end
            if (c < 0x80) {
                out.push_back(static_cast<char>(c));
            } else {
                out += "?";
            }
        }
        throw Failed{};
    }
    char32_t escape() {
        const char32_t c = peek();
        constexpr std::u32string_view kFrom = U"btnfr\\/\"'";
        constexpr std::u32string_view kTo = U"\b\t\n\f\r\\/\"'";
        if (const std::size_t i = kFrom.find(c); i != std::u32string_view::npos) {
            return kTo[i];
        }
        if (c != U'u') {
            throw Failed{};
        }
        char32_t unit = 0;
        for (int i = 0; i < 4; ++i) {
            ++at_;
            const char32_t digit = peek();
            const char32_t lower = digit | 32;
            if (digit >= U'0' && digit <= U'9') {
                unit = unit * 16 + (digit - U'0');
            } else if (lower >= U'a' && lower <= U'f') {
                unit = unit * 16 + (lower - U'a' + 10);
            } else {
                throw Failed{};
            }
        }
        return unit;
    }

    std::u32string text_;
    std::size_t at_ = 0;
};

}  // namespace

void read_json_net(const std::string& text, Values& out) {
    Model{decoded(text)}.read(out);
}

}  // namespace minerwall::differential
