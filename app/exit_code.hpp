// What the programs return (sysexits.h where it has a word for it).
#pragma once

namespace minerwall {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 64;   // EX_USAGE
inline constexpr int kExitConfig = 78;  // EX_CONFIG

}  // namespace minerwall
