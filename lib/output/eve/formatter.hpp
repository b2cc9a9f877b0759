// Formats records as EVE JSON lines: Suricata's event format, so that existing pipelines read it,
// with our keys nested in `mining` and `verdict`. docs/events.md describes every key, and
// docs/schema/eve.schema.json fixes it.
//
// Thread: one; a writer keeps buffers and a digest context. It allocates only until its buffers
// have grown, and throws only std::bad_alloc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/record.hpp"
#include "output/eve/community_id.hpp"
#include "output/eve/json_text.hpp"

namespace minerwall::output {

struct EveOptions {
    std::vector<std::string> port_names;  // by event::Record::in_port; no or an empty name: no key
    std::vector<std::string> capture_names;  // by event::Record::capture; empty: not a replay
    bool community_id = true;                // of alert and dns lines
    bool community_id_of_flows = false;      // of flow lines too (one SHA-1 per flow)
};

class EveFormatter {
  public:
    explicit EveFormatter(EveOptions options);

    // The line of this record, ended by '\n', in a buffer that lives until the next call.
    // `clock_offset` (nanoseconds) is added to every time of the record: the drift between the
    // worker's clock and the system's.
    std::string_view line(const event::Record& record, std::int64_t clock_offset = 0);

  private:
    void common(const event::Record& record, std::string_view event_type, bool with_community_id);
    void alert(const event::Record& record);
    void flow(const event::Record& record);
    void verdict(const event::Record& record, bool with_dropped);
    void name(const event::Record& record);
    void mining(const event::Record& record);
    void evidence(const event::Record& record);
    void learned(const event::Record& record);
    void shedding(const event::Record& record);
    void time(std::uint64_t nanos);

    EveOptions options_;
    CommunityId community_id_;
    JsonText json_;
    std::string scratch_;
    std::int64_t clock_offset_ = 0;
    std::uint64_t day_ = ~std::uint64_t{0};  // the day whose text is in `date_`
    char date_[10] = {};
};

}  // namespace minerwall::output
