#include "bench/worst/scenes.hpp"

#include "support/fragmenter.hpp"

namespace minerwall::bench {
namespace {

using test::Buffer;
using test::Eth;

constexpr char kClient[] = "10.0.0.1";
constexpr char kServer[] = "192.0.2.9";

// The frames of one connection, each behind the last.
class Talk {
  public:
    explicit Talk(std::uint16_t server_port, std::uint16_t client_port = 40000)
        : client_port_(client_port), server_port_(server_port) {}

    Sent up(std::string_view payload, std::uint8_t flags = packet::kTcpAck) {
        const Sent sent{0, Eth()
                               .ipv4(kClient, kServer)
                               .tcp(client_port_, server_port_)
                               .seq(client_)
                               .ack(server_)
                               .flags(flags)
                               .window(65535)
                               .payload(payload)};
        client_ += static_cast<std::uint32_t>(payload.size()) + (flags & packet::kTcpSyn ? 1 : 0);
        return sent;
    }
    Sent down(std::string_view payload, std::uint8_t flags = packet::kTcpAck) {
        const Sent sent{1, Eth()
                               .turned()
                               .ipv4(kServer, kClient)
                               .tcp(server_port_, client_port_)
                               .seq(server_)
                               .ack(client_)
                               .flags(flags)
                               .window(65535)
                               .payload(payload)};
        server_ += static_cast<std::uint32_t>(payload.size()) + (flags & packet::kTcpSyn ? 1 : 0);
        return sent;
    }
    // A segment so many bytes ahead of the client's next.
    Sent ahead(std::uint32_t distance, std::string_view payload) {
        const std::uint32_t next = client_;
        client_ += distance;
        Sent sent = up(payload);
        client_ = next;
        return sent;
    }
    void open(std::vector<Sent>& out) {
        out.push_back(up("", packet::kTcpSyn));
        out.push_back(down("", packet::kTcpSyn | packet::kTcpAck));
        out.push_back(up(""));
    }

  private:
    std::uint16_t client_port_, server_port_;
    std::uint32_t client_ = 1000, server_ = 5000;
};

}  // namespace

std::string repeat(std::string_view unit, std::size_t size, std::string head) {
    while (head.size() < size) {
        head += unit;
    }
    head.resize(size);
    return head;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

// A stream that began with `first`, and `answer`, and goes on with the payload.
Maker stream(std::uint16_t port, std::string first, std::string answer) {
    return [=](const std::string& payload) {
        Scene scene;
        Talk talk(port);
        talk.open(scene.before);
        if (!first.empty()) {
            scene.before.push_back(talk.up(first));
        }
        if (!answer.empty()) {
            scene.before.push_back(talk.down(answer));
        }
        for (unsigned i = 0; i < kProbes; ++i) {
            scene.probes.push_back(talk.up(payload));
        }
        return scene;
    };
}

// The same, and the server speaks.
Maker answers(std::uint16_t port, std::string first, std::string answer) {
    return [=](const std::string& payload) {
        Scene scene;
        Talk talk(port);
        talk.open(scene.before);
        scene.before.push_back(talk.up(first));
        scene.before.push_back(talk.down(answer));
        for (unsigned i = 0; i < kProbes; ++i) {
            scene.probes.push_back(talk.down(payload));
        }
        return scene;
    };
}

// A flow that is settled: its bytes are only sampled.
Scene settled(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    for (unsigned i = 0; i < 8; ++i) {
        scene.before.push_back(talk.up(text_of(noise(700))));
    }
    scene.before.push_back(talk.down(""));
    for (unsigned i = 0; i < 8; ++i) {
        scene.before.push_back(talk.down(text_of(noise(700))));
        scene.before.push_back(talk.up(""));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        scene.probes.push_back(talk.up(payload));
    }
    return scene;
}

// Each packet is the first of its connection.
Maker firsts(std::uint16_t port) {
    return [=](const std::string& payload) {
        Scene scene;
        for (unsigned i = 0; i < kProbes; ++i) {
            Talk talk(port, static_cast<std::uint16_t>(40000 + i));
            talk.open(scene.before);
            scene.probes.push_back(talk.up(payload));
        }
        return scene;
    };
}

Maker datagrams(std::uint16_t port, bool new_flows, bool answer) {
    return [=](const std::string& payload) {
        Scene scene;
        for (unsigned i = 0; i < kProbes; ++i) {
            const auto client = static_cast<std::uint16_t>(new_flows ? 20000 + i : 20000);
            Eth eth = answer ? Eth().turned().ipv4(kServer, kClient).udp(port, client)
                             : Eth().ipv4(kClient, kServer).udp(client, port);
            scene.probes.push_back({answer ? 1u : 0u, eth.payload(payload)});
        }
        return scene;
    };
}

// One-byte segments behind a hole. The payload says where: two bytes for each segment.
Scene holes(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    scene.before.push_back(talk.up("{\"a\":1"));
    for (unsigned i = 0; i < 96; ++i) {
        scene.before.push_back(talk.ahead(1024 * (i + 1), "x"));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        const auto high = static_cast<std::uint8_t>(payload[2 * i]);
        const auto low = static_cast<std::uint8_t>(payload[2 * i + 1]);
        scene.probes.push_back(talk.ahead((high * 256u + low) % (96 * 1024) + 1, "x"));
    }
    return scene;
}

// A segment that fills a hole before what the payload says.
Scene filled_hole(const std::string& payload) {
    Scene scene;
    for (unsigned i = 0; i < kProbes / 8; ++i) {
        Talk talk(80, static_cast<std::uint16_t>(40000 + i));
        talk.open(scene.before);
        const std::string first = "GET / HTTP/1.1\r\n";
        for (unsigned k = 0; k < 8; ++k) {
            scene.before.push_back(
                talk.ahead(static_cast<std::uint32_t>(first.size() + k * payload.size()), payload));
        }
        scene.probes.push_back(talk.up(first));
    }
    return scene;
}

Scene same_copies(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    scene.before.push_back(talk.up("{\"a\":1"));
    for (unsigned i = 0; i < 66; ++i) {
        scene.before.push_back(talk.ahead(1 + 1400 * i, payload));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        scene.probes.push_back(talk.ahead(1 + 1400 * 64, payload));
    }
    return scene;
}

// Fragments of one datagram each, of the size that the payload's first byte says.
Scene fragments(const std::string& payload) {
    Scene scene;
    for (std::uint16_t id = 1; scene.probes.size() < kProbes; ++id) {
        const unsigned size = 8 + static_cast<std::uint8_t>(payload[id]) % 64 * 8;
        const Buffer whole = Eth().ipv4(kClient, kServer).udp(1000, 2000).payload(payload);
        test::Fragmenter cut(whole, id);
        for (std::size_t at = 0; at < cut.data().size(); at += size) {
            scene.probes.push_back(
                {0, cut.piece(at, std::min<std::size_t>(size, cut.data().size() - at))});
        }
    }
    return scene;
}

// Tunnels in tunnels, of the kinds that the payload's bytes say.
Scene tunnels(const std::string& payload) {
    Scene scene;
    for (unsigned i = 0; i < kProbes; ++i) {
        Eth eth = Eth()
                      .ipv4(kClient, kServer)
                      .udp(static_cast<std::uint16_t>(1000 + i), 53)
                      .payload(payload.substr(0, 600));
        for (unsigned k = 0; k < 16; ++k) {
            Eth outer;
            outer.ipv4(kClient, kServer);
            switch (static_cast<std::uint8_t>(payload[600 + k]) % 4) {
                case 0:
                    eth = outer.in_ip(eth);
                    break;
                case 1:
                    eth = outer.gre(eth);
                    break;
                case 2:
                    eth = outer.gre(eth, {.checksum = true});
                    break;
                default:
                    eth = outer.vxlan(7, eth);
                    break;
            }
        }
        scene.probes.push_back({0, eth});
    }
    return scene;
}

Scene opaque(std::size_t size) {
    return settled(repeat("\x80", size));
}

}  // namespace minerwall::bench
