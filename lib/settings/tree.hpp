// The settings of a file: what libconfig makes of its text. No other module knows libconfig.
//
// Control plane, one thread. The functions throw only std::bad_alloc.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "settings/diagnostic.hpp"
#include "settings/setting.hpp"
#include "settings/source.hpp"

namespace libconfig {
class Config;
}

namespace minerwall::settings {

class Tree {
  public:
    // Source and collector must outlive the tree.
    Tree(const Source& source, Diagnostics& diagnostics);
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree();

    // Once. False, with a diagnostic, if the syntax is wrong.
    bool parse();
    Setting root();  // after parse()

  private:
    friend class Setting;

    Location locate(const libconfig::Setting* setting);  // null: the file as a whole
    void number(const libconfig::Setting& aggregate);
    unsigned column(const libconfig::Setting& setting);

    const Source& source_;
    Diagnostics& diagnostics_;
    std::unique_ptr<libconfig::Config> config_;
    // Numbers of the named settings, filled when the first error asks for a column.
    std::unordered_map<const libconfig::Setting*, std::size_t> numbers_;
};

}  // namespace minerwall::settings
