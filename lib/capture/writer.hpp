// Writes frames to a pcap file with times in nanoseconds, through libpcap. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

struct pcap;
struct pcap_dumper;

namespace minerwall::capture {

// The frames that left, in the order in which they left.
class Writer {
  public:
    static std::unique_ptr<Writer> create(const std::string& path, std::string& error);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    void write(Bytes frame, Nanos time);
    bool close(std::string& error);  // false: some frames could not be written

  private:
    Writer() = default;
    pcap* handle_ = nullptr;
    pcap_dumper* dumper_ = nullptr;
    std::string path_;
};

}  // namespace minerwall::capture
