#include "path/report/learned.hpp"

#include "path/report/record.hpp"

namespace minerwall::path {

void report_learned(Packet packet, const flow::Learned& entry) noexcept {
    Context& context = packet.context();
    if (!context.options.events.learned) {
        return;
    }
    event::Record* record = begin_event(context, event::Kind::learned);
    if (record == nullptr) {
        return;
    }
    fill_flow(context, packet.flow(), nullptr, *record);
    fill_packet(packet, *record);
    event::LearnedPart& part = record->use_learned();
    part.from = entry.from;
    part.is_name = entry.is_name;
    part.port = entry.port;
    part.ttl = entry.ttl;
    part.address = entry.server;
    part.name.assign(entry.name.view());
    finish_event(context);
}

}  // namespace minerwall::path
