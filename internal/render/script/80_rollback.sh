
# --- roll-back ---------------------------------------------------------------

rollback() {
  local i
  journal_read
  if [ "$J_ANY" -eq 0 ]; then
    say 'Nothing to roll back: no step was run.'
    return 0
  fi
  lock_absent
  [ "$LOCK_SEEN" -eq 0 ] || lock_check
  pull
  if [ "$J_ROLLED" -eq 1 ]; then
    say 'It was rolled back before.'
    return 0
  fi
  [ -e "$PRIVATE/rollback.begun" ] || catch_up || true
  if [ "$EMPTY_STATE" -eq 1 ] && [ "$ERRORED_SHA" = '' ]; then rollback_each; else rollback_push; fi
  say "rolled back: the state has serial $SERIAL"
  [ "$LOCK_SEEN" -eq 0 ] || say "The lock is still in place: $SHOW_LOCK_ID"
}

# pushed: is the pulled state the backup, by lineage, instances and ids?
pushed() {
  index_state "$PRIVATE/backup.tfstate" >"$PRIVATE/backup.index"
  [ "$SERIAL" -gt "$J_SERIAL" ] && [ "$LINEAGE" = "$J_LINEAGE" ] && cmp -s "$PRIVATE/backup.index" "$PRIVATE/now.index"
}

rollback_push() {
  if ! at_journal; then
    if [ -e "$PRIVATE/rollback.begun" ] && pushed; then
      journal 0 rollback
      return 0
    fi
    stop "the state is not the one that this script left: serial $SERIAL, the journal's last is $J_SERIAL" "somebody else wrote it; a roll-back would lose their work"
  fi
  if [ "$SERIAL" = "$STATE_SERIAL" ] && [ "$LINEAGE" = "$STATE_LINEAGE" ]; then
    say 'The state is the one before the first step.'
    journal 0 rollback
    return 0
  fi
  say "This puts back the state of serial $STATE_SERIAL, as serial $((SERIAL + 1))."
  [ "$OPT_YES" -eq 1 ] || ask 'Push it? (y/N)' y || stop "stopped before the roll-back" "nothing was changed"
  if [ "$EMPTY_STATE" -eq 1 ]; then
    rollback_empty >"$PRIVATE/push.tfstate"
  else
    LC_ALL=C sed -e "s/^  \"serial\": [0-9]*,\$/  \"serial\": $((SERIAL + 1)),/" "$PRIVATE/backup.tfstate" >"$PRIVATE/push.tfstate"
  fi || stop "the backup cannot be copied" "check the disk"
  : >"$PRIVATE/rollback.begun"
  push_state "$PRIVATE/push.tfstate" 'the roll-back'
  rm -f "$PRIVATE/push.tfstate"
  pull
  pushed || stop "the state was pushed, but is not the backup" "compare terraform state pull with $PRIVATE/backup.tfstate"
  journal 0 rollback
  MUTEX_KEEP=0
}

# Without a state before, the way back is to forget what was imported.
rollback_each() {
  local i rc todo=''
  for ((i = STEPS - 1; i >= 0; i--)); do
    case ${J_STEP[i + 1]-}:${STEP_OP[i]} in import:* | push:import) todo="$todo $i" ;; esac
  done
  if ! at_journal; then
    for i in $todo; do
      if [ -e "$PRIVATE/rollback.begun" ] && forgotten "$i" "$PRIVATE/last.index"; then
        journal "$((i + 1))" undo
        todo=${todo#* "$i"}
      fi
      break
    done
    at_journal || stop "the state is not the one that this script left: serial $SERIAL, the journal's last is $J_SERIAL" "somebody else wrote it; a roll-back would lose their work"
  fi
  say 'This makes the state forget what was imported. AWS keeps it.'
  [ "$OPT_YES" -eq 1 ] || ask 'Go on? (y/N)' y || stop "stopped before the roll-back" "nothing was changed"
  : >"$PRIVATE/rollback.begun"
  for i in $todo; do
    say "  forget: ${STEP_TITLE[i]}"
    lock_check
    MUTEX_KEEP=1
    argv_of "$i"
    "$TF_BIN" state rm "${LOCK_FLAGS[@]}" "${ARGS[0]}" </dev/null >"$PRIVATE/said" 2>&1
    rc=$?
    if [ "$rc" -ne 0 ]; then
      digest_trouble "$PRIVATE/said"
      show_file "$PRIVATE/said"
      stop "the roll-back failed" "mend what it says and run --rollback again"
    fi
    cp "$PRIVATE/now.index" "$PRIVATE/before.index"
    pull
    forgotten "$i" "$PRIVATE/before.index" || stop "the state is not what the roll-back should have made of it" "look at it with: terraform state list"
    journal "$((i + 1))" undo
  done
  journal 0 rollback
  MUTEX_KEEP=0
}

forgotten() { # STEP INDEX
  [ "$SERIAL" -eq $((J_SERIAL + 1)) ] || return 1
  others_of "$1" "$2" >"$PRIVATE/others.before"
  cmp -s "$PRIVATE/others.before" "$PRIVATE/now.index"
}
