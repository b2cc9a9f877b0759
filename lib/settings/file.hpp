// Reads a regular file whole, within a limit. Control plane, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace minerwall::settings {

struct FileText {
    enum class Fault : std::uint8_t {
        none,
        open,       // `error` says why
        irregular,  // a folder, a device, a pipe
        size,       // larger than the limit: `size` bytes
        growth,     // grew beyond the limit while we read it
        read,       // `error` says why
    };
    Fault fault = Fault::none;
    int error = 0;         // errno
    std::size_t size = 0;  // bytes, from the file system
    std::string text;      // empty unless `fault` is none
};

// A file of at most `limit` bytes. Never waits for a pipe's writer. Throws only std::bad_alloc.
FileText read_regular_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace minerwall::settings
