# shellcheck shell=bash
# Runs test suites, keeps their output in a log, and sums up what they report.
#   suites_begin LOG_DIRECTORY
#   suite LANE NAME COMMAND...   the last line "N passed, N failed[, N skipped]" counts; without one, the exit status does
#   suites_end LANE...           runs the suites of the lane `first`, and then these lanes in parallel. Prints each
#                                result in the order of the calls, then the table and the last line
#                                "N passed, N failed"; fails if any failed
# The suites of a lane run one after another. The last lane gives way to the others: a compiler can wait, and tests
# of a network have a clock. Sourced by scripts/test.

suites_begin() {
  suite_logs=$1
  suite_passed=0
  suite_failed=0
  suite_rows=()
  suite_names=()
  suite_lanes=()
  suite_commands=()
  suite_running=()
  mkdir -p "$suite_logs"
  rm -f "$suite_logs"/*.result
}

suite() {
  suite_lanes+=("$1")
  suite_names+=("$2")
  shift 2
  suite_commands+=("$(printf '%q ' "$@")")
}

# run_suite NUMBER: writes the output to the log, then exit status and seconds to a file that appears when it is
# complete.
run_suite() {
  local name=${suite_names[$1]} begin=$SECONDS status=0
  (eval "${suite_commands[$1]}") </dev/null >"$suite_logs/$name.log" 2>&1 || status=$?
  echo "$status $((SECONDS - begin))" >"$suite_logs/$name.part"
  mv "$suite_logs/$name.part" "$suite_logs/$name.result"
}

run_lane() {
  local number
  for number in "${!suite_names[@]}"; do
    if [ "${suite_lanes[number]}" = "$1" ]; then run_suite "$number"; fi
  done
}

# tell_suite NUMBER: waits for the suite's end and prints its result.
tell_suite() {
  local name=${suite_names[$1]} status seconds passed failed skipped counts
  local log="$suite_logs/$name.log" result="$suite_logs/$name.result"
  printf '%-14s' "$name"
  if [ "${suite_lanes[$1]}" = first ]; then run_suite "$1"; fi
  while [ ! -e "$result" ] && [ -n "$(jobs -rp)" ]; do sleep 0.2; done
  if [ ! -e "$result" ]; then echo "1 0" >"$result"; fi # its lane was killed
  read -r status seconds <"$result"
  counts=$(tail -n 1 "$log" 2>/dev/null | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p')
  if [ -n "$counts" ]; then
    read -r passed failed skipped <<<"$counts"
  elif [ "$status" = 0 ]; then
    passed=1 failed=0 skipped=''
  else
    passed=0 failed=1 skipped=''
  fi
  # A suite that counted no failure but failed did not come to its end.
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  suite_passed=$((suite_passed + passed))
  suite_failed=$((suite_failed + failed))
  suite_rows+=("$(printf '%-14s %7d %7d %8d %6d s' "$name" "$passed" "$failed" "${skipped:-0}" "$seconds")")
  if [ "$failed" = 0 ]; then
    echo "ok      $passed passed, $seconds s"
  else
    echo "FAILED  $failed of $((passed + failed)), $seconds s; the end of $log:"
    tail -n 60 "$log" | sed 's/^/    /'
  fi
}

# A lane is a process group of its own, so that an interrupted lane leaves no process behind.
start_lanes() {
  local lane patient
  set -m
  {
    renice -n 10 -p "$BASHPID" >/dev/null
    run_lane "${*: -1}"
  } </dev/null &
  patient=$!
  suite_running+=("$patient")
  for lane in "${@:1:$#-1}"; do
    {
      run_lane "$lane"
      # The lane no longer has to give way to another one. Only root may raise its priority.
      renice -n 0 -g "$patient" >/dev/null 2>&1 || true
    } </dev/null &
    suite_running+=("$!")
  done
  set +m
  trap stop_lanes EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

stop_lanes() {
  local lane
  for lane in "${suite_running[@]}"; do
    kill -TERM -- "-$lane" 2>/dev/null || true
  done
}

suites_end() {
  local number
  for number in "${!suite_names[@]}"; do
    if [ "${suite_lanes[number]}" = first ]; then tell_suite "$number"; fi
  done
  start_lanes "$@"
  for number in "${!suite_names[@]}"; do
    if [ "${suite_lanes[number]}" != first ]; then tell_suite "$number"; fi
  done
  echo
  printf '%-14s %7s %7s %8s %8s\n' suite passed failed skipped time
  printf '%s\n' "${suite_rows[@]}"
  echo
  echo "$suite_passed passed, $suite_failed failed"
  [ "$suite_failed" = 0 ] && [ "$suite_passed" -gt 0 ]
}
