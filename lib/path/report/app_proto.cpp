#include "path/report/app_proto.hpp"

namespace minerwall::path {

event::AppProto app_proto(const flow::Flow& flow, const Finding* finding) noexcept {
    if (finding != nullptr && finding->has_mining) {
        const Dialect dialect = finding->mining.dialect;
        switch (dialect) {
            case Dialect::getwork:
            case Dialect::getblocktemplate:
            case Dialect::eth_getwork:
            case Dialect::monero_daemon:
                return event::AppProto::http;
            case Dialect::webminer:
                return event::AppProto::websocket;
            case Dialect::stratum_v2:
                return event::AppProto::stratum_v2;
            case Dialect::p2pool:
                return event::AppProto::p2pool;
            case Dialect::duinocoin:
                return event::AppProto::duinocoin;
            case Dialect::coin_p2p:
                return event::AppProto::coin_p2p;
            case Dialect::none:
            case Dialect::stratum_v1:
            case Dialect::cryptonote:
            case Dialect::ethproxy:
                return event::AppProto::stratum;
        }
    }
    switch (static_cast<inspect::App>(flow.app)) {
        case inspect::App::tls:
            return event::AppProto::tls;
        case inspect::App::http:
            return event::AppProto::http;
        case inspect::App::dns:
            return event::AppProto::dns;
        case inspect::App::json:
            return event::AppProto::json_rpc;
        case inspect::App::quic:
            return event::AppProto::quic;
        case inspect::App::websocket:
            return event::AppProto::websocket;
        case inspect::App::socks:
            return event::AppProto::socks;
        case inspect::App::coin_p2p:
            return event::AppProto::coin_p2p;
        case inspect::App::unknown:
            break;
    }
    return event::AppProto::unknown;
}

}  // namespace minerwall::path
