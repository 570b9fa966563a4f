
# --- unlock.sh ----------------------------------------------------------------

usage() {
  cat <<'TEXT'
usage: bash unlock.sh
           prints the checklist; runs no terraform and no aws command
       bash unlock.sh --execute --incident ID [--without-terraform]
           asks for the lock's ID, releases it, and shows that it is gone

--incident ID        must be the incident of this script
--without-terraform  does not run terraform force-unlock; deletes the lock only
                     if it still has this ID (also done if terraform fails)

There is no --yes: the ID of the lock is typed. Run it again whenever it was
stopped: a lock that is gone is said to be gone.

exit codes: 0 the lock is gone
            1 stopped or refused, and the lock is as it was; the message says
              what to do
TEXT
}

print_checklist() {
  local line
  say "$TITLE"
  say ''
  say "the lock  $SHOW_LOCK"
  for line in ${CHECKLIST[@]+"${CHECKLIST[@]}"}; do say "  $line"; done
  if [ -n "$OVERRIDE" ]; then
    say ''
    say "*** OVERRIDE: $OVERRIDE"
    for line in ${OVERRIDDEN[@]+"${OVERRIDDEN[@]}"}; do say "***   $line"; done
  fi
}

# here: the folder, if terraform can be run there. A wrong workspace would be
# written to by the first command.
here() {
  TF_BIN=${TF_BIN:-terraform}
  command -v "$TF_BIN" >/dev/null 2>&1 || stop "$TF_BIN is not on PATH" "set TF_BIN for another terraform, or add --without-terraform"
  case $TF_BIN in
    /*) ;;
    */*) TF_BIN=$PWD/$TF_BIN ;;
  esac
  cd -- "$GUARD_DIR" 2>/dev/null || stop "the folder of the plan cannot be entered: $SHOW_DIR" "run this where the plan was made, or add --without-terraform"
  guard_environment
  guard_backend
}

# held -> FORMS_HELD: the forms in which the lock is there. Another ID stops.
held() {
  local form
  FORMS_HELD=()
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    read_lock "$form"
    [ "$LOCK_NOW" != '' ] || continue
    [ "$LOCK_NOW" = "$LOCK_ID" ] || stop "the state is locked by another run now: $(shown "$LOCK_NOW")" "wait for it, then run reconcile plan again; nothing was released"
    FORMS_HELD+=("$form")
  done
}

# same_state: is the state the one that was verified?
same_state() {
  local sha
  if [ "$STATE_CHECK" -eq 0 ]; then return 0; fi
  if ! fetch "$BUCKET" "$STATE_OBJECT" '' "$PRIVATE/object"; then
    [ "$VERIFIED_SHA" = none ] || stop "the state object is gone, and was there when it was verified" "reconcile versions shows what is left of it"
    return 0
  fi
  sha=$F_SHA
  { cat "$PRIVATE/object" && echo; } >"$PRIVATE/line" || stop "$PRIVATE cannot be written" "check the disk"
  [ "$sha" = "$VERIFIED_SHA" ] || [ "$(sha256_of "$PRIVATE/line")" = "$VERIFIED_SHA" ] ||
    stop "the state has been written since it was verified (serial $VERIFIED_SERIAL then)" "run reconcile verify and reconcile unlock again"
  rm -f "$PRIVATE/object" "$PRIVATE/line"
}

snapshot_taken() {
  [ "$SNAPSHOT_CHECK" -eq 1 ] || return 0
  if ! LC_ALL=C grep -q -F "\"schema\": \"reconcile.snapshot/v1\"" "$OUT/snapshot.json" 2>/dev/null ||
    ! LC_ALL=C grep -q -F "  \"key\": $STATE_OBJECT_JSON," "$OUT/snapshot.json" ||
    ! LC_ALL=C grep -q -F "  \"bucket\": $BUCKET_JSON," "$OUT/snapshot.json"; then
    stop "no snapshot of this state was taken into $OUT" "reconcile snapshot, and run its snapshot.sh"
  fi
}

# by_condition FORM: deletes the lock only if it is, to the letter, the one that
# was read a moment ago, and that one has the ID.
by_condition() {
  local info etag
  case $1 in
    dynamodb)
      info=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$LOCK_ROW_JSON}}" --query Item.Info --output json 2>"$PRIVATE/err") || info=''
      case $info in
        '' | null) stop "the lock's row cannot be read" "run this again" ;;
        *"\\\"ID\\\":\\\"$LOCK_ID\\\""*) ;;
        *) stop "the lock's row holds another ID" "nothing was released; run this again" ;;
      esac
      backend_aws dynamodb delete-item --table-name "$TABLE" --key "{\"LockID\":{\"S\":$LOCK_ROW_JSON}}" --condition-expression 'Info = :info' \
        --expression-attribute-values "{\":info\":$info}" >/dev/null 2>"$PRIVATE/err"
      ;;
    s3)
      look_at "$BUCKET" "$LOCK_OBJECT" || stop "the lock file has just gone" "run this again"
      etag=$H_ETAG
      fetch "$BUCKET" "$LOCK_OBJECT" '' "$PRIVATE/lock.json" || stop "the lock file has just gone" "run this again"
      [ "$(md5_of "$PRIVATE/lock.json")" = "$etag" ] || look_again "$etag"
      LC_ALL=C grep -q -F "\"ID\":\"$LOCK_ID\"" "$PRIVATE/lock.json" || stop "the lock file holds another ID" "nothing was released; run this again"
      backend_aws s3api delete-object --bucket "$BUCKET" --key "$LOCK_OBJECT" --if-match "\"$etag\"" >/dev/null 2>"$PRIVATE/err"
      ;;
  esac || {
    show_file "$PRIVATE/err"
    stop "the lock was not released: it is not the one that was read, or it may not be deleted" "run this again; if the rights are missing: dynamodb:DeleteItem on the lock table, s3:DeleteObject on the lock file"
  }
}

# look_again ETAG: an ETag that is no MD5 (encrypted objects): the same before
# and after the read will do.
look_again() {
  look_at "$BUCKET" "$LOCK_OBJECT" || stop "the lock file has just gone" "run this again"
  [ "$H_ETAG" = "$1" ] || stop "the lock file changes while it is read" "nothing was released; run this again"
}

release() {
  local form rc=0
  if [ "$OPT_PLAIN" -eq 0 ]; then
    "$TF_BIN" force-unlock -force "$LOCK_ID" </dev/null >"$PRIVATE/said" 2>&1
    rc=$?
    if [ "$rc" -ne 0 ]; then
      show_file "$PRIVATE/said"
      say 'terraform force-unlock failed; the lock is deleted on the condition that it has this ID.'
    fi
  fi
  held
  for form in ${FORMS_HELD[@]+"${FORMS_HELD[@]}"}; do by_condition "$form"; done
  held
  [ "${#FORMS_HELD[@]}" -eq 0 ] || stop "the lock is still there" "run this again"
}

# shellcheck disable=SC2317 # reached from a trap
leave() { if [ "$MUTEX_HELD" -eq 1 ]; then mutex_release; fi; }

main() {
  local execute=0
  OPT_INCIDENT='' OPT_PLAIN=0
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --execute) execute=1 ;;
      --without-terraform) OPT_PLAIN=1 ;;
      --incident=*) OPT_INCIDENT=${1#*=} ;;
      --incident)
        [ $# -ge 2 ] || stop "$1 needs a value" "bash unlock.sh --help"
        OPT_INCIDENT=$2
        shift
        ;;
      *) stop "unknown argument: $(shown "$1")" "bash unlock.sh --help" ;;
    esac
    shift
  done
  if [ "$execute" -eq 0 ]; then
    [ -z "$OPT_INCIDENT" ] || stop "--execute was not given" "without any argument the checklist is printed"
    print_checklist
    say ''
    say 'To release it:'
    printf '  bash %q %s\n' "$0" "$RUN_OPTIONS"
    exit 0
  fi
  want_incident
  MUTEX_HELD=0
  begin unlock
  if [ "$OPT_PLAIN" -eq 0 ]; then here; fi
  snapshot_taken
  held
  if [ "${#FORMS_HELD[@]}" -eq 0 ]; then
    say "The lock is gone: $SHOW_LOCK_ID was released before."
    exit 0
  fi
  mutex_take
  same_state
  say ''
  print_checklist
  say ''
  ask "Type the lock's ID to release it:" "$LOCK_ID" || stop "that is not the lock's ID, so nothing was released" "it is shown above; nothing was changed"
  same_state
  held
  release
  say ''
  say "The lock is gone: nothing holds $SHOW_STATE now."
  say 'Next: terraform plan, read it, terraform apply; then let the pipeline run again.'
}

main "$@"
exit
