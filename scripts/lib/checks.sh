# shellcheck shell=bash
# Static checks of the tree that need more than one program call. Run from the top of the tree.

# scripts_in LANGUAGE: our files that an interpreter of that name runs.
scripts_in() {
  git ls-files -co --exclude-standard -- scripts tests drivers-config .ci | while read -r file; do
    if [ ! -f "$file" ]; then continue; fi
    case $1:$file in
      python:*.py | bash:*.sh) echo "$file" ;;
      *) if head -n 1 "$file" | grep -aqE "^#!.*(bin/|env )$1"; then echo "$file"; fi ;;
    esac
  done
}

check_python() {
  local file status=0 count=0
  for file in $(scripts_in python); do
    /usr/bin/python3 -c 'import sys; compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec")' "$file" ||
      status=1
    count=$((count + 1))
  done
  echo "$count Python files compiled"
  return "$status"
}

check_shell() {
  # shellcheck disable=SC2046  # our file names have no blanks
  shellcheck -x $(scripts_in bash)
}
