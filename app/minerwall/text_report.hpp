// For people: a line on standard output for every flow that a rule matched or that is mining.
#pragma once

#include <array>
#include <cstdint>

#include "base/action.hpp"
#include "minerwall/progress_bar.hpp"
#include "output/consumer.hpp"

namespace minerwall {

class TextReport final : public output::Consumer {
  public:
    // `all`: a line for every flow. The bar must outlive this.
    TextReport(bool all, ProgressBar& bar) : all_(all), bar_(bar) {}

    void consume(const event::Record& record, std::int64_t clock_offset) override;
    // How many flows there were, how many mined, and what became of them.
    void print_summary() const;

  private:
    const bool all_;
    ProgressBar& bar_;
    std::array<std::uint64_t, kActionCount> verdicts_{};
    std::uint64_t mining_ = 0;
};

}  // namespace minerwall
