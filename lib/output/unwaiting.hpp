// Writes to a pipe, terminal or socket that other processes may share, and never waits for its
// reader.
//
// The mode of such a descriptor belongs to all who share it, so it must not become non-blocking.
// This class opens a description of its own where the kernel allows it. Any thread, one at a time.
#pragma once

#include <sys/types.h>

#include <string_view>

namespace minerwall::output {

class Unwaiting {
  public:
    // Keeps a duplicate of `fd`, which may be anything. No call throws.
    explicit Unwaiting(int fd) noexcept;
    ~Unwaiting();
    Unwaiting(const Unwaiting&) = delete;
    Unwaiting& operator=(const Unwaiting&) = delete;

    bool valid() const noexcept { return fd_ >= 0; }
    int get() const noexcept { return fd_; }  // to poll for room
    // As write(2), but with EAGAIN in place of a wait. Up to PIPE_BUF bytes go into a pipe whole or
    // not at all. A regular file is written as usual.
    ssize_t write(std::string_view bytes) noexcept;

  private:
    enum class Way { plain, socket, poll_first };
    Way way_ = Way::plain;
    int fd_ = -1;
};

}  // namespace minerwall::output
