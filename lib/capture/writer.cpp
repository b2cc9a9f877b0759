#include "capture/writer.hpp"

#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace minerwall::capture {
namespace {

constexpr int kSnapLength = 262144;  // libpcap's own limit for Ethernet

}  // namespace

std::unique_ptr<Writer> Writer::create(const std::string& path, std::string& error) {
    pcap_t* handle =
        pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kSnapLength, PCAP_TSTAMP_PRECISION_NANO);
    pcap_dumper_t* dumper = handle == nullptr ? nullptr : pcap_dump_open(handle, path.c_str());
    if (dumper == nullptr) {
        error = handle == nullptr ? path + ": out of memory" : pcap_geterr(handle);
        if (handle != nullptr) {
            pcap_close(handle);
        }
        return nullptr;
    }
    std::unique_ptr<Writer> writer(new Writer);
    writer->handle_ = handle;
    writer->dumper_ = dumper;
    writer->path_ = path;
    return writer;
}

Writer::~Writer() {
    std::string ignored;
    close(ignored);
}

void Writer::write(Bytes frame, Nanos time) {
    pcap_pkthdr header{};
    header.ts.tv_sec = static_cast<time_t>(time / kNanosPerSecond);
    header.ts.tv_usec = static_cast<suseconds_t>(time % kNanosPerSecond);
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    pcap_dump(reinterpret_cast<u_char*>(dumper_), &header, frame.data());
}

bool Writer::close(std::string& error) {
    if (dumper_ == nullptr) {
        return true;
    }
    const bool whole = pcap_dump_flush(dumper_) == 0 && std::ferror(pcap_dump_file(dumper_)) == 0;
    if (!whole) {
        error = path_ + ": " + std::strerror(errno);
    }
    pcap_dump_close(dumper_);
    pcap_close(handle_);
    dumper_ = nullptr;
    handle_ = nullptr;
    return whole;
}

}  // namespace minerwall::capture
