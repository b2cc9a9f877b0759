// Compares minerwall with JSON libraries (see ../README.md).
//   json_differential write FILE [RANDOM [SEED]]   writes the cases, for the readers in other
//   languages json_differential judge FILE [NAME=ANSWERS...] compares
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "appliance.hpp"
#include "cases.hpp"
#include "reader.hpp"

namespace {

using namespace minerwall;                // NOLINT: a test
using namespace minerwall::differential;  // NOLINT

struct Answers {
    std::string name;
    std::ifstream file;
};

std::string shown(const std::string& text) {
    std::string out;
    for (const char c : text.substr(0, 300)) {
        const auto byte = static_cast<unsigned char>(c);
        char hex[5];
        std::snprintf(hex, sizeof hex, "\\x%02x", byte);
        out += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : hex;
    }
    return out;
}

std::vector<Case> read_cases(const char* path) {
    std::ifstream file(path);
    std::size_t random = 0;
    std::uint32_t seed = 0;
    file >> random >> seed;
    return cases(seed, random);
}

// The frames for readers in other languages are in FILE.frames.
int write(const char* path, std::size_t random, std::uint32_t seed) {
    std::ofstream(path) << random << ' ' << seed << '\n';
    std::ofstream frames(std::string{path} + ".frames", std::ios::binary);
    for (const Case& one : cases(seed, random)) {
        const auto size = static_cast<std::uint32_t>(one.text.size());
        frames.write(reinterpret_cast<const char*>(&size), sizeof size);
        frames.put(holds_lines(one.carrier) ? 1 : 0);
        frames.write(one.text.data(), static_cast<std::streamsize>(one.text.size()));
    }
    return frames.good() ? 0 : 1;
}

// The readers that read a mining message in the text, whole or in one of its lines.
void ask(const Case& one, std::map<std::string, Values>& found) {
    const auto read = [&](const std::string& text) {
        for (const Reader& reader : kReaders) {
            reader.read(text, found[reader.name]);
        }
    };
    read(one.text);
    if (one.carrier == proto::Carrier::json_lines && one.text.find('\n') != std::string::npos) {
        std::istringstream lines(one.text);
        for (std::string line; std::getline(lines, line);) {
            read(line);
        }
    }
}

// Words alone do not show a pool's answer. One that lenient receivers read only
// behind a line that opens another value inside a string is missed; the request before it is not.
bool is_explained(const std::string& text) {
    const auto breaks = [&](char open) {
        return text.find(std::string{"\n"} + open) != std::string::npos;
    };
    return text.find("result") != std::string::npos &&
           (breaks('{') || breaks('[') || text.find('\0') != std::string::npos ||
            text.find("**/") != std::string::npos);
}

int judge(const char* path, std::vector<Answers> others) {
    const match::Prefilter prefilter(1);
    std::map<std::string, std::size_t> read_by;
    std::map<std::string, std::set<std::string>> missed;
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t explained = 0;
    for (const Case& one : read_cases(path)) {
        std::map<std::string, Values> found;
        ask(one, found);
        for (Answers& other : others) {
            std::string line;
            if (!std::getline(other.file, line)) {
                std::cerr << other.name << " has no answer for " << one.label << '\n';
                return 2;
            }
            for (const auto& value : nlohmann::json::parse(line)) {
                found[other.name].push_back(value);
            }
        }
        std::string readers;
        for (const auto& [name, values] : found) {
            for (const std::string& value : values) {
                if (is_mining(value, one.carrier)) {
                    readers += ' ' + name;
                    ++read_by[name];
                    break;
                }
            }
        }
        if (readers.empty()) {
            continue;
        }
        std::string unseen;
        for (const auto& [cut, name] :
             {std::pair{Cut::whole, " whole"}, std::pair{Cut::bytes, " bytes"},
              std::pair{Cut::halves, " halves"}}) {
            if (!is_seen(one.text, one.carrier, cut, prefilter)) {
                unseen += name;
            }
        }
        if (unseen.empty()) {
            ++passed;
            continue;
        }
        if (is_explained(one.text)) {
            ++explained;
            continue;
        }
        if (++failed <= 40) {
            std::cout << "missed (" << unseen.substr(1) << "), read by" << readers << ": "
                      << one.label << ": " << shown(one.text) << '\n';
        }
        for (std::istringstream names(readers); names >> readers;) {
            missed[readers].insert(one.label);
        }
    }
    for (const auto& [name, count] : read_by) {
        std::cout << name << ": read " << count << " cases, missed " << missed[name].size()
                  << " ways\n";
    }
    std::cout << explained << " misses are explained\n";
    std::cout << passed << " passed, " << failed << " failed\n";
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc >= 3 && std::strcmp(argv[1], "write") == 0) {
        return write(argv[2], argc > 3 ? std::stoul(argv[3]) : 4000,
                     argc > 4 ? static_cast<std::uint32_t>(std::stoul(argv[4])) : 1);
    }
    if (argc >= 3 && std::strcmp(argv[1], "judge") == 0) {
        std::vector<Answers> others;
        for (int i = 3; i < argc; ++i) {
            const std::string argument = argv[i];
            const std::size_t equals = argument.find('=');
            others.push_back(
                {argument.substr(0, equals), std::ifstream(argument.substr(equals + 1))});
        }
        return judge(argv[2], std::move(others));
    }
    std::cerr
        << "usage: json_differential write FILE [RANDOM [SEED]] | judge FILE [NAME=ANSWERS...]\n";
    return 64;
}
