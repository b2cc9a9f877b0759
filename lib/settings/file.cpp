#include "settings/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace minerwall::settings {
namespace {

class File {
  public:
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    explicit File(const std::filesystem::path& path)
        : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    int fd() const { return fd_; }

  private:
    int fd_;
};

FileText fail(FileText::Fault fault, int error, std::size_t size = 0) {
    return {fault, error, size, {}};
}

}  // namespace

FileText read_regular_file(const std::filesystem::path& path, std::size_t limit) {
    using Fault = FileText::Fault;
    const File file(path);
    struct stat info {};
    if (file.fd() < 0 || fstat(file.fd(), &info) != 0) {
        return fail(Fault::open, errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return fail(Fault::irregular, 0);
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > limit) {
        return fail(Fault::size, 0, size);
    }
    FileText out;
    out.size = size;
    out.text.resize(size);
    std::size_t have = 0;
    while (true) {
        if (have == out.text.size()) {  // the file may grow while we read it
            out.text.resize(std::min(limit, have + 65536) + 1);
        }
        const ssize_t n = ::read(file.fd(), out.text.data() + have, out.text.size() - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail(Fault::read, errno, size);
        }
        if (n == 0) {
            break;
        }
        have += static_cast<std::size_t>(n);
        if (have > limit) {
            return fail(Fault::growth, 0, size);
        }
    }
    out.text.resize(have);
    return out;
}

}  // namespace minerwall::settings
