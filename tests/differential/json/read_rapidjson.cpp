#include <rapidjson/document.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "reader.hpp"

namespace minerwall::differential {
namespace {

using namespace rapidjson;  // NOLINT: a reader of nothing else

constexpr unsigned kAll =
    kParseCommentsFlag | kParseTrailingCommasFlag | kParseNanAndInfFlag | kParseIterativeFlag;

void take(const Document& document, Values& out) {
    if (document.HasParseError()) {
        return;
    }
    StringBuffer buffer;
    Writer<StringBuffer, UTF8<>, UTF8<>, CrtAllocator, kWriteNanAndInfFlag> writer(buffer);
    document.Accept(writer);
    out.emplace_back(buffer.GetString(), buffer.GetSize());
}

template <unsigned flags>
void parse(const std::string& text, Values& out) {
    Document document;
    MemoryStream bytes(text.data(), text.size());
    document.ParseStream<flags>(bytes);
    take(document, out);
    Document until_nul;
    until_nul.Parse<flags>(text.c_str());
    take(until_nul, out);
}

}  // namespace

void read_rapidjson(const std::string& text, Values& out) {
    parse<kParseDefaultFlags>(text, out);
    parse<kAll>(text, out);
    parse<kAll | kParseNumbersAsStringsFlag | kParseValidateEncodingFlag>(text, out);
    std::string copy = text;
    Document in_place;
    in_place.ParseInsitu<kAll | kParseStopWhenDoneFlag>(copy.data());
    take(in_place, out);
    // Values in sequence.
    MemoryStream bytes(text.data(), text.size());
    while (bytes.Tell() < text.size()) {
        Document document;
        document.ParseStream<kAll | kParseStopWhenDoneFlag>(bytes);
        if (document.HasParseError()) {
            break;
        }
        take(document, out);
    }
    // UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
    MemoryStream wide(text.data(), text.size());
    AutoUTFInputStream<unsigned, MemoryStream> any(wide);
    Document document;
    document.ParseStream<kAll, AutoUTF<unsigned>>(any);
    take(document, out);
}

}  // namespace minerwall::differential
