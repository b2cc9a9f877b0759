// Reads one direction of a connection: HTTP/1.x heads, and bodies by their framing (RFC 9110,
// 9112).
//
// A push parser of bounded state: it keeps no line; header lines may have any length, a head 64
// KiB. It accepts what servers accept (bare LF, blanks before a colon, obs-fold, several blanks
// between the words of the first line), so that it reads every message that a server understands.
// Segmentation changes only how it cuts bodies. One thread at a time.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "proto/host_text.hpp"

namespace minerwall::proto {

enum class HttpRole : std::uint8_t { request, response };

// The parser cuts texts that are too long and marks them (truncated()); a host loses its first
// labels instead.
struct HttpHead {
    // The message's destination: the target's authority (absolute-form, CONNECT), or else the Host
    // header (RFC 9112, 3.2.2). Without the port and the brackets of an IPv6 literal.
    HostText host;
    // A host that contradicts `host`: of a Host header beside an authority, or of a second Host
    // header. Servers differ over which one they take, so the caller must judge both. Empty: no
    // contradiction.
    FixedText<63> other_host;
    FixedText<16> method;
    FixedText<96> target;       // as on the wire, up to the first blank
    FixedText<96> user_agent;   // with each run of blanks as one space
    FixedText<96> stratum_url;  // X-Stratum
    std::uint64_t content_length = 0;
    std::uint16_t port = 0;    // of host; 0: none
    std::uint16_t status = 0;  // responses
    bool has_content_length = false;
    bool chunked = false;  // overrides content_length (RFC 9112, 6.3)
    // Contradictory or invalid lengths. A request's stream then ends as not_http; a response's body
    // lasts until the connection closes.
    bool framing_error = false;
    bool host_in_target = false;  // absolute-form or CONNECT
    bool upgrade = false;
    bool origin = false;  // a browser says which page sent the request (RFC 6454, 7)
    bool content_type_json = false;
    bool mining_extensions = false;  // X-Mining-Extensions
    bool long_polling = false;       // X-Long-Polling
    bool roll_ntime = false;         // X-Roll-NTime
};

enum class HttpEvent : std::uint8_t {
    need_more,     // all bytes are used
    head_done,     // head() is complete
    body_bytes,    // a piece of content, without chunk framing
    odd_line,      // a line of the head that opens a JSON value: the sender may talk to another
                   // receiver
    message_done,  // head() stays until the next call
    tunnel,        // the first byte not consumed starts another protocol
    not_http,      // stays so
};

class HttpParser {
  public:
    explicit HttpParser(HttpRole role = HttpRole::request) noexcept : role_(role) {}
    void reset(HttpRole role) noexcept { *this = HttpParser{role}; }

    // Reads the next event in `in`. Call it with the remaining bytes (in.subspan(consumed)) until
    // it returns need_more, tunnel or not_http; an event may use no bytes. `body` is empty except
    // for body_bytes, and then part of `in` or of a constant.
    HttpEvent next(Bytes in, std::size_t& consumed, Bytes& body) noexcept;

    const HttpHead& head() const noexcept { return head_; }
    // The last message is over, and no byte of the next one came.
    bool is_between() const noexcept {
        return stage_ == Stage::head && part_ == Part::before && !connect_pending_ &&
               !upgrade_pending_;
    }
    // A whole first line has been read. Before it, the bytes may still be another protocol's.
    bool has_first_line() const noexcept { return has_first_line_; }

    // HttpEvent::not_http because a head, or the lines of a chunked body, are longer than we read.
    bool too_long() const noexcept { return lines_size_ >= kMaxLinesSize; }

    // For a response parser: the client sent a CONNECT, and a 2xx will open a tunnel. HEAD needs no
    // such call: in place of a body, the parser takes a first line for a new head.
    void expect_connect_answer() noexcept { connect_pending_ = true; }

  private:
    enum class Stage : std::uint8_t {
        head,
        probe,  // body, or an answer to HEAD without one?
        resync,
        length_body,
        close_body,
        chunk,
        chunk_data,
        message_end,
        tunnel,
        not_http,
    };
    // Parts of a head, and of a chunked body's lines.
    enum class Part : std::uint8_t {
        before,
        method,
        target_gap,
        target,
        version,
        status_gap,
        status,
        line_start,
        line_start_cr,
        name,
        name_gap,
        value,
        value_cr,
        skip,
        chunk_size,
        chunk_cr,
        chunk_skip,
        chunk_end,
        trailer_start,
        trailer_start_cr,
        trailer,
    };
    enum class Header : std::uint8_t {
        host,
        user_agent,
        content_length,
        transfer_encoding,
        content_type,
        mining_extensions,
        stratum,
        long_polling,
        roll_ntime,
        upgrade,
        origin,
        other,
    };

    static constexpr std::uint32_t kMaxLinesSize = 256 * 1024;
    // The beginning of a response's first line; a digit follows.
    static constexpr std::string_view kVersion = "HTTP/1.";
    // Values of word_ while we read a response's version, in addition to the number of matched
    // bytes of kVersion.
    static constexpr std::uint8_t kVersionWhole = kVersion.size() + 1;
    static constexpr std::uint8_t kNoVersion = 0xff;
    // Values of word_ while we read a request's last word: letters, a slash and anything.
    static constexpr std::uint8_t kWordStart = 0;
    static constexpr std::uint8_t kLetters = 1;
    static constexpr std::uint8_t kProtocol = 2;
    static constexpr std::uint8_t kOtherWord = 3;

    static Bytes take(Bytes in, std::size_t& consumed, std::uint64_t limit) noexcept;
    std::size_t read_lines(Bytes in) noexcept;
    std::size_t find_line_end(Bytes in, std::size_t at) const noexcept;
    void start_body() noexcept;
    void start_content() noexcept;
    void end_content() noexcept;
    HttpEvent probe_body(Bytes in, std::size_t& consumed, Bytes& body) noexcept;
    bool read_chunk_line(std::uint8_t c) noexcept;
    bool read_chunk_size(std::uint8_t c) noexcept;
    void end_chunk_size() noexcept;
    void fail() noexcept { stage_ = Stage::not_http; }

    // http_head.cpp
    void begin_message() noexcept;
    void end_head() noexcept;
    bool read_first_byte(std::uint8_t c) noexcept;
    void read_request_line(std::uint8_t c) noexcept;
    void read_target(std::uint8_t c) noexcept;
    void end_authority() noexcept;
    void match_protocol(std::uint8_t c) noexcept;
    void end_request_line() noexcept;
    void match_version(std::uint8_t c) noexcept;
    void read_status_line(std::uint8_t c) noexcept;
    void read_header(std::uint8_t c) noexcept;
    void read_name(std::uint8_t c) noexcept;

    // http_values.cpp
    bool begin_value() noexcept;
    void read_value(std::uint8_t c) noexcept;
    void end_value() noexcept;
    void read_host(std::uint8_t c) noexcept;
    void end_host() noexcept;
    void read_length(std::uint8_t c) noexcept;
    void end_length() noexcept;
    void read_coding(std::uint8_t c) noexcept;
    void end_coding() noexcept;
    void read_media_type(std::uint8_t c) noexcept;

    HttpHead head_;
    HttpRole role_;
    Stage stage_ = Stage::head;
    Part part_ = Part::before;
    Header header_ = Header::other;
    std::uint8_t word_ = 0;     // progress within a word, a number or a value
    std::uint8_t target_ = 0;   // progress of the search for an authority
    std::uint8_t headers_ = 0;  // nonzero: this head has headers
    std::uint8_t probe_ = 0;    // bytes of a status line read in place of a body
    bool connect_pending_ = false;
    bool upgrade_pending_ = false;  // the last request asked for another protocol
    bool head_complete_ = false;
    bool lost_ = false;  // the bytes behind this message are not a message
    bool to_other_host_ = false;
    bool has_first_line_ = false;
    bool odd_line_ = false;  // said
    bool protocol_ = false;  // the last word of the first line names one
    bool bad_length_ = false;
    bool other_coding_ = false;     // the last Transfer-Encoding is not chunked
    std::uint16_t candidates_ = 0;  // headers whose names begin like this line
    AuthorityReader authority_;
    std::uint32_t lines_size_ = 0;  // bytes of this head, or of a body's chunk lines
    std::uint64_t left_ = 0;        // of the body or the chunk; or the length read so far
};

}  // namespace minerwall::proto
