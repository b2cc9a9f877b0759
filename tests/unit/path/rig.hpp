// A wire in a test: two ports made of rings, one or two workers, a policy, and access to all that
// leaves. After every test the ledger must balance and every buffer must be back.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "environment.hpp"
#include "machine/port.hpp"
#include "path/worker.hpp"
#include "policy/store.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::path {

using test::Buffer;

// The lists that rules of these tests may name: @pools, @bad, @ports.
std::unique_ptr<policy::Ruleset> ruleset(std::string_view rules, std::string_view mode = "enforce");
// One rule: rule("app = \"mining\"", "reset").
std::string rule(std::string_view when, std::string_view action, std::string_view more = "");
inline const std::string kResetMining = rule("app = \"mining\"", "reset");

struct RigOptions {
    unsigned workers = 1;
    unsigned tx_ring = 1024;  // holds one less
    unsigned handover_ring = 64;
    unsigned event_slots = 256;
    // For several workers: the NICs spread flows symmetrically as queue_of() says; otherwise
    // arbitrarily.
    bool symmetric_nic = false;
    WorkerOptions worker{.secret = {7, 8},
                         .flows = {.capacity = 256},
                         .inspection = {.states = 32},
                         .io = {.tx_retries = 4}};
};

class Rig {
  public:
    static constexpr std::uint16_t kClientSide = 0;
    static constexpr std::uint16_t kServerSide = 1;

    explicit Rig(std::string_view rules, const RigOptions& options = {},
                 std::string_view mode = "enforce");
    ~Rig();

    // Puts a frame on the wire: from a port, to a worker's queue. `cuts`: where its mbuf segments
    // end (offsets in the frame, ascending).
    void put(std::uint16_t port, const Buffer& frame, const std::vector<std::size_t>& cuts = {},
             unsigned queue = 0);
    // The queue that a NIC would choose: by the flow, or 0 if it cannot see one.
    unsigned queue_of(const Buffer& frame) const;
    // One turn of each worker at `now`.
    void turn();
    // All that left through a port, in order.
    std::vector<Buffer> take(std::uint16_t port);
    // put() and turn(); returns what left at the other end.
    std::vector<Buffer> pass(std::uint16_t port, const Buffer& frame,
                             const std::vector<std::size_t>& cuts = {});
    // True if the frame left at the other end bit by bit, and nothing else left.
    bool forwarded(std::uint16_t port, const Buffer& frame,
                   const std::vector<std::size_t>& cuts = {});

    std::vector<event::Record> events();
    std::vector<event::Record> events_of(event::Kind kind);
    // Publishes another policy, which workers see in their next turn.
    std::uint32_t publish(std::string_view rules, std::string_view mode = "enforce");
    void end_flows();

    WorkerCounters& counters(unsigned worker = 0) { return *counters_[worker]; }
    std::uint64_t dropped(Reason reason, std::uint16_t port = kClientSide);
    // Packets of both ports that were forwarded because the policy or the rule observes.
    std::uint64_t observed(Reason reason);
    // Drops of both ports for all reasons of this kind.
    std::uint64_t dropped(ReasonKind kind);
    Worker& worker(unsigned i = 0) { return *workers_[i]; }
    policy::Store& store() { return store_; }

    // Fails the test unless each port's received and crafted packets equal the sent and dropped
    // ones.
    void check_ledger();

    Nanos now = 1'700'000'000 * kNanosPerSecond;

  private:
    struct RingPort {
        std::vector<rte_ring*> rx, tx;  // indexed by worker
        int ethdev = -1;
        std::unique_ptr<machine::Port> port;
    };
    void make_port(std::uint16_t index, unsigned number);

    RigOptions options_;
    machine::Spread spread_;
    policy::Store store_;
    event::Ring ring_;
    std::array<RingPort, 2> ports_;
    std::vector<rte_ring*> handover_;  // from * workers + to
    std::vector<std::unique_ptr<WorkerCounters>> counters_;
    std::unique_ptr<SharedTables> tables_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

// Makes a TCP connection's frames. Each call advances the sender's sequence number.
class Talk {
  public:
    Talk() = default;
    Talk(std::string client, std::string server, std::uint16_t client_port,
         std::uint16_t server_port)
        : client_(std::move(client)),
          server_(std::move(server)),
          client_port_(client_port),
          server_port_(server_port) {}

    Buffer syn();
    Buffer syn_ack();
    Buffer up(std::string_view payload = "", std::uint8_t flags = packet::kTcpAck);
    Buffer down(std::string_view payload = "", std::uint8_t flags = packet::kTcpAck);
    // Passes the three frames of a handshake through the rig.
    void open(Rig& rig);

    std::uint32_t client_seq = 1000;        // the client's next
    std::uint32_t server_seq = 0xfffffff0;  // wraps soon

  private:
    test::Eth frame(bool from_client) const;

    std::string client_ = "10.0.0.1";
    std::string server_ = "192.0.2.9";
    std::uint16_t client_port_ = 40000;
    std::uint16_t server_port_ = 8080;
};

// Opens `flows` connections of as many clients: none of them makes room for a new one.
void open_connections(Rig& rig, unsigned flows);

packet::Frame parse(const Buffer& bytes);
std::string payload_of(const Buffer& bytes);

}  // namespace minerwall::path
