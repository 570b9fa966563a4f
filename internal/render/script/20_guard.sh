
# --- guards: by text alone, before any terraform command ---------------------

guard_request() {
  [ "$EXECUTABLE" -eq 1 ] || stop "this script may not run: $WHY_NOT" "run reconcile plan again with what is missing"
  if [ "$MODE" = rehearse ]; then
    [ -z "$OPT_DEAD$OPT_INCIDENT" ] || stop "--rehearse takes neither --incident nor --holder-dead: it writes nothing real" "leave them out"
    guard_plan
    return 0
  fi
  [ -n "$OPT_INCIDENT" ] || stop "--incident is missing" "name the incident of this plan: $SHOW_INCIDENT"
  [ "$OPT_INCIDENT" = "$INCIDENT" ] || stop "--incident is not the incident of this plan, $SHOW_INCIDENT" "check that this is the right folder"
  if [ "$LOCK_SEEN" -eq 1 ]; then
    [ -n "$OPT_DEAD" ] || stop "the plan saw a held state lock: $SHOW_LOCK" "if you have made sure that this run is dead, add --holder-dead and the lock's ID"
    [ "$OPT_DEAD" = "$LOCK_ID" ] || stop "--holder-dead names another lock than the plan saw: $SHOW_LOCK" "if the lock has changed hands, somebody is at work: run reconcile plan again when they are done"
    [ "$LOCK_FORM" != none ] || stop "the held lock cannot be read again before each step" "the plan found no S3 backend with a lock table or lock file"
  else
    [ -z "$OPT_DEAD" ] || stop "--holder-dead was given, but the plan saw no held lock" "leave it out; if there is a lock now, run reconcile plan again"
  fi
  if [ "$OPT_YES" -eq 0 ] && ! [ -t 0 ]; then
    stop "standard input is no terminal, so no step can be asked for" "add --yes after reading the steps"
  fi
  [ "$MODE" = rollback ] || guard_plan
}

# guard_plan: is the plan one that may be run?
guard_plan() {
  if [ "${#INCOMPLETE[@]}" -gt 0 ] && [ "$OPT_INCOMPLETE" -eq 0 ]; then
    print_banner >&2
    stop "the plan is incomplete" "make it again, or add --accept-incomplete"
  fi
  local age i
  age=$(($(date +%s) - GENERATED_AT))
  if [ "$age" -gt "$MAX_AGE" ] && [ "$OPT_STALE" -eq 0 ]; then
    stop "the plan is $((age / 60)) minutes old, more than $((MAX_AGE / 60))" "make it again, or add --allow-stale-plan"
  fi
  for ((i = 0; i < STEPS; i++)); do
    [ "${STEP_OP[i]}" != state_rm ] || [ "${STEP_RELEASES[i]}" -eq 1 ] || [ "${STEP_CONFIRM[i]}" -eq 1 ] ||
      stop "step $((i + 1)) would remove an address and names no way to ask AWS once more" "run reconcile plan again; nothing was changed"
  done
}

guard_variables() {
  local v
  for v in ${VARS[@]+"${VARS[@]}"}; do
    NAME=TF_VAR_$v awk 'BEGIN { exit !(ENVIRON["NAME"] in ENVIRON) }' ||
      stop "the environment has no TF_VAR_$v, which the plan was made with" "export TF_VAR_$v=… (the value is in no file of reconcile)"
  done
  for v in ${VAR_FILES[@]+"${VAR_FILES[@]}"}; do
    [ -r "$v" ] || stop "a variable file of the plan cannot be read: $v" "put it back where it was"
  done
}

guard_files() {
  local i f d known
  for ((i = 0; i < ${#FILES[@]}; i++)); do
    f=${FILES[i]}
    [ -f "./$f" ] || stop "a file that the plan was made from is gone: $f" "check the folder out as it was, or run reconcile plan again"
    [ "$(sha256_of "./$f")" = "${FILE_SHA[i]}" ] || stop "a file has changed since the plan was made: $f" "put it back, or run reconcile plan again"
  done
  for d in "${FOLDERS[@]}"; do
    for f in "./$d"/*.tf "./$d"/*.tf.json; do
      [ -e "$f" ] || continue
      f=${f#./}
      f=${f#./}
      known=0
      for ((i = 0; i < ${#FILES[@]}; i++)); do
        [ "${FILES[i]}" != "$f" ] || known=1
      done
      [ "$known" -eq 1 ] || stop "a file has appeared since the plan was made: $f" "move it away, or run reconcile plan again"
    done
  done
}

guard_text() {
  cd -- "$GUARD_DIR" 2>/dev/null || stop "the folder of the plan cannot be entered: $SHOW_DIR" "run this where the plan was made"
  guard_environment
  guard_variables
  [ "$MODE" = rollback ] || guard_files
  guard_backend
  guard_version
}
