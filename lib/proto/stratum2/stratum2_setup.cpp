#include "proto/stratum2/stratum2_setup.hpp"

#include <algorithm>
#include <charconv>

namespace minerwall::proto {
namespace {

// Message types (8).
constexpr std::uint8_t kSetupConnection = 0x00;
constexpr std::uint8_t kSetupSuccess = 0x01;
constexpr std::uint8_t kOpenStandardChannel = 0x10;
constexpr std::uint8_t kOpenExtendedChannel = 0x13;

constexpr std::uint8_t kLastProtocol = 3;  // mining, job declaration, templates, job distribution
constexpr std::uint16_t kVersion = 2;
constexpr std::uint16_t kLastVersion = 255;  // larger values mean another protocol
constexpr std::uint32_t kMinSetup = 11 + 5;
constexpr std::uint32_t kMaxSetup = 2048;  // the strings take 1275; the rest is for extensions
constexpr std::uint32_t kSuccessSize = 6;

// Whether the client's first frame may have this byte at `at`; the reader checks the rest.
bool fits_setup(std::size_t at, std::uint8_t c) noexcept {
    switch (at) {
        case 4:
            return c <= kMaxSetup >> 8;
        case 6:
            return c <= kLastProtocol;
        case 7:
            return c <= kVersion;
        case 9:
            return c >= kVersion;
        default:
            return at == 3 || c == 0;
    }
}
constexpr std::uint8_t kSuccessHead[] = {0, 0, kSetupSuccess, kSuccessSize, 0, 0, kVersion, 0};
constexpr std::size_t kSetupHeadSize = 11;

}  // namespace

// The size of a number; 0 means a string, which has its length in front.
constexpr std::uint8_t Stratum2Reader::number_size(Field field) noexcept {
    switch (field) {
        case Field::header:
            return kHeaderSize;
        case Field::protocol:
            return 1;
        case Field::min_version:
        case Field::max_version:
        case Field::port:
        case Field::used_version:
            return 2;
        case Field::flags:
        case Field::request_id:
            return 4;
        default:
            return 0;
    }
}

Stratum2Opening classify_stratum2(Bytes prefix) noexcept {
    bool client = true;
    bool server = true;
    for (std::size_t at = 0; at < std::min(prefix.size(), kSetupHeadSize); ++at) {
        client = client && fits_setup(at, prefix[at]);
        server = server && (at >= sizeof kSuccessHead || prefix[at] == kSuccessHead[at]);
    }
    if (client && prefix.size() >= kSetupHeadSize) {
        return Stratum2Opening::client;
    }
    if (server && prefix.size() >= sizeof kSuccessHead) {
        return Stratum2Opening::server;
    }
    return client || server ? Stratum2Opening::need_more : Stratum2Opening::other;
}

Stratum2Reader::State Stratum2Reader::feed(Bytes in, MiningInfo& out,
                                           std::size_t& consumed) noexcept {
    consumed = 0;
    while (consumed < in.size() && field_ != Field::not_stratum2) {
        if (field_ == Field::rest) {
            const auto n =
                static_cast<std::uint32_t>(std::min<std::size_t>(in.size() - consumed, left_));
            consumed += n;
            position_ += n;
            left_ -= n;
            if (left_ == 0) {
                begin_field(Field::header);
            }
            continue;
        }
        ++position_;
        if (read(in[consumed++])) {
            fill(out);
            return State::mining;
        }
    }
    return field_ == Field::not_stratum2 ? State::not_stratum2 : State::need_more;
}

void Stratum2Reader::begin_field(Field field) noexcept {
    field_ = field;
    at_ = 0;
    value_ = 0;
    size_ = number_size(field);
    size_known_ = size_ != 0;
    if (field == Field::header) {
        head_size_ = 0;
        frame_at_ = position_;
    }
}

// True: the reader has all that it needs of this message.
bool Stratum2Reader::read(std::uint8_t c) noexcept {
    if (head_size_ < head_.size()) {
        head_[head_size_++] = c;
    }
    if (field_ != Field::header && left_-- == 0) {  // the fields are longer than the payload
        field_ = Field::not_stratum2;
        return false;
    }
    if (!size_known_) {
        size_ = c;
        size_known_ = true;
        return size_ == 0 && end_field();
    }
    if (number_size(field_) == 0) {
        read_text(c);
    } else if (at_ < 4) {
        value_ |= std::uint32_t{c} << (8 * at_);
    }
    return ++at_ == size_ && end_field();
}

void Stratum2Reader::read_text(std::uint8_t c) noexcept {
    const char text = static_cast<char>(c);
    switch (field_) {
        case Field::host:
            return pool_.push_back(text);
        case Field::firmware:
            if (at_ == 0 && !agent_.empty()) {
                agent_.push_back(' ');
            }
            [[fallthrough]];
        case Field::vendor:
            return agent_.push_back(text);
        case Field::device:
            return worker_.push_back(text);
        case Field::user:
            return login_.push_back(text);
        default:
            return;
    }
}

bool Stratum2Reader::end_field() noexcept {
    switch (field_) {
        case Field::header:
            begin_payload();
            return false;
        case Field::protocol:
            begin_field(value_ <= kLastProtocol ? Field::min_version : Field::not_stratum2);
            return false;
        case Field::min_version:
            begin_field(value_ <= kVersion ? Field::max_version : Field::not_stratum2);
            return false;
        case Field::max_version:
            begin_field(value_ >= kVersion && value_ <= kLastVersion ? Field::flags
                                                                     : Field::not_stratum2);
            return false;
        case Field::port: {
            char text[8];
            const auto end = std::to_chars(text, text + sizeof text, value_).ptr;
            pool_.push_back(':');
            pool_.append({text, static_cast<std::size_t>(end - text)});
            break;
        }
        case Field::used_version:
            if (value_ != kVersion) {
                begin_field(Field::not_stratum2);
                return false;
            }
            [[fallthrough]];
        case Field::device:
        case Field::user:
            set_up_ = true;
            begin_field(Field::rest);
            return true;
        default:
            break;
    }
    // The fields follow each other as they are listed.
    begin_field(static_cast<Field>(static_cast<unsigned>(field_) + 1));
    return false;
}

void Stratum2Reader::begin_payload() noexcept {
    type_ = head_[2];
    left_ = std::uint32_t{head_[5]} << 16 | std::uint32_t{head_[4]} << 8 | head_[3];
    pool_.clear();
    agent_.clear();
    worker_.clear();
    login_.clear();
    const bool plain = head_[0] == 0 && head_[1] == 0;  // not an extension's or a channel's
    const bool client = role_ == Role::client;
    if (!set_up_) {
        const bool setup =
            client ? type_ == kSetupConnection && left_ >= kMinSetup && left_ <= kMaxSetup
                   : type_ == kSetupSuccess && left_ == kSuccessSize;
        return begin_field(!plain || !setup ? Field::not_stratum2
                           : client         ? Field::protocol
                                            : Field::used_version);
    }
    const bool opens =
        client && plain && (type_ == kOpenStandardChannel || type_ == kOpenExtendedChannel);
    begin_field(opens ? Field::request_id : Field::rest);
}

void Stratum2Reader::fill(MiningInfo& out) const noexcept {
    out.clear();
    out.dialect = Dialect::stratum_v2;
    out.speaker = role_ == Role::client ? Speaker::miner : Speaker::pool;
    out.method.assign(type_ == kSetupConnection       ? "SetupConnection"
                      : type_ == kSetupSuccess        ? "SetupConnection.Success"
                      : type_ == kOpenStandardChannel ? "OpenStandardMiningChannel"
                                                      : "OpenExtendedMiningChannel");
    out.pool = pool_;
    out.agent = agent_;
    out.login = login_;
    out.worker = worker_;
    if (const auto dot = login_.view().find('.'); dot != std::string_view::npos) {
        out.worker.assign(login_.view().substr(dot + 1));
    }
    constexpr char kHex[] = "0123456789abcdef";
    for (unsigned i = 0; i < head_size_; ++i) {
        out.evidence.push_back(kHex[head_[i] >> 4]);
        out.evidence.push_back(kHex[head_[i] & 15]);
    }
    out.offset = frame_at_;
}

}  // namespace minerwall::proto
