// Exit codes of the programs (from sysexits.h if it has a fitting one).
#pragma once

namespace minerwall {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 64;    // EX_USAGE
inline constexpr int kExitEndLost = 75;  // EX_TEMPFAIL: no wire has both ends, a restart may help
inline constexpr int kExitConfig = 78;   // EX_CONFIG

}  // namespace minerwall
