// A capture file, packet by packet: pcap and pcapng, by libpcap.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

struct pcap;
struct pcap_dumper;

namespace minerwall::replay {

struct CapturedPacket {
    Bytes bytes;               // what the capture kept of it; valid until the next call
    std::uint32_t length = 0;  // on the wire
    Nanos time = 0;
};

class CaptureReader {
  public:
    // Null with one line in `error`: not readable, not a capture, or not of Ethernet.
    static std::unique_ptr<CaptureReader> open(const std::string& path, std::string& error);
    ~CaptureReader();
    CaptureReader(const CaptureReader&) = delete;
    CaptureReader& operator=(const CaptureReader&) = delete;

    enum class Next : std::uint8_t { packet, end, error };
    Next next(CapturedPacket& out);
    const std::string& error() const noexcept { return error_; }  // after Next::error

    std::uint64_t file_size() const noexcept { return size_; }  // 0: a pipe
    std::uint64_t position() const;                             // bytes read so far, about

  private:
    CaptureReader() = default;
    std::unique_ptr<char[]> buffer_;  // stdio's; freed after the file is closed
    pcap* handle_ = nullptr;
    std::string path_, error_;
    std::uint64_t size_ = 0;
};

// The frames that left, in the order in which they left.
class CaptureWriter {
  public:
    static std::unique_ptr<CaptureWriter> create(const std::string& path, std::string& error);
    ~CaptureWriter();
    CaptureWriter(const CaptureWriter&) = delete;
    CaptureWriter& operator=(const CaptureWriter&) = delete;
    void write(Bytes frame, Nanos time);
    bool close(std::string& error);  // false: not all could be written

  private:
    CaptureWriter() = default;
    pcap* handle_ = nullptr;
    pcap_dumper* dumper_ = nullptr;
    std::string path_;
};

}  // namespace minerwall::replay
