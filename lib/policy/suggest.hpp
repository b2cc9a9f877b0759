// "did you mean": the known word that a mistyped one is nearest to. Control plane.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace minerwall::policy {

// Edits (insert, delete, replace, swap of neighbours) that make `b` of `a`.
unsigned edit_distance(std::string_view a, std::string_view b);

// ", did you mean `word`?" for the nearest known word, or empty where none is near enough: more
// than a third of the letters wrong is no slip of the finger.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace minerwall::policy
