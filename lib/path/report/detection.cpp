#include "path/report/detection.hpp"

#include "path/report/record.hpp"

namespace minerwall::path {

void report_detection(Packet packet, const Finding& finding) noexcept {
    Context& context = packet.context();
    if (!context.options.events.alerts) {
        return;
    }
    event::Record* record = begin_event(context, event::Kind::detection);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, packet.flow(), &finding, *record);
    fill_packet(packet, *record);
    fill_name(context, packet.flow(), *record);
    fill_finding(finding, *record);
    finish_event(context);
}

}  // namespace minerwall::path
