# shellcheck shell=bash
# build_release ROOT: the release build in ROOT/build, silent unless it fails.

# Link-time optimisation of DPDK code takes over a gigabyte: run as many jobs as there are processors, but not more
# than fit into the memory.
build_jobs() {
  local cpus memory_kib by_memory
  cpus=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  by_memory=$((memory_kib / 1500000))
  if [ "$by_memory" -lt 1 ]; then by_memory=1; fi
  if [ "$by_memory" -lt "$cpus" ]; then echo "$by_memory"; else echo "$cpus"; fi
}

build_release() {
  local root=$1 log
  log=$(mktemp)
  if [ ! -e "$root/build/build.ninja" ]; then
    echo "Configuring the release build in build/"
    if ! meson setup "$root/build" "$root" --buildtype=release >"$log" 2>&1; then
      tail -n 40 "$log" >&2
      rm -f "$log"
      echo "meson could not configure the build" >&2
      return 1
    fi
  fi
  if ! ninja -C "$root/build" -n 2>/dev/null | grep -q 'no work to do'; then
    echo "Building (the first time takes some minutes)"
  fi
  if ! ninja -C "$root/build" -j "$(build_jobs)" >"$log" 2>&1; then
    grep -E -A 5 'error|FAILED' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
    echo "The build failed (all of its output: $log)" >&2
    return 1
  fi
  rm -f "$log"
}
