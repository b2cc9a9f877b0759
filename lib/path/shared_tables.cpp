#include "path/shared_tables.hpp"

namespace minerwall::path {
namespace {

template <typename Table>
std::vector<const Table*> views(const std::vector<std::unique_ptr<Table>>& tables) {
    std::vector<const Table*> out;
    out.reserve(tables.size());
    for (const auto& table : tables) {
        out.push_back(table.get());
    }
    return out;
}

}  // namespace

SharedTables::SharedTables(const WorkerOptions& options) {
    for (unsigned w = 0; w < options.workers; ++w) {
        fragments_.push_back(
            std::make_unique<reassembly::FragmentTable>(options.fragments.limits, options.secret));
        learned_.push_back(
            std::make_unique<flow::LearnedTable>(options.learning.capacity, options.secret));
    }
}

std::vector<const reassembly::FragmentTable*> SharedTables::all_fragments() const {
    return views(fragments_);
}

std::vector<const flow::LearnedTable*> SharedTables::all_learned() const {
    return views(learned_);
}

}  // namespace minerwall::path
