# shellcheck shell=bash
# need_mounted_root COMMAND ARG...: if / is not a mount point, runs COMMAND in a root that is one. In a plain chroot /
# is not a mount point, and there "ip netns exec" fails, because it remounts /. The command sees the same tree, bound
# to /mnt in a private mount namespace.
need_mounted_root() {
  if mountpoint -q / || [ "$(id -u)" != 0 ]; then return 0; fi
  # If the mount that holds the tree is shared, the binding would show up outside, and stay.
  local mount
  mount=$(awk '/^mnt_id:/ { print $2 }' /proc/self/fdinfo/3 3</)
  if ! grep "^$mount " /proc/1/mountinfo | grep -qv ' shared:'; then
    echo "This is a chroot whose root is no mount point, and network namespaces need one." >&2
    echo "Outside of it: mount --bind TREE TREE, then chroot again" >&2
    exit 1
  fi
  # shellcheck disable=SC2016 # expanded by the inner shells
  exec unshare --mount --propagation unchanged bash -c '
    mount --rbind / /mnt && exec chroot /mnt bash -c "cd \"\$1\" && shift && exec \"\$@\"" - "$@"
  ' - "$PWD" "$@"
}
