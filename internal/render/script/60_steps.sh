
# --- the steps ---------------------------------------------------------------

# ask_aws: the question in CONFIRM, with the credentials of the account that it
# is about. Those of a role live in the subshell only.
ask_aws() {
  (
    if [ -n "$CONFIRM_ROLE" ]; then
      said=$(aws sts assume-role --role-arn "$CONFIRM_ROLE" --role-session-name reconcile \
        --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text </dev/null) || exit 1
      read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<END
$said
END
      [ -n "$AWS_SESSION_TOKEN" ] || exit 1
      export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
      unset AWS_PROFILE AWS_DEFAULT_PROFILE
    elif [ -n "$CONFIRM_PROFILE" ]; then
      unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
      export AWS_PROFILE=$CONFIRM_PROFILE
    fi
    aws "${CONFIRM[@]}" </dev/null
  )
}

# gone STEP: asks AWS once more. True only for a plain answer of 0 or one of
# the codes that mean the object is not there.
gone() {
  local said code
  confirm_of "$1"
  [ "${#CONFIRM[@]}" -gt 0 ] || return 1
  if said=$(ask_aws 2>"$PRIVATE/err"); then
    said=$(printf '%s' "$said" | tr -d ' \t\r\n')
    [ "$said" = 0 ] && return 0
    printf 'reconcile: AWS answers: %s\n' "$(printf '%s' "${said:-nothing}" | clean)" >&2
    return 1
  fi
  for code in ${GONE_CODES[@]+"${GONE_CODES[@]}"}; do
    LC_ALL=C grep -q -F -e "($code)" "$PRIVATE/err" && return 0
  done
  show_file "$PRIVATE/err"
  return 1
}

# pending STEP: decides from the state whether the step is still to be run.
# True: run it. False: skip it, SKIP says why. Anything else stops.
pending() {
  local n=$(($1 + 1))
  if [ -n "${J_STEP[n]-}" ]; then
    SKIP='done before'
    return 1
  fi
  if [ "${STEP_OP[$1]}" = state_push ]; then
    push_pending
    return
  fi
  look_up "$1" "$PRIVATE/now.index"
  case ${STEP_OP[$1]}:$HELD in
    import:new) SKIP='the state has it already' && return 1 ;;
    import:none) return 0 ;;
    state_rm:old) return 0 ;;
    state_rm:new) SKIP='the state has the new object already' && return 1 ;;
    state_rm:none)
      [ "$DEPOSED_OLD" -eq 0 ] || return 0
      SKIP='the state does not have it'
      return 1
      ;;
    untaint:none) stop "step $n: the state holds nothing at the address" "run reconcile plan again" ;;
    untaint:*)
      [ "$HELD" != other ] || [ "${STEP_OLD[$1]}${STEP_NEW[$1]}" = '' ] ||
        stop "step $n: the state holds $(printf '%s' "$HELD_ID" | clean) at the address, which the plan did not see there" "run reconcile plan again"
      [ "$TAINTED" -eq 1 ] && return 0
      SKIP='it is not tainted'
      return 1
      ;;
  esac
  stop "step $n: the state holds $(printf '%s' "${HELD_ID:-an object without an id}" | clean) at the address, which the plan did not see there" "run reconcile plan again; nothing was run for this step"
}

# consent STEP: the person's word. --yes gives it; a living object that is
# given up is asked for by its id.
consent() {
  if [ "$OPT_YES" -eq 1 ]; then
    [ "${STEP_RELEASES[$1]}" -eq 0 ] || warn "step $(($1 + 1)) gives up an object that is alive: ${STEP_SHOW_ID[$1]}"
    return 0
  fi
  if [ "${STEP_RELEASES[$1]}" -eq 1 ]; then
    say 'The object is alive. After this step no state knows it, but for what a later step imports.'
    ask "Type its id, ${STEP_SHOW_ID[$1]}, to give it up:" "${STEP_SHOW_ID[$1]}"
  else
    ask 'Run it? (y/N)' y
  fi
}

run_step() {
  local n=$(($1 + 1)) rc
  say ''
  say "step $n of $STEPS: ${STEP_TITLE[$1]}"
  if ! pending "$1"; then
    say "  skipped: $SKIP"
    [ -n "${J_STEP[n]-}" ] || journal "$n" skip
    return 0
  fi
  [ "$OPT_YES" -eq 1 ] || say "${STEP_TEXT[$1]}"
  consent "$1" || stop "stopped before step $n" "run it again to go on; what is done is in the journal"
  if [ "${STEP_OP[$1]}" = state_rm ] && [ "${STEP_RELEASES[$1]}" -eq 0 ]; then
    gone "$1" || stop "step $n: AWS does not confirm that the object is gone, so nothing was removed" "run reconcile plan again"
  fi
  lock_check
  argv_of "$1"
  if [ "${STEP_OP[$1]}" = state_push ]; then
    errored_index
    ARGS=("$PRIVATE/errored.tfstate") # terraform runs elsewhere
  fi
  MUTEX_KEEP=1
  # Only import evaluates the configuration; the others refuse variables.
  if [ "${STEP_OP[$1]}" = import ]; then
    "$TF_BIN" "${VERB[@]}" "${LOCK_FLAGS[@]}" ${TF_VARS[@]+"${TF_VARS[@]}"} "${ARGS[@]}" </dev/null >"$PRIVATE/said" 2>&1
  else
    "$TF_BIN" "${VERB[@]}" "${LOCK_FLAGS[@]}" "${ARGS[@]}" </dev/null >"$PRIVATE/said" 2>&1
  fi
  rc=$?
  if [ "$rc" -ne 0 ]; then
    digest_trouble "$PRIVATE/said"
    if [ "${STEP_OP[$1]}" = import ] && import_by_block "$1"; then return 0; fi
    show_file "$PRIVATE/said"
    stop "step $n failed; no later step was run" "mend what it says and run this again: the journal is kept, and so is the mutex"
  fi
  cp "$PRIVATE/now.index" "$PRIVATE/before.index"
  pull
  if ! step_result "$1" "$PRIVATE/before.index"; then
    show_file "$PRIVATE/said"
    [ "$HELD" != other ] || say "  the state now holds $(shown "$HELD_ID"), the plan expected ${STEP_NEW[$1]:-nothing}" >&2
    stop "step $n ran, but the state is not what it should have made of it: serial $SERIAL after $J_SERIAL" "compare terraform state pull with $PRIVATE/backup.tfstate; then run reconcile plan again with a new --out"
  fi
  journal "$n" "${STEP_OP[$1]}"
  say "  done: serial $SERIAL"
}

execute() {
  local i
  journal_read
  [ "$J_ROLLED" -eq 0 ] || stop "this plan was rolled back" "run reconcile plan again with a new --out"
  for ((i = 0; i < STEPS; i++)); do
    [ "${J_STEP[i + 1]-}" != undo ] || stop "a roll-back of this plan has begun" "finish it with --rollback"
  done
  lock_absent
  [ "$LOCK_SEEN" -eq 0 ] || lock_check
  pull
  if [ "$J_ANY" -eq 1 ]; then resume; else begin; fi
  BATCH_TRIED=0 TOGETHER=0 BATCHED=()
  [ "$OPT_PUSH" -eq 0 ] || push_rehearsed
  for ((i = 0; i < STEPS; i++)); do
    if [ "$BATCH_TRIED" -eq 0 ] && [ "${STEP_OP[i]}" = import ] && [ -z "${J_STEP[i + 1]-}" ]; then batch; fi
    [ -n "${BATCHED[i]-}" ] || run_step "$i"
  done
  MUTEX_KEEP=0
  closing_check
}
