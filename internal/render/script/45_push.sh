
# --- the state that Terraform could not save ---------------------------------

# errored_index: what the errored state holds, told as the pulled one is ->
# $PRIVATE/errored.index. The file must be the one that the plan read.
errored_index() {
  [ -f "$PRIVATE/errored.tfstate" ] || stop "$PRIVATE/errored.tfstate is missing" "run reconcile plan again with --errored-state"
  [ "$(sha256_of "$PRIVATE/errored.tfstate")" = "$ERRORED_SHA" ] || stop "$PRIVATE/errored.tfstate is not the one that the plan read" "run reconcile plan again with --errored-state"
  index_state "$PRIVATE/errored.tfstate" >"$PRIVATE/errored.index" || stop "$PRIVATE/errored.tfstate cannot be read" "check the disk that holds it"
}

# push_there: is the pulled state the errored one? Terraform may give it the
# next serial when it is pushed, and a lineage if it has none: a first apply.
push_there() {
  [ "$LINEAGE" = "$ERRORED_LINEAGE" ] || [ "$ERRORED_LINEAGE" = - ] || return 1
  [ "$SERIAL" -ge "$ERRORED_SERIAL" ] && [ "$SERIAL" -le $((ERRORED_SERIAL + 1)) ] || return 1
  errored_index
  cmp -s "$PRIVATE/errored.index" "$PRIVATE/now.index"
}

# push_result: did the push, and nothing else, make the pulled state?
push_result() {
  [ "$SERIAL" -gt "$J_SERIAL" ] || [ "$J_LINEAGE" = - ] || return 1
  [ "$LINEAGE" = "$J_LINEAGE" ] || [ "$J_LINEAGE" = - ] || return 1
  push_there
}

# push_pending: true where the push is to be run. Anything but the state before
# it and the state after it stops.
push_pending() {
  errored_index
  if push_there; then
    SKIP='the state is this one already'
    return 1
  fi
  [ "$EMPTY_STATE" -eq 0 ] || [ -s "$PRIVATE/now.index" ] || return 0
  if [ "$SERIAL" -ge "$ERRORED_SERIAL" ] || { [ "$LINEAGE" != "$ERRORED_LINEAGE" ] && [ "$LINEAGE" != - ]; }; then
    stop "the errored state does not follow the state any more: serial $SERIAL, the errored one's is $ERRORED_SERIAL" "run reconcile plan again"
  fi
}

# rollback_empty: there was no state before the push, so an empty one is put in
# its place. AWS keeps what it held.
rollback_empty() {
  printf '{\n  "version": 4,\n  "serial": %d,\n  "lineage": "%s",\n  "outputs": {},\n  "resources": []\n}\n' $((SERIAL + 1)) "$LINEAGE"
}
