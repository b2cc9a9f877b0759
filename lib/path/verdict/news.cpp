#include "path/verdict/news.hpp"

#include "path/verdict/kept.hpp"

namespace minerwall::path {
namespace {

// Another request to the same host is not new.
bool is_new_name(const Context& context, const flow::Flow& flow,
                 const inspect::Evidence& evidence) noexcept {
    return evidence.names.count() != 1 || !flow.has(flow::Flow::has_name) ||
           !evidence.names.contains(context.names.at(context.flows.details(flow).name).text.view());
}

}  // namespace

UnreadableSet unreadable_in(Packet packet) noexcept {
    const UnreadableSet by_frame = packet.frame().unreadable;
    return packet.has_news() ? static_cast<UnreadableSet>(by_frame | packet.evidence().unreadable)
                             : by_frame;
}

News news_of(Packet packet) noexcept {
    const Context& context = packet.context();
    const flow::Flow& flow = packet.flow();
    News news{};
    news.any = !flow.judged_under(context.rules->epoch());
    const UnreadableSet found = unreadable_in(packet) & kUnreadableStreams;
    if (found != 0) [[unlikely]] {
        news.unreadable = static_cast<UnreadableSet>(found & ~kept_unreadable(context, flow));
        news.any = news.any || news.unreadable != 0;
    }
    if (!packet.has_news()) {
        return news;
    }
    const inspect::Evidence& evidence = packet.evidence();
    news.evidence = &evidence;
    news.named = evidence.name_source != inspect::NameSource::none;
    news.any = news.any || (news.named && is_new_name(context, flow, evidence));
    if (evidence.has_mining) {
        const Finding* finding = kept_finding(context, flow);
        const bool mined = is_mining(evidence.mining.dialect);
        // If a burst has several mining messages, the first one that is judged recognises the flow.
        news.more =
            mined && (evidence.of_known_miner || (finding != nullptr && finding->has_mining));
        news.mines = mined && !news.more;
        news.coin_node = !mined;
        news.any = news.any || !news.more;
    }
    return news;
}

}  // namespace minerwall::path
