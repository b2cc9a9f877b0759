// "did you mean": the known word that is nearest to a mistyped one. Control plane, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace minerwall::settings {

// Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`: the restricted distance
// of Damerau and Levenshtein, in bytes. The time grows with the product of the lengths.
unsigned edit_distance(std::string_view a, std::string_view b);

// The nearest known word, the first of several equally near ones; empty if none is within one edit
// more than a third of the longer word's letters. A word of more than 64 bytes has no near one.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// ", did you mean `word`?" for the nearest known word, or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace minerwall::settings
