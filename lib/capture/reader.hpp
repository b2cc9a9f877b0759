// Reads a capture file packet by packet: pcap and pcapng, through libpcap.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

struct pcap;
struct pcap_dumper;

namespace minerwall::capture {

struct Packet {
    Bytes bytes;               // what the capture kept of the packet; valid until the next call
    std::uint32_t length = 0;  // on the wire
    Nanos time = 0;
};

class Reader {
  public:
    // Null with one line in `error` if the file is unreadable, no capture, or not of Ethernet.
    static std::unique_ptr<Reader> open(const std::string& path, std::string& error);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    enum class Next : std::uint8_t { packet, end, error };
    Next next(Packet& out);
    const std::string& error() const noexcept { return error_; }  // set after Next::error

    std::uint64_t file_size() const noexcept { return size_; }  // 0 for a pipe
    std::uint64_t position() const;                             // bytes read so far, approximately

  private:
    Reader() = default;
    std::unique_ptr<char[]> buffer_;  // stdio's; freed after the file is closed
    pcap* handle_ = nullptr;
    std::string path_, error_;
    std::uint64_t size_ = 0;
};

}  // namespace minerwall::capture
