// Lines for a file whose disk may be slow: a thread writes them while there are some, and the
// caller waits for nothing. Any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "minerwalld/aside.hpp"

namespace minerwall::daemon {

class SlowFile {
  public:
    static constexpr std::size_t kMostBytes = 64 << 10;  // that wait

    explicit SlowFile(int fd);  // keeps a duplicate
    ~SlowFile();                // waits a second for the disk

    // False: so many bytes wait already that there is no room.
    bool write(std::string_view lines);
    // Until the file has all. False if it has not after this time.
    bool flush(std::chrono::milliseconds patience);

  private:
    struct Waiting;
    std::shared_ptr<Waiting> waiting_;  // with the thread
    Aside thread_{"mw-log"};
};

}  // namespace minerwall::daemon
