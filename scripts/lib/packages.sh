# shellcheck shell=bash
# The packages of Debian 12 that minerwall needs, in sets, and one function that installs missing ones.
#   ensure_packages build demo    the sets to install; calls apt only if a package is missing
# Sourced by scripts/demo and scripts/test, so that one list serves both.

minerwall_packages() {
  case $1 in
    build)
      # Vectorscan is a drop-in for Hyperscan and conflicts with it: keep whichever is there.
      local regex=libhyperscan-dev
      if package_installed libvectorscan-dev; then regex=libvectorscan-dev; fi
      echo meson ninja-build pkg-config g++ libdpdk-dev "$regex" libconfig++-dev prometheus-cpp-dev \
        libsystemd-dev libcli11-dev libfmt-dev nlohmann-json3-dev libssl-dev libpcap-dev \
        libgtest-dev libgmock-dev libbenchmark-dev
      ;;
    demo)
      echo nginx-light dnsmasq-base iproute2 ethtool iputils-ping curl ca-certificates bind9-dnsutils \
        openssl python3 procps
      ;;
    test)
      # meson uses ccache if it is installed; a tree that was built before then builds in a minute.
      echo git ccache python3-scapy python3-cryptography python3-jsonschema clang clang-tidy clang-format libclang-rt-14-dev shellcheck prometheus
      ;;
    differential)
      echo libjson-c-dev libjsoncpp-dev libcjson-dev libjansson-dev rapidjson-dev libevent-dev nginx-light apache2-bin nodejs golang-go
      ;;
    *)
      echo "packages.sh: no set of packages is named '$1'" >&2
      return 1
      ;;
  esac
}

package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# apt for scripts: it asks no questions, installs only the named packages, and waits for a busy lock.
quiet_apt() {
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y -o DPkg::Lock::Timeout=120 "$@"
}

# Packages such as nginx start their service when they are installed, and again at every boot. The demo and the tests
# run their own copies inside namespaces and must not change the machine: policy-rc.d prevents starts, and the
# services of new packages are disabled.
install_without_services() {
  local policy=/usr/sbin/policy-rc.d ours='' status=0 unit
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n# placed by minerwall while it installs packages\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=$policy
  fi
  quiet_apt install --no-install-recommends "$@" || status=$?
  if [ -n "$ours" ]; then rm -f "$ours"; fi
  if command -v systemctl >/dev/null; then
    case " $* " in *" nginx-light "*) unit=nginx.service ;; *) unit='' ;; esac
    case " $* " in *" prometheus "*) unit="$unit prometheus.service" ;; esac
    # shellcheck disable=SC2086  # several unit names
    if [ -n "$unit" ]; then systemctl disable $unit >/dev/null 2>&1 || true; fi
  fi
  return "$status"
}

ensure_packages() {
  local set package log
  local -a missing=()
  if ! command -v apt-get >/dev/null; then
    echo "This is no Debian: install the packages named in scripts/lib/packages.sh by hand." >&2
    return 0
  fi
  for set in "$@"; do
    for package in $(minerwall_packages "$set"); do
      if ! package_installed "$package"; then missing+=("$package"); fi
    done
  done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  if [ "$(id -u)" != 0 ]; then
    echo "Packages are missing: ${missing[*]}" >&2
    echo "Run this as root, or: apt-get install --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  log=$(mktemp)
  if ! { quiet_apt update && install_without_services "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "apt could not install them (all of its output: $log)" >&2
    return 1
  fi
  rm -f "$log"
}
