// The settings of an interface before a daemon changed them, kept in a file until they are put
// back. So the next start can put them back after a kill.
//
// Control plane, one thread. Who holds the lock of the end owns the file (end_lock.hpp).
#pragma once

#include <optional>
#include <string>

#include "machine/interface_settings.hpp"

namespace minerwall::machine {

class KeptSettings {
  public:
    // Empty path: keeps nothing.
    explicit KeptSettings(std::string path) : path_(std::move(path)) {}

    // Returns an empty text, or what failed. A reader sees the old file or the new one.
    std::string keep(const InterfaceSettings& before) const;
    std::optional<InterfaceSettings> read() const;
    void forget() const;

  private:
    std::string path_;
};

}  // namespace minerwall::machine
