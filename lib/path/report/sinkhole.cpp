#include "path/report/sinkhole.hpp"

#include "path/report/admit.hpp"
#include "path/report/record.hpp"

namespace minerwall::path {

void report_sinkhole(Packet packet, const Finding& finding, std::uint8_t rcode) noexcept {
    Context& context = packet.context();
    if (!context.options.events.dns || !admit_alert(context, packet.flow())) {
        return;
    }
    event::Record* record = begin_event(context, event::Kind::dns_sinkhole);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, packet.flow(), &finding, *record);
    fill_packet(packet, *record);
    fill_finding(finding, *record);
    record->name.dns_rcode = rcode;
    finish_event(context);
}

}  // namespace minerwall::path
