#include "path/report/detection.hpp"

#include "path/report/admit.hpp"
#include "path/report/record.hpp"

namespace minerwall::path {

void report_detection(Packet packet, const Finding& finding) noexcept {
    Context& context = packet.context();
    if (!context.options.events.alerts || !admit_alert(context, packet.flow())) {
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
    record->suppressed = take_suppressed(context, packet.flow());
    finish_event(context);
}

}  // namespace minerwall::path
