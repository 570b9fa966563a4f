
# --- the journal -------------------------------------------------------------

# One line an event: STEP WHAT SERIAL SHA256 LINEAGE PLAN . with the full stop
# as proof that the line is whole. WHAT is start, state_push, import, state_rm,
# untaint, push (of the rehearsed state), skip, undo or rollback; SERIAL and
# SHA256 are the state's after it.
# J_STEP[n] is what the journal says of step n, "" for nothing.

journal_read() {
  local n what serial sha lineage plan dot torn=0
  J_ANY=0 J_ROLLED=0 J_SERIAL='' J_SHA='' J_LINEAGE='' J_STEP=()
  [ -s "$JOURNAL" ] || return 0
  : >"$PRIVATE/journal.whole" || stop "$PRIVATE cannot be written" "check the disk"
  while read -r n what serial sha lineage plan dot || [ -n "$n" ]; do
    [ "$torn" -eq 0 ] || stop "the journal is damaged: $JOURNAL" "run reconcile plan again with a new --out"
    case "$n:$what:$serial" in
      *[!0-9]*:*:* | *:*:*[!0-9]* | :* | *:) torn=1 && continue ;;
    esac
    [ "$dot" = . ] || { torn=1 && continue; } # the last line may be torn: the run died there
    [ "$plan" = "$PLAN_ID" ] || stop "$JOURNAL is the journal of another plan" "run reconcile plan again with a new --out"
    printf '%s %s %s %s %s %s .\n' "$n" "$what" "$serial" "$sha" "$lineage" "$plan" >>"$PRIVATE/journal.whole"
    J_ANY=1 J_SERIAL=$serial J_SHA=$sha J_LINEAGE=$lineage
    case $what in
      start) ;;
      rollback) J_ROLLED=1 ;;
      *) J_STEP[n]=$what ;;
    esac
  done <"$JOURNAL"
  # Without its line break the next line would be written behind it.
  [ -z "$(tail -c 1 "$JOURNAL")" ] || torn=1
  if [ "$torn" -eq 1 ]; then
    mv "$PRIVATE/journal.whole" "$JOURNAL" || stop "$JOURNAL cannot be written" "check the disk"
  else
    rm -f "$PRIVATE/journal.whole"
  fi
}

# journal STEP WHAT: what the pulled state shows has been done. The index is
# kept first: it is what a resumed run compares with.
journal() {
  { cp "$PRIVATE/now.index" "$PRIVATE/last.new" && mv "$PRIVATE/last.new" "$PRIVATE/last.index" &&
    printf '%s %s %s %s %s %s .\n' "$1" "$2" "$SERIAL" "$SHA" "$LINEAGE" "$PLAN_ID" >>"$JOURNAL"; } ||
    stop "$JOURNAL cannot be written" "check the disk; step $1 is done, and the next run sees it"
  sync "$JOURNAL" 2>/dev/null || sync 2>/dev/null || true
  J_ANY=1 J_SERIAL=$SERIAL J_SHA=$SHA J_LINEAGE=$LINEAGE
  case $2 in
    start) ;;
    rollback) J_ROLLED=1 ;;
    *) J_STEP[$1]=$2 ;;
  esac
}

# journal_all WHAT STEP…: the same for steps (counted from 0) that one command
# has done together.
journal_all() {
  local what=$1 i lines=''
  shift
  [ $# -gt 0 ] || return 0
  for i; do lines="$lines$((i + 1)) $what $SERIAL $SHA $LINEAGE $PLAN_ID ."$'\n'; done
  { cp "$PRIVATE/now.index" "$PRIVATE/last.new" && mv "$PRIVATE/last.new" "$PRIVATE/last.index" && printf '%s' "$lines" >>"$JOURNAL"; } ||
    stop "$JOURNAL cannot be written" "check the disk; the steps are done, and the next run sees it"
  sync "$JOURNAL" 2>/dev/null || sync 2>/dev/null || true
  J_ANY=1 J_SERIAL=$SERIAL J_SHA=$SHA J_LINEAGE=$LINEAGE
  for i; do J_STEP[i + 1]=$what; done
}

at_journal() { [ "$SERIAL" = "$J_SERIAL" ] && [ "$SHA" = "$J_SHA" ]; }

# begin: the first run; the state must be the one that the plan was made from.
begin() {
  if [ "$EMPTY_STATE" -eq 1 ]; then
    [ ! -s "$PRIVATE/now.index" ] || stop "the plan was made without a state, and there is one now: serial $SERIAL" "run reconcile plan again with it"
  else
    [ "$LINEAGE" = "$STATE_LINEAGE" ] || stop "the state is another one than the plan read: its lineage differs" "check the backend and the workspace, then run reconcile plan again"
    [ "$SERIAL" = "$STATE_SERIAL" ] || stop "the state has changed since the plan was made: serial $SERIAL, the plan read $STATE_SERIAL" "run reconcile plan again"
    same_bytes || stop "the state has the serial and lineage of the plan and other content" "run reconcile plan again with what terraform state pull prints"
  fi
  if [ ! -e "$PRIVATE/backup.tfstate" ]; then
    { cp "$PRIVATE/now.tfstate" "$PRIVATE/backup.new" && mv "$PRIVATE/backup.new" "$PRIVATE/backup.tfstate"; } ||
      stop "$PRIVATE/backup.tfstate cannot be written" "check the disk; nothing was changed"
    sync "$PRIVATE/backup.tfstate" 2>/dev/null || sync 2>/dev/null || true
  fi
  journal 0 start
}

# catch_up: true if the state is the journal's last, or one ahead with the
# result of the step that was running when the last run died; then that step is
# written into the journal.
catch_up() {
  local i
  batch_catch_up
  at_journal && return 0
  push_done && return 0
  for ((i = 0; i < STEPS; i++)); do
    [ -n "${J_STEP[i + 1]-}" ] || break
  done
  if [ "$i" -lt "$STEPS" ] && step_result "$i" "$PRIVATE/last.index"; then
    journal "$((i + 1))" "${STEP_OP[i]}"
    say "resuming: step $((i + 1)) was done by the run that died, and is in the journal now"
    return 0
  fi
  return 1
}

resume() {
  catch_up ||
    stop "the state is not the one that this script left: serial $SERIAL, the journal's last is $J_SERIAL" "somebody else wrote it: run reconcile plan again with a new --out"
}

# step_result STEP INDEX: does the pulled state differ from the one that INDEX
# describes, and the journal ends at, by that step and nothing else?
step_result() {
  HELD=''
  if [ "${STEP_OP[$1]}" = state_push ]; then
    push_result
    return
  fi
  [ "$SERIAL" -eq $((J_SERIAL + 1)) ] || return 1
  [ "$LINEAGE" = "$J_LINEAGE" ] || [ "$J_LINEAGE" = - ] || return 1
  others_of "$1" "$2" >"$PRIVATE/others.before"
  others_of "$1" "$PRIVATE/now.index" >"$PRIVATE/others.after"
  cmp -s "$PRIVATE/others.before" "$PRIVATE/others.after" || return 1
  look_up "$1" "$PRIVATE/now.index"
  case ${STEP_OP[$1]} in
    import) [ "$HELD" = new ] || { [ "${STEP_NEW[$1]}" = '' ] && [ "$HELD" != none ]; } ;;
    state_rm) K=${STEP_KEY[$1]} LC_ALL=C awk 'index($0, ENVIRON["K"]) == 1 { found = 1 } END { exit found }' "$PRIVATE/now.index" ;;
    untaint) [ "$HELD" != none ] && [ "$TAINTED" -eq 0 ] ;;
  esac
}
