#include "policy/pattern_sample.hpp"

#include <bitset>

namespace minerwall::policy {
namespace {

constexpr std::size_t kLongest = 253;  // a longer text is not a name
constexpr unsigned kDeepest = 32;      // nested groups

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Sampler {
  public:
    explicit Sampler(std::string_view in) : in_(in) {}

    std::string run() {
        std::string out = alternatives(0);
        return ok_ && at_ == in_.size() && out.size() <= kLongest ? out : std::string();
    }

  private:
    bool more() const { return ok_ && at_ < in_.size(); }
    bool take(char c) {
        const bool is = more() && in_[at_] == c;
        at_ += is ? 1 : 0;
        return is;
    }
    char give_up() {
        ok_ = false;
        return 0;
    }

    std::string alternatives(unsigned depth) {
        if (depth > kDeepest) {
            give_up();
        }
        std::string first = sequence(depth);
        while (take('|')) {
            sequence(depth);
        }
        return first;
    }

    std::string sequence(unsigned depth) {
        std::string out;
        while (more() && in_[at_] != '|' && in_[at_] != ')') {
            const std::string one = atom(depth);
            for (unsigned n = fewest(); n > 0 && ok_; --n) {
                out += one;
                ok_ = out.size() <= kLongest;
            }
        }
        return out;
    }

    std::string atom(unsigned depth) {
        const char c = in_[at_++];
        switch (c) {
            case '(': {
                if (take('?') && !take(':')) {
                    give_up();
                }
                std::string inner = alternatives(depth + 1);
                if (!take(')')) {
                    give_up();
                }
                return inner;
            }
            case '[':
                return {one_of_class()};
            case '\\':
                return {escape()};
            case '.':
                return "a";
            case '^':
            case '$':
            case '*':
            case '+':
            case '?':
            case '{':
                give_up();
                return {};
            default:
                if (c <= ' ' || c > '~') {
                    give_up();
                }
                return {c};
        }
    }

    char escape() {
        if (!more()) {
            return give_up();
        }
        const char c = in_[at_++];
        if (!is_alnum(c)) {
            return c > ' ' && c <= '~' ? c : give_up();
        }
        return c == 'd' ? '0' : c == 'w' ? 'a' : give_up();
    }

    char one_of_class() {
        std::bitset<128> set;
        const bool negated = take('^');
        if (take(']')) {
            return give_up();
        }
        while (more() && in_[at_] != ']') {
            const char c = in_[at_++];
            if (c == '[' || c == '\\' || c <= ' ' || c > '~') {
                return give_up();
            }
            char last = c;
            if (at_ + 1 < in_.size() && in_[at_] == '-' && in_[at_ + 1] != ']') {
                last = in_[at_ + 1];
                at_ += 2;
                if (last == '[' || last == '\\' || last < c || last > '~') {
                    return give_up();
                }
            }
            for (int i = c; i <= last; ++i) {
                set.set(static_cast<std::size_t>(i));
            }
        }
        if (!take(']')) {
            return give_up();
        }
        for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_.")) {
            if (set.test(static_cast<std::size_t>(c)) != negated) {
                // Matching ignores case: the expression may accept the letter in its other case.
                const bool letter = is_alnum(c) && !is_digit(c);
                if (!negated || !letter || !set.test(static_cast<std::size_t>(c - 'a' + 'A'))) {
                    return c;
                }
            }
        }
        return give_up();
    }

    // The least number of times that the atom before must occur.
    unsigned fewest() {
        unsigned n = 1;
        if (take('*') || take('?')) {
            n = 0;
        } else if (take('{')) {
            n = 0;
            std::size_t digits = 0;
            for (; more() && is_digit(in_[at_]) && digits < 4; ++digits) {
                n = n * 10 + static_cast<unsigned>(in_[at_++] - '0');
            }
            if (take(',')) {
                while (more() && is_digit(in_[at_])) {
                    ++at_;
                }
            }
            if (digits == 0 || !take('}')) {
                give_up();
            }
        } else {
            take('+');
        }
        take('?');  // lazy
        if (more() && (in_[at_] == '*' || in_[at_] == '+' || in_[at_] == '{')) {
            give_up();
        }
        return n;
    }

    std::string_view in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace

std::string pattern_sample(std::string_view expression) {
    return Sampler(expression).run();
}

}  // namespace minerwall::policy
