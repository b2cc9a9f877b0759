#include "policy/list_set.hpp"

#include <algorithm>
#include <utility>

namespace minerwall::policy {

bool ListSet::look_up_port(const Test& test, std::uint16_t port, Hit& hit) const noexcept {
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_of(test, i);
        const std::uint32_t entry = lists_[list]->ports.lookup(port);
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

bool ListSet::look_up_address(const Test& test, const IpAddress* address, Hit& hit) const noexcept {
    if (address == nullptr) {
        return false;
    }
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_of(test, i);
        const std::uint32_t entry = lists_[list]->prefixes.lookup(*address);
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

bool ListSet::look_up_name(const Test& test, std::string_view name, unsigned worker,
                           Hit& hit) const noexcept {
    if (name.empty()) {
        return false;
    }
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_of(test, i);
        const List& in = *lists_[list];
        const std::uint32_t entry =
            in.type == ListType::domain
                ? in.domains.lookup(name)
                : in.patterns.first_match(as_bytes(name), scratch_.at(worker));
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

std::size_t ListSet::memory_bytes() const noexcept {
    std::size_t sum = 0;
    for (const auto& list : lists_) {
        sum += list->memory_bytes();
    }
    return sum;
}

std::size_t ListSet::entry_count() const noexcept {
    std::size_t sum = 0;
    for (const auto& list : lists_) {
        sum += list->size();
    }
    return sum;
}

std::uint16_t ListSet::add(std::unique_ptr<const List> list) {
    lists_.push_back(std::move(list));
    return static_cast<std::uint16_t>(lists_.size() - 1);
}

void ListSet::begin(Test& test) const noexcept {
    test.first_list = static_cast<std::uint32_t>(references_.size());
    test.list_count = 0;
}

void ListSet::refer(Test& test, std::uint16_t list) {
    const auto first = references_.begin() + test.first_list;
    if (std::find(first, references_.end(), list) == references_.end()) {
        references_.push_back(list);
        ++test.list_count;
    }
}

void ListSet::prepare(unsigned workers) {
    for (const auto& list : lists_) {
        if (!list->patterns.empty()) {
            scratch_.fit(list->patterns.database());
        }
    }
    scratch_.clone(workers + 1);
    workers_ = workers;
}

}  // namespace minerwall::policy
