#include "capture/reader.hpp"

#include <pcap/pcap.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace minerwall::capture {
std::unique_ptr<Reader> Reader::open(const std::string& path, std::string& error) {
    struct stat status {};
    if (path != "-" && stat(path.c_str(), &status) != 0) {
        error = path + ": " + std::strerror(errno);
        return nullptr;
    }
    if (path != "-" && S_ISDIR(status.st_mode)) {
        error = path + ": is a directory, expected a pcap or pcapng file";
        return nullptr;
    }
    // A large buffer: with stdio's own, half of the reading time goes to system calls.
    constexpr std::size_t kReadBuffer = std::size_t{1} << 18;
    FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rbe");
    if (file == nullptr) {
        error = path + ": " + std::strerror(errno);
        return nullptr;
    }
    // glibc uses a given size only together with a given buffer.
    auto buffer = std::make_unique<char[]>(kReadBuffer);
    (void)std::setvbuf(file, buffer.get(), _IOFBF, kReadBuffer);
    char message[PCAP_ERRBUF_SIZE] = {};
    pcap_t* handle =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
    if (handle == nullptr) {
        error = path + ": not a capture that can be read: " + message;
        std::fclose(file);  // stdin too: it must not use the buffer after this
        return nullptr;
    }
    const int link = pcap_datalink(handle);
    if (link != DLT_EN10MB) {
        const char* name = pcap_datalink_val_to_name(link);
        error = path + ": its link type is " + (name != nullptr ? name : std::to_string(link)) +
                ", only Ethernet can be replayed (capture on an Ethernet interface, or convert it)";
        pcap_close(handle);
        return nullptr;
    }
    std::unique_ptr<Reader> reader(new Reader);
    reader->handle_ = handle;
    reader->buffer_ = std::move(buffer);
    reader->path_ = path;
    reader->size_ = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    return reader;
}

Reader::~Reader() {
    // libpcap leaves standard input open, but it must not outlive its buffer.
    const bool is_stdin = pcap_file(handle_) == stdin;
    pcap_close(handle_);
    if (is_stdin) {
        std::fclose(stdin);
    }
}

Reader::Next Reader::next(Packet& out) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int result = pcap_next_ex(handle_, &header, &data);
    if (result == PCAP_ERROR_BREAK) {
        return Next::end;
    }
    if (result != 1) {
        error_ = path_ + ": " + pcap_geterr(handle_);
        return Next::error;
    }
    out.bytes = {data, header->caplen};
    out.length = header->len < header->caplen ? header->caplen : header->len;
    // A file may hold seconds before 1970 or beyond 2554; they must not overflow.
    const auto seconds = static_cast<std::uint64_t>(header->ts.tv_sec) & 0x1ffffffffULL;
    out.time = seconds * kNanosPerSecond +
               static_cast<std::uint64_t>(header->ts.tv_usec) % kNanosPerSecond;
    return Next::packet;
}

std::uint64_t Reader::position() const {
    const long at = std::ftell(pcap_file(handle_));
    return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

}  // namespace minerwall::capture
