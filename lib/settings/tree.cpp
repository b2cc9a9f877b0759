#include "settings/tree.hpp"

#include <algorithm>
#include <libconfig.h++>
#include <utility>

namespace minerwall::settings {

Tree::Tree(const Source& source, Diagnostics& diagnostics)
    : source_(source), diagnostics_(diagnostics), config_(std::make_unique<libconfig::Config>()) {}

Tree::~Tree() = default;

bool Tree::parse() {
    try {
        config_->readString(source_.text());
        return true;
    } catch (const libconfig::ParseException& e) {
        std::string message = e.getError();
        if (message.starts_with("mismatched element type")) {
            message += ": use ( ) in place of [ ] to mix numbers and texts";
        }
        diagnostics_.error(source_.locate(static_cast<unsigned>(std::max(e.getLine(), 0))),
                           std::move(message));
        return false;
    }
}

Setting Tree::root() {
    return {*this, &config_->getRoot()};
}

Location Tree::locate(const libconfig::Setting* setting) {
    if (setting == nullptr) {
        return source_.locate(0);
    }
    Location at = source_.locate(setting->getSourceLine());
    at.column = column(*setting);
    return at;
}

// libconfig keeps only lines. But its tree has the settings in the order of the text, so the n-th
// named setting has the n-th name in Source.
void Tree::number(const libconfig::Setting& aggregate) {
    if (aggregate.isArray()) {
        return;  // the values have no names
    }
    for (int i = 0; i < aggregate.getLength(); ++i) {
        const libconfig::Setting& member = aggregate[i];
        if (member.getName() != nullptr) {
            numbers_.emplace(&member, numbers_.size());
        }
        if (member.isAggregate()) {
            number(member);
        }
    }
}

// An element has the column of its array or list if both are on one line.
unsigned Tree::column(const libconfig::Setting& setting) {
    const libconfig::Setting* named = &setting;
    if (setting.isScalar()) {
        while (named->getName() == nullptr && !named->isRoot()) {
            named = &named->getParent();
        }
    }
    if (numbers_.empty()) {
        number(config_->getRoot());
    }
    const auto found = numbers_.find(named);
    return found != numbers_.end() ? source_.column(found->second, setting.getSourceLine()) : 0;
}

}  // namespace minerwall::settings
