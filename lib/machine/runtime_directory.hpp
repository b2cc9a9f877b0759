// DPDK's runtime directory of this process, which DPDK itself never removes.
//
// Control plane, one thread.
#pragma once

#include <string>

namespace minerwall::machine {

class RuntimeDirectory {
  public:
    RuntimeDirectory() = default;
    RuntimeDirectory(RuntimeDirectory&& other) noexcept;
    RuntimeDirectory& operator=(RuntimeDirectory&& other) noexcept;
    ~RuntimeDirectory();  // removes it

    // Takes over the directory that DPDK made, and removes those beside it that killed processes
    // of the same name left. The name ends with a process id.
    void own(std::string path);

  private:
    void sweep() const;

    std::string path_;
    int lock_ = -1;  // on a file in it: its owner lives
};

}  // namespace minerwall::machine
