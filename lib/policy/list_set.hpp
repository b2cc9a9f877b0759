// The lists of a ruleset, and the references by which its tests look into them. Immutable once the
// ruleset is built.
//
// The look-ups are fast path: any worker, no lock, no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "match/scratch_set.hpp"
#include "policy/facts.hpp"
#include "policy/list.hpp"

namespace minerwall::policy {

// One condition of a rule. It holds if any of its lists (or any bit of its mask) holds.
struct Test {
    Condition condition = Condition::none;
    std::uint32_t first_list = 0;  // of the ListSet's references, which are consecutive
    std::uint32_t list_count = 0;
    std::uint32_t mask = 0;  // app: bit per Dialect; proto: kTcpBit, kUdpBit
};
inline constexpr std::uint32_t kTcpBit = 1;
inline constexpr std::uint32_t kUdpBit = 2;

// Where a test held.
struct Hit {
    Condition condition = Condition::none;  // of an any_ condition: the one that matched
    std::uint16_t list = kNoList;
    std::uint32_t entry = kNoEntry;
};

class ListSet {
  public:
    // True if one of the test's lists has it; `hit` says where. Otherwise, or if the fact is not
    // known (nullptr, an empty name), `hit` stays unchanged.
    bool look_up_port(const Test& test, std::uint16_t port, Hit& hit) const noexcept;
    bool look_up_address(const Test& test, const IpAddress* address, Hit& hit) const noexcept;
    // worker: selects the scratch memory.
    bool look_up_name(const Test& test, std::string_view name, unsigned worker,
                      Hit& hit) const noexcept;

    std::size_t size() const noexcept { return lists_.size(); }
    const List& operator[](std::uint16_t index) const noexcept { return *lists_[index]; }
    // The index of the test's list number `i`, which is below list_count.
    std::uint16_t list_of(const Test& test, unsigned i) const noexcept {
        return references_[test.first_list + i];
    }
    unsigned workers() const noexcept { return workers_; }
    // The number to look up with outside the workers: one thread of the control plane.
    unsigned spare_scratch() const noexcept { return workers_; }
    std::size_t memory_bytes() const noexcept;
    std::size_t entry_count() const noexcept;

    // Control plane, before the ruleset is published. These throw std::bad_alloc; prepare() also
    // throws std::runtime_error.
    std::uint16_t add(std::unique_ptr<const List> list);  // returns its index
    // Builds a test's references: begin(), then refer() for each list, before the next test begins.
    // refer() ignores a list that the test refers to already.
    void begin(Test& test) const noexcept;
    void refer(Test& test, std::uint16_t list);
    void prepare(unsigned workers);  // scratch memory; once, after the last list

  private:
    std::vector<std::unique_ptr<const List>> lists_;
    std::vector<std::uint16_t> references_;
    match::ScratchSet scratch_;  // of each worker, and a spare one
    unsigned workers_ = 0;
};

}  // namespace minerwall::policy
