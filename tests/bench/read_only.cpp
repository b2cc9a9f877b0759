// The lower bound for every replay: reads a capture with the replay's libpcap calls, and discards
// the packets.
#include <pcap/pcap.h>

#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: read_only CAPTURE\n", stderr);
        return 64;
    }
    char message[PCAP_ERRBUF_SIZE] = {};
    pcap_t* capture =
        pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, message);
    if (capture == nullptr) {
        std::fprintf(stderr, "%s: %s\n", argv[1], message);
        return 1;
    }
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    int result = 0;
    while ((result = pcap_next_ex(capture, &header, &data)) == 1) {
        ++packets;
        bytes += header->len;
    }
    if (result != PCAP_ERROR_BREAK) {
        std::fprintf(stderr, "%s: %s\n", argv[1], pcap_geterr(capture));
        pcap_close(capture);
        return 1;
    }
    pcap_close(capture);
    std::printf("{\"packets\":%ju,\"bytes\":%ju}\n", static_cast<std::uintmax_t>(packets),
                static_cast<std::uintmax_t>(bytes));
    return 0;
}
