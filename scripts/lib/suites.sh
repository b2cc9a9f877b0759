# shellcheck shell=bash
# Runs test suites one after another, keeps their output in a log, and sums up what they report.
#   suites_begin LOG_DIRECTORY
#   suite NAME COMMAND...     the last line "N passed, N failed[, N skipped]" counts; without one, the exit status does
#   suites_end                prints the table and, as its very last line, "N passed, N failed"; fails if any failed
# Sourced by scripts/test and .ci/run.

suites_begin() {
  suite_logs=$1
  suite_passed=0
  suite_failed=0
  suite_rows=()
  mkdir -p "$suite_logs"
}

suite() {
  local name=$1 log="$suite_logs/$1.log" begin=$SECONDS status=0 passed failed skipped counts
  shift
  printf '%-14s' "$name"
  "$@" </dev/null >"$log" 2>&1 || status=$?
  counts=$(tail -n 1 "$log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p')
  if [ -n "$counts" ]; then
    read -r passed failed skipped <<<"$counts"
  elif [ "$status" = 0 ]; then
    passed=1 failed=0 skipped=''
  else
    passed=0 failed=1 skipped=''
  fi
  # A suite that counted no failure and failed all the same did not come to its end.
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  suite_passed=$((suite_passed + passed))
  suite_failed=$((suite_failed + failed))
  suite_rows+=("$(printf '%-14s %7d %7d %8d %6d s' "$name" "$passed" "$failed" "${skipped:-0}" $((SECONDS - begin)))")
  if [ "$failed" = 0 ]; then
    echo "ok      $passed passed, $((SECONDS - begin)) s"
  else
    echo "FAILED  $failed of $((passed + failed)), $((SECONDS - begin)) s; the end of $log:"
    tail -n 60 "$log" | sed 's/^/    /'
  fi
}

suites_end() {
  echo
  printf '%-14s %7s %7s %8s %8s\n' suite passed failed skipped time
  printf '%s\n' "${suite_rows[@]}"
  echo
  echo "$suite_passed passed, $suite_failed failed"
  [ "$suite_failed" = 0 ] && [ "$suite_passed" -gt 0 ]
}
