# shellcheck shell=bash
# need_mounted_root COMMAND ARG...: where / is no mount point, becomes COMMAND in a root that is one.
# That is so in a plain chroot, and there "ip netns exec" fails, because it remounts / for itself. The
# command sees the same tree, bound to /mnt in a mount namespace that nobody else sees.
need_mounted_root() {
  if mountpoint -q / || [ "$(id -u)" != 0 ]; then return 0; fi
  # Where the mount that holds the tree is shared, the binding would show up outside, and stay.
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
