// An end of a wire has one owner: a second daemon that would take it is refused.
//
// The lock is flock() on a file. The kernel gives it up with the process, so a file that a killed
// daemon left is no obstacle. Control plane, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/config.hpp"

namespace minerwall::machine {

class EndLocks {
  public:
    // directory: for the lock files, made if it is absent. Others may not open them, because a
    // reader could take the lock.
    explicit EndLocks(std::string directory = lock_directory());
    ~EndLocks();  // gives the ends up and removes the files
    EndLocks(EndLocks&& other) noexcept;
    EndLocks& operator=(EndLocks&&) = delete;

    void release() noexcept;  // as the destructor

    // Takes all ends. Returns an empty text, or one line that names an end and its owner.
    std::string take(const std::vector<WireConfig>& wires);
    // A file that one daemon writes, as an end: by its folder and name.
    std::string take_file(const std::string& path);

    // Where the settings of an end's interface are kept; empty: none to keep.
    std::string kept_file(const EndConfig& end) const;
    // After take(): removes what killed daemons of this network namespace left, and puts the
    // settings of interfaces back that are no end of ours. Returns their names.
    std::vector<std::string> clear_leftovers() const;

    // /run/minerwall-locks; for other users than root a folder of theirs.
    static std::string lock_directory();

  private:
    struct Held {
        std::string path;
        int fd;
    };
    std::string take(const std::string& what, const std::string& path);
    std::string make_directory() const;

    std::string directory_;
    std::vector<Held> held_;
};

// Pure, for tests: the file that stands for an end. Interfaces of the same name in two network
// namespaces are two ends; a virtual device without an interface belongs to its process (empty).
std::string lock_file(const EndConfig& end, std::uint64_t network_namespace);

}  // namespace minerwall::machine
