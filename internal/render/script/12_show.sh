
print_banner() {
  local reason
  [ "${#INCOMPLETE[@]}" -gt 0 ] || return 0
  say '*** INCOMPLETE: this plan could not see everything. ***'
  for reason in "${INCOMPLETE[@]}"; do say "  - $reason"; done
  say 'It runs only with --accept-incomplete. Better: run reconcile plan again when these are mended.'
  say ''
}

print_plan() {
  local i
  say "$PLAN_TITLE"
  say ''
  print_banner
  if [ "$STEPS" -eq 0 ]; then
    say 'No step: nothing is to be imported or removed.'
  else
    say "Steps: $STEPS, in this order. Nothing is changed now."
  fi
  for ((i = 0; i < STEPS; i++)); do
    say ''
    say "step $((i + 1)) of $STEPS: ${STEP_TITLE[i]}"
    say "${STEP_TEXT[i]}"
  done
  say ''
  if [ "$EXECUTABLE" -eq 1 ]; then
    say 'To run them:'
    printf '  bash %q %s\n' "$0" "$RUN_OPTIONS"
  else
    say "This script cannot run them: $WHY_NOT"
  fi
}
