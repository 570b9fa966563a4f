
# --- restore.sh ---------------------------------------------------------------

usage() {
  cat <<'TEXT'
usage: bash restore.sh
           prints what is put back; runs no aws command
       bash restore.sh --execute --incident ID [--holder-dead LOCK_ID] [--yes]
           puts the version in place, and sets the digest right

--incident ID         must be the incident of this script
--holder-dead LOCK_ID the run that holds this state lock is dead: you have looked.
                      Needed where a held lock was seen, refused elsewhere
--yes                 answers the question before it writes, and nothing else

Where no lock is held, it takes Terraform's own before it writes and releases it at
its end. Nothing is lost: the bucket keeps what was the current version. Run it again
whenever it was stopped: what is done is seen and left alone.

exit codes: 0 done, or nothing to do
            1 stopped or refused; the message says what to do
TEXT
}

print_plan() {
  say "$TITLE"
  say ''
  say "the state   $SHOW_STATE"
  say "is now      $SHOW_CURRENT"
  if [ "$DIGEST_ONLY" -eq 1 ]; then
    say 'and stays; only its digest is set right:'
  else
    say "goes back   $SHOW_TARGET"
    say "            as serial $NEW_SERIAL, so that no plan file that was made before it can be applied"
  fi
  [ -z "$TABLE" ] || say "the digest  $SHOW_DIGEST_ROW"
  say ''
  say 'To do it:'
  printf '  bash %q %s\n' "$0" "$RUN_OPTIONS"
}

# wanted -> $PRIVATE/wanted, W_SHA, W_MD5: the bytes that are to be in place.
wanted() {
  fetch "$BUCKET" "$STATE_OBJECT" "$TARGET" "$PRIVATE/target" || stop "the version is not there any more: $TARGET" "choose another: reconcile versions"
  [ "$F_SHA" = "$TARGET_SHA" ] || stop "the version is not what was looked at: its SHA-256 is $F_SHA" "run reconcile restore again"
  if [ "$DIGEST_ONLY" -eq 1 ]; then
    cp "$PRIVATE/target" "$PRIVATE/wanted" || stop "$PRIVATE cannot be written" "check the disk"
  else
    [ "$(LC_ALL=C grep -c '^  "serial": [0-9][0-9]*,$' "$PRIVATE/target")" = 1 ] ||
      stop "the version is not written as Terraform writes it, so its serial cannot be raised" "push it by hand: terraform state push, with a higher serial in it"
    LC_ALL=C sed -e "s/^  \"serial\": [0-9]*,\$/  \"serial\": $NEW_SERIAL,/" "$PRIVATE/target" >"$PRIVATE/wanted" || stop "$PRIVATE cannot be written" "check the disk"
  fi
  W_SHA=$(sha256_of "$PRIVATE/wanted") W_MD5=$(md5_of "$PRIVATE/wanted")
  case $W_MD5 in '' | *[!0-9a-f]*) stop "an MD5 cannot be computed" "install md5sum or openssl" ;; esac
}

put_back() {
  local -a when sse
  wanted
  if look_at "$BUCKET" "$STATE_OBJECT"; then
    when=(--if-match "\"$H_ETAG\"") sse=(${SSE[@]+"${SSE[@]}"})
    fetch "$BUCKET" "$STATE_OBJECT" '' "$PRIVATE/now" || stop "the state object has just gone" "run this again"
    if [ "$F_SHA" = "$W_SHA" ]; then
      say 'the state object: in place already'
      return 0
    fi
    [ "$H_VERSION" = "$CURRENT" ] || stop "the state has been written since this script was made: its version is $(shown "$H_VERSION")" "look at it with reconcile versions, then run reconcile restore again"
  else
    [ -z "$CURRENT" ] || stop "the state object is gone, and was there when this script was made" "run reconcile restore again"
    when=(--if-none-match '*')
    look_at "$BUCKET" "$STATE_OBJECT" "$TARGET" || stop "the version is not there any more: $TARGET" "choose another: reconcile versions"
    sse=(${SSE[@]+"${SSE[@]}"})
  fi
  [ "$DIGEST_ONLY" -eq 0 ] || stop "the state has been written since this script was made" "look at it with reconcile versions, then run reconcile restore again"
  say ''
  say "This puts back $SHOW_TARGET, as serial $NEW_SERIAL."
  [ "$OPT_YES" -eq 1 ] || ask 'Put it in place? (y/N)' y || stop "stopped before the state was written" "nothing was changed"
  hold_lock
  backend_aws s3api put-object --bucket "$BUCKET" --key "$STATE_OBJECT" --body "$PRIVATE/wanted" --content-type application/json \
    ${sse[@]+"${sse[@]}"} "${when[@]}" >/dev/null 2>"$PRIVATE/err" || {
    show_file "$PRIVATE/err"
    stop "the state could not be put in place" "if somebody has written it meanwhile, run reconcile restore again; AWS CLI 2.22 or newer knows --if-match"
  }
  fetch "$BUCKET" "$STATE_OBJECT" '' "$PRIVATE/now" || stop "the state object cannot be read again" "run this again"
  [ "$F_SHA" = "$W_SHA" ] || stop "the state object is not what was put there" "somebody has written it meanwhile: reconcile versions"
  say "the state object: put in place, serial $NEW_SERIAL"
}

read_digest() { # -> DIGEST_NOW, "" for none
  backend_role
  DIGEST_NOW=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$DIGEST_ROW_JSON}}" --query Item.Digest.S --output text 2>"$PRIVATE/err") || {
    show_file "$PRIVATE/err"
    stop "the digest cannot be read" "the right for it is dynamodb:GetItem on the lock table; run this again"
  }
  [ "$DIGEST_NOW" != None ] || DIGEST_NOW=''
}

# mend_digest: only where the row still says what was read a moment ago, and the
# object is the one that is wanted.
mend_digest() {
  [ -n "$TABLE" ] || return 0
  read_digest
  case $DIGEST_NOW in
    '')
      say 'the digest: there is none, so Terraform does not check'
      return 0
      ;;
    "$W_MD5")
      say 'the digest: right already'
      return 0
      ;;
    *[!0-9a-f]*) stop "the digest's row holds something else than a digest" "look at it: $SHOW_DIGEST_ROW" ;;
  esac
  if [ "$DIGEST_ONLY" -eq 1 ]; then
    say ''
    say "This sets the digest from $DIGEST_NOW to $W_MD5, the object's."
    [ "$OPT_YES" -eq 1 ] || ask 'Set it? (y/N)' y || stop "stopped before the digest was written" "nothing was changed"
  fi
  hold_lock
  backend_aws dynamodb update-item --table-name "$TABLE" --key "{\"LockID\":{\"S\":$DIGEST_ROW_JSON}}" \
    --update-expression 'SET Digest = :new' --condition-expression 'Digest = :old' \
    --expression-attribute-values "{\":new\":{\"S\":\"$W_MD5\"},\":old\":{\"S\":\"$DIGEST_NOW\"}}" >/dev/null 2>"$PRIVATE/err" || {
    show_file "$PRIVATE/err"
    stop "the digest could not be set" "if somebody has changed it meanwhile, run this again"
  }
  read_digest
  [ "$DIGEST_NOW" = "$W_MD5" ] || stop "the digest is not what was set" "somebody has written it meanwhile: run this again"
  say "the digest: set to $W_MD5"
}

# guard_lock: nobody else's lock, before anything is written.
guard_lock() {
  local form
  if [ "$LOCK_SEEN" -eq 1 ]; then
    read_lock "$LOCK_FORM"
    [ "$LOCK_NOW" != '' ] || stop "the lock that was seen is gone: somebody released it" "run reconcile restore again"
    [ "$LOCK_NOW" = "$LOCK_ID" ] || stop "the state is locked by another run now: $(shown "$LOCK_NOW")" "wait for it, then run reconcile restore again"
    return 0
  fi
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    read_lock "$form"
    [ "$LOCK_NOW" = '' ] || [ "$LOCK_NOW" = "$OWN_LOCK" ] || locked_now
  done
}

locked_now() { stop "the state is locked now, and was not when this script was made: $(shown "$LOCK_NOW")" "wait for that run, then run reconcile restore again"; }

# own_lock -> OWN_LOCK: the ID of the lock that this script takes. It follows from
# the mutex's token, so a run that was killed knows its lock again.
own_lock() {
  local token=''
  OWN_LOCK=''
  [ ! -s "$PRIVATE/mutex" ] || token=$(cat "$PRIVATE/mutex")
  case $token in '' | *[!0-9a-f]*) return 0 ;; esac
  OWN_LOCK=${token:0:8}-${token:8:4}-${token:12:4}-${token:16:4}-${token:20}
}

# hold_lock: right before each write. The stale lock that was seen keeps
# everybody out; where there is none this takes Terraform's own, as Terraform
# does, so that no run can read the old state and write over the new one.
hold_lock() {
  local form
  if [ "$LOCK_SEEN" -eq 1 ]; then
    guard_lock
    return 0
  fi
  own_lock
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    read_lock "$form"
    [ "$LOCK_NOW" != "$OWN_LOCK" ] || { own_form "$form" && continue; }
    [ "$LOCK_NOW" = '' ] || locked_now
    case $OWN_FORMS in *" $form "*) stop "the lock that this script had taken is gone: somebody released it" "whoever did may be writing: look at it with reconcile lock, then run reconcile restore again" ;; esac
    lock_put "$form" || {
      show_file "$PRIVATE/err"
      read_lock "$form"
      [ "$LOCK_NOW" = '' ] || [ "$LOCK_NOW" = "$OWN_LOCK" ] || locked_now
      [ "$LOCK_NOW" != '' ] || stop "the state's lock cannot be taken" "the rights for it are dynamodb:PutItem on the lock table, s3:PutObject on the lock file; the state was not written"
      say "the state's lock: taken, only the answer was lost"
    }
    own_form "$form"
  done
}

own_form() { case $OWN_FORMS in *" $1 "*) ;; *) OWN_FORMS="$OWN_FORMS$1 " ;; esac }

# lock_put FORM: only if there is none.
lock_put() {
  local info
  info="{\"ID\":\"$OWN_LOCK\",\"Operation\":\"reconcile restore\",\"Info\":$INCIDENT_JSON,\"Who\":\"$(who_here)\",\"Version\":\"\",\"Created\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"Path\":$LOCK_ROW_JSON}"
  case $1 in
    dynamodb)
      backend_aws dynamodb put-item --table-name "$TABLE" --condition-expression 'attribute_not_exists(LockID)' \
        --item "{\"LockID\":{\"S\":$LOCK_ROW_JSON},\"Info\":{\"S\":$(json_text "$info")},\"ReconcileToken\":{\"S\":\"$TOKEN\"}}" >/dev/null 2>"$PRIVATE/err"
      ;;
    s3)
      printf '%s' "$info" >"$PRIVATE/lock.body"
      backend_aws s3api put-object --bucket "$BUCKET" --key "$LOCK_OBJECT" --body "$PRIVATE/lock.body" --content-type application/json --if-none-match '*' >/dev/null 2>"$PRIVATE/err"
      ;;
  esac
}

# lock_release: what this script took, also where it was killed after that or
# where the answer to the taking was lost.
# shellcheck disable=SC2317 # reached from a trap
lock_release() {
  local form said tag id
  [ "$LOCK_SEEN" -eq 0 ] || return 0
  own_lock
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    said=$(lock_tag "$form") || said='- ?'
    read -r tag id <<EOF
$said
EOF
    case $id in
      "$OWN_LOCK") lock_delete "$form" "$tag" ;;
      '?') false ;; # it could not be read
      *) case $OWN_FORMS in *" $form "*) false ;; esac ;;
    esac || warn "the state's lock could not be released: look at it with reconcile lock; if it still is $OWN_LOCK: terraform force-unlock $OWN_LOCK"
  done
  OWN_FORMS=' '
}

# lock_tag FORM: the ETag of the lock and its ID, in this order: a lock that
# comes between the two has another ETag, and is not deleted by this one.
# shellcheck disable=SC2317 # reached from a trap
lock_tag() {
  H_ETAG=-
  [ "$1" != s3 ] || look_at "$BUCKET" "$LOCK_OBJECT" || return 0
  read_lock "$1"
  printf '%s %s\n' "$H_ETAG" "$LOCK_NOW"
}

# shellcheck disable=SC2317 # reached from a trap
lock_delete() { # FORM ETAG
  backend_role
  case $1 in
    dynamodb)
      backend_aws dynamodb delete-item --table-name "$TABLE" --key "{\"LockID\":{\"S\":$LOCK_ROW_JSON}}" --condition-expression 'ReconcileToken = :t' \
        --expression-attribute-values "{\":t\":{\"S\":\"$TOKEN\"}}" >/dev/null 2>"$PRIVATE/err"
      ;;
    s3) backend_aws s3api delete-object --bucket "$BUCKET" --key "$LOCK_OBJECT" --if-match "\"$2\"" >/dev/null 2>"$PRIVATE/err" ;;
  esac
}

# shellcheck disable=SC2317 # reached from a trap
leave() {
  if [ "$MUTEX_HELD" -eq 1 ]; then
    lock_release
    mutex_release
  fi
}

main() {
  local execute=0
  OPT_INCIDENT='' OPT_DEAD='' OPT_YES=0
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --execute) execute=1 ;;
      --yes) OPT_YES=1 ;;
      --incident=*) OPT_INCIDENT=${1#*=} ;;
      --holder-dead=*) OPT_DEAD=${1#*=} ;;
      --incident | --holder-dead)
        [ $# -ge 2 ] || stop "$1 needs a value" "bash restore.sh --help"
        if [ "$1" = --incident ]; then OPT_INCIDENT=$2; else OPT_DEAD=$2; fi
        shift
        ;;
      *) stop "unknown argument: $(shown "$1")" "bash restore.sh --help" ;;
    esac
    shift
  done
  if [ "$execute" -eq 0 ]; then
    [ -z "$OPT_INCIDENT$OPT_DEAD" ] || stop "--execute was not given" "without any argument it prints what is put back"
    print_plan
    exit 0
  fi
  want_incident
  if [ "$LOCK_SEEN" -eq 1 ]; then
    [ -n "$OPT_DEAD" ] || stop "a held state lock was seen: $SHOW_LOCK" "if you have made sure that this run is dead, add --holder-dead and the lock's ID"
    [ "$OPT_DEAD" = "$LOCK_ID" ] || stop "--holder-dead names another lock than was seen: $SHOW_LOCK" "if the lock has changed hands, somebody is at work: wait for them"
    [ "$LOCK_FORM" != none ] || stop "the held lock cannot be read again before the write" "name the lock table or the lock file: reconcile restore --help"
  else
    [ -z "$OPT_DEAD" ] || stop "--holder-dead was given, but no held lock was seen" "leave it out; if there is a lock now, run reconcile restore again"
  fi
  if [ "$OPT_YES" -eq 0 ] && ! [ -t 0 ]; then
    stop "standard input is no terminal, so nothing can be asked" "add --yes after reading what is put back"
  fi
  MUTEX_HELD=0 OWN_FORMS=' '
  begin restore
  own_lock
  guard_lock
  mutex_take
  put_back
  mend_digest
  say ''
  say 'done. Next: reconcile plan, with the state as it is now'
}

main "$@"
exit
