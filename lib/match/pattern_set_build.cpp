#include <hs.h>

#include <cstdlib>
#include <utility>

#include "match/pattern_set.hpp"
#include "match/scratch_set.hpp"

namespace minerwall::match {
namespace {

unsigned flags_of(const Pattern& pattern) {
    return HS_FLAG_SINGLEMATCH | (pattern.caseless ? HS_FLAG_CASELESS : 0u);
}

struct CompileError {
    hs_compile_error_t* error = nullptr;
    CompileError() = default;
    CompileError(const CompileError&) = delete;
    CompileError& operator=(const CompileError&) = delete;
    ~CompileError() { hs_free_compile_error(error); }
    std::string message() const {
        return error != nullptr && error->message != nullptr ? error->message : "not compilable";
    }
};

// Compiles each pattern alone, to find all faulty ones and not only the first.
void check_each(const std::vector<Pattern>& patterns, std::vector<PatternError>& errors) {
    for (std::uint32_t id = 0; id < patterns.size(); ++id) {
        std::string fault = expression_fault(patterns[id].expression, patterns[id].caseless);
        if (!fault.empty()) {
            errors.push_back({id, std::move(fault)});
        }
    }
}

// Scans each sample with the whole database, as the workers will.
void known_answers(const PatternSet& set, const std::vector<Pattern>& patterns,
                   std::vector<PatternError>& errors) {
    ScratchSet scratch;
    scratch.fit(set.database());
    scratch.clone(1);
    struct Seen {
        std::uint32_t id;
        bool found;
    };
    const auto handler = [](unsigned id, unsigned long long, unsigned long long, unsigned,
                            void* context) {
        auto& seen = *static_cast<Seen*>(context);
        seen.found = seen.found || id == seen.id;
        return seen.found ? 1 : 0;
    };
    const auto matches = [&](std::uint32_t id, const std::string& text) {
        Seen seen{id, false};
        hs_scan(set.database(), text.data(), static_cast<unsigned>(text.size()), 0, scratch.at(0),
                handler, &seen);
        return seen.found;
    };
    for (std::uint32_t id = 0; id < patterns.size(); ++id) {
        const Pattern& p = patterns[id];
        if (!p.matches.empty() && !matches(id, p.matches)) {
            errors.push_back({id, "known-answer test failed: does not match `" + p.matches + "`"});
        }
        if (!p.differs.empty() && matches(id, p.differs)) {
            errors.push_back({id, "known-answer test failed: matches `" + p.differs + "`"});
        }
    }
}

}  // namespace

std::string expression_fault(const std::string& expression, bool caseless) {
    if (expression.empty()) {
        return "an empty expression matches everything";
    }
    hs_expr_info_t* info = nullptr;
    CompileError error;
    if (hs_expression_info(expression.c_str(), caseless ? HS_FLAG_CASELESS : 0u, &info,
                           &error.error) != HS_SUCCESS) {
        return error.message();
    }
    const bool matches_nothing = info->min_width == 0;
    std::free(info);  // Hyperscan's misc allocator, which is malloc unless it was set
    return matches_nothing ? "matches the empty text, so it would match everything" : std::string();
}

std::uint32_t PatternSetBuilder::add(Pattern pattern) {
    patterns_.push_back(std::move(pattern));
    return static_cast<std::uint32_t>(patterns_.size() - 1);
}

PatternSet PatternSetBuilder::build(std::vector<PatternError>& errors) {
    const std::vector<Pattern> patterns = std::exchange(patterns_, {});
    if (patterns.empty()) {
        return {};
    }
    check_each(patterns, errors);
    if (!errors.empty()) {
        return {};
    }
    std::vector<const char*> expressions;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    for (std::uint32_t id = 0; id < patterns.size(); ++id) {
        expressions.push_back(patterns[id].expression.c_str());
        flags.push_back(flags_of(patterns[id]));
        ids.push_back(id);
    }
    hs_database_t* database = nullptr;
    CompileError error;
    if (hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                         static_cast<unsigned>(patterns.size()), HS_MODE_BLOCK, nullptr, &database,
                         &error.error) != HS_SUCCESS) {
        const int at = error.error != nullptr ? error.error->expression : -1;
        errors.push_back({at < 0 ? kNoEntry : static_cast<std::uint32_t>(at), error.message()});
        return {};
    }
    PatternSet set;
    set.database_.reset(database);
    hs_database_size(database, &set.memory_bytes_);
    known_answers(set, patterns, errors);
    return errors.empty() ? std::move(set) : PatternSet{};
}

}  // namespace minerwall::match
