# shellcheck shell=bash
# The builds beside the release: for sanitizers (build-asan/, g++) and for fuzzing and clang-tidy (build-fuzz/,
# clang++). Without LTO, and only the requested targets, so that they take minutes and not a quarter of an hour. Needs
# scripts/lib/build.sh for build_jobs.

# ccache may serve what another clone of the tree compiled: a stack trace then names that clone.
export CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

configure_sanitized() {
  local root=$1
  if [ -e "$root/build-asan/build.ninja" ]; then return 0; fi
  # -Og and line tables only: with both sanitizers, -O1 -g takes three times as long to compile, and the programs are
  # hardly faster.
  quietly meson setup "$root/build-asan" "$root" --buildtype=plain -Doptimization=g -Dcpp_args=-g1 -Db_lto=false \
    -Db_sanitize=address,undefined
}

configure_fuzz() {
  local root=$1
  if [ -e "$root/build-fuzz/build.ninja" ]; then return 0; fi
  # Sanitizer run-times are linked late: undefined symbols are not an error of a library (b_lundef).
  CC=clang CXX=clang++ quietly meson setup "$root/build-fuzz" "$root" --buildtype=debugoptimized -Db_lto=false \
    -Db_lundef=false -Db_sanitize=address,undefined -Dtests=false -Dfuzz=true
}

# targets_of DIRECTORY PATTERN: programs of a build, as ninja names them.
targets_of() {
  ninja -C "$1" -t targets all 2>/dev/null | sed -nE "s,^(($2)): cpp_LINKER.*,\1,p" | sort
}

# build_targets DIRECTORY TARGET...
build_targets() {
  local directory=$1
  shift
  if [ $# = 0 ]; then
    echo "no target of $directory is meant: not building all of it" >&2
    return 1
  fi
  quietly ninja -C "$directory" -j "$(build_jobs)" "$@"
}

# Silent unless it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  if [ "$status" != 0 ]; then
    grep -E -A 5 'error|ERROR|FAILED' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
    echo "failed: $*" >&2
  fi
  rm -f "$log"
  return "$status"
}

# The run-time options of every program with sanitizers: the first finding ends it.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
variants_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$variants_root/tests/support/lsan.supp:print_suppressions=0}
