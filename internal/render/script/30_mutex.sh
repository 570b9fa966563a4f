
# --- one responder at a time -------------------------------------------------

# own_folder: one process at a time in this folder; the token alone could not
# tell a second terminal from a resumed run.
own_folder() {
  local host pid
  { mkdir -p "$PRIVATE" && chmod 700 "$PRIVATE"; } || stop "$PRIVATE cannot be made" "check who owns the folder of this script"
  if ! mkdir "$PRIVATE/running" 2>/dev/null; then
    read -r host pid 2>/dev/null <"$PRIVATE/running/by" || host='' pid=''
    if [ "$host" != "$(uname -n)" ] || { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && ps -p "$pid" -o args= 2>/dev/null | grep -q 'reconcile'; }; then
      stop "another run of this script is at work: process ${pid:-not told} on ${host:-a host not told}" "wait for it; if it is dead, remove the folder $PRIVATE/running"
    fi
    mv "$PRIVATE/running" "$PRIVATE/running.$$" 2>/dev/null && rm -rf "$PRIVATE/running.$$"
    mkdir "$PRIVATE/running" 2>/dev/null || stop "another run of this script has just begun" "wait for it"
  fi
  OWN_FOLDER=1
  printf '%s %s\n' "$(uname -n)" "$$" >"$PRIVATE/running/by"
}

# With a role in the backend block, the state, the lock and the mutex are that
# role's business. Its keys stay in this process and its children.
backend_role() {
  local keys
  [ -n "$BACKEND_ROLE" ] || return 0
  [ "$ROLE_TAKEN" -eq 0 ] || [ $((SECONDS - ROLE_TAKEN)) -gt 2400 ] || return 0
  keys=$(aws sts assume-role ${ROLE_OPTS[@]+"${ROLE_OPTS[@]}"} --role-arn "$BACKEND_ROLE" --role-session-name reconcile \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text </dev/null 2>"$PRIVATE/err") || {
    show_file "$PRIVATE/err"
    stop "the role of the backend cannot be assumed" "check that these credentials may assume it"
  }
  read -r ROLE_KEY ROLE_SECRET ROLE_TOKEN <<EOF
$keys
EOF
  ROLE_TAKEN=$((SECONDS + 1))
}

# backend_aws s3api|dynamodb COMMAND ARG…: as the backend itself would call.
# Call backend_role before, outside of any $( ).
backend_aws() {
  local service=$1
  shift
  local -a call
  case $service in
    dynamodb) call=(aws dynamodb "$@" ${DDB_OPTS[@]+"${DDB_OPTS[@]}"}) ;;
    *) call=(aws s3api "$@" ${S3_OPTS[@]+"${S3_OPTS[@]}"}) ;;
  esac
  if [ -n "$BACKEND_ROLE" ]; then
    AWS_ACCESS_KEY_ID=$ROLE_KEY AWS_SECRET_ACCESS_KEY=$ROLE_SECRET AWS_SESSION_TOKEN=$ROLE_TOKEN "${call[@]}" </dev/null
  else
    "${call[@]}" </dev/null
  fi
}

mutex_token() {
  if [ ! -s "$PRIVATE/mutex" ]; then
    { random_token >"$PRIVATE/mutex.new" && mv "$PRIVATE/mutex.new" "$PRIVATE/mutex"; } || stop "$PRIVATE/mutex cannot be written" "check the disk"
  fi
  TOKEN=$(cat "$PRIVATE/mutex")
  case $TOKEN in
    *[!0-9a-f]* | '') stop "$PRIVATE/mutex does not hold a token" "remove it if no run of this script was interrupted" ;;
  esac
}

# What the mutex says of its holder. User and host are reduced to characters
# that need no escape in JSON.
mutex_info() {
  local who
  who=$(printf '%s@%s' "$(id -un 2>/dev/null)" "$(uname -n)" | LC_ALL=C tr -cd 'A-Za-z0-9@._-')
  INFO="{\"Tool\":\"reconcile\",\"Incident\":$INCIDENT_JSON,\"Who\":\"$who\",\"Created\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"Token\":\"$TOKEN\"}"
}

json_text() { # a string as a JSON literal: backslash and quote are all that INFO can hold
  printf '"%s"' "$(printf '%s' "$1" | LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')"
}

mutex_put() {
  case $MUTEX_FORM in
    dynamodb)
      backend_aws dynamodb put-item --table-name "$TABLE" --condition-expression 'attribute_not_exists(LockID)' \
        --item "{\"LockID\":{\"S\":$MUTEX_ROW_JSON},\"Info\":{\"S\":$(json_text "$INFO")},\"ReconcileToken\":{\"S\":\"$TOKEN\"}}" >/dev/null 2>"$PRIVATE/err"
      ;;
    s3)
      printf '%s\n' "$INFO" >"$PRIVATE/mutex.body"
      backend_aws s3api put-object --bucket "$BUCKET" --key "$MUTEX_OBJECT" --body "$PRIVATE/mutex.body" --if-none-match '*' >/dev/null 2>"$PRIVATE/err"
      ;;
    *)
      mkdir "$OUT/reconcile.mutex" 2>"$PRIVATE/err" && printf '%s\n' "$INFO" >"$OUT/reconcile.mutex/info"
      ;;
  esac
}

mutex_read() { # -> HOLDER, "" if there is none
  HOLDER=''
  case $MUTEX_FORM in
    dynamodb) HOLDER=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$MUTEX_ROW_JSON}}" --query Item.Info.S --output text 2>"$PRIVATE/err2") ;;
    s3)
      rm -f "$PRIVATE/mutex.held"
      backend_aws s3api get-object --bucket "$BUCKET" --key "$MUTEX_OBJECT" "$PRIVATE/mutex.held" >/dev/null 2>"$PRIVATE/err2" && HOLDER=$(cat "$PRIVATE/mutex.held")
      ;;
    *) [ ! -f "$OUT/reconcile.mutex/info" ] || HOLDER=$(cat "$OUT/reconcile.mutex/info") ;;
  esac
  [ "$HOLDER" != None ] || HOLDER=''
}

mutex_take() {
  backend_role
  mutex_token
  mutex_info
  if mutex_put; then
    MUTEX_HELD=1
    return 0
  fi
  mutex_read
  case $HOLDER in
    *"\"Token\":\"$TOKEN\""*)
      MUTEX_HELD=1 MUTEX_KEEP=1 # an interrupted run of this very script
      say 'resuming: the mutex beside the lock is our own'
      ;;
    '')
      show_file "$PRIVATE/err"
      stop "the mutex beside the lock cannot be taken" "check that these credentials may write there; nothing was changed"
      ;;
    *)
      printf '%s\n' "$HOLDER" | LC_ALL=C sed 's/"Token":"[0-9a-f]*"/"Token":"…"/' | clean | LC_ALL=C sed 's/^/  | /' >&2
      stop "another responder is at work on this state" "wait for them. If that run is dead, remove its mutex: $MUTEX_REMOVE"
      ;;
  esac
}

# shellcheck disable=SC2317 # reached from a trap
mutex_release() {
  backend_role
  case $MUTEX_FORM in
    dynamodb)
      backend_aws dynamodb delete-item --table-name "$TABLE" --key "{\"LockID\":{\"S\":$MUTEX_ROW_JSON}}" --condition-expression 'ReconcileToken = :t' \
        --expression-attribute-values "{\":t\":{\"S\":\"$TOKEN\"}}" >/dev/null 2>"$PRIVATE/err"
      ;;
    s3)
      mutex_read
      case $HOLDER in
        *"\"Token\":\"$TOKEN\""*) backend_aws s3api delete-object --bucket "$BUCKET" --key "$MUTEX_OBJECT" >/dev/null 2>"$PRIVATE/err" ;;
        *) false ;;
      esac
      ;;
    *) rm -rf "$OUT/reconcile.mutex" ;;
  esac || {
    warn "the mutex could not be released; remove it by hand: $MUTEX_REMOVE"
    return 0
  }
  MUTEX_HELD=0
  rm -f "$PRIVATE/mutex"
}

# --- the state's own lock ----------------------------------------------------

# read_lock FORM -> LOCK_NOW: the ID of the lock that is held, "" for none.
read_lock() {
  local info
  backend_role
  case $1 in
    dynamodb)
      info=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$LOCK_ROW_JSON}}" --query Item.Info.S --output text 2>"$PRIVATE/err") || {
        show_file "$PRIVATE/err"
        stop "the state's lock cannot be read" "renew the credentials and run this again; no command ran after the last journal line"
      }
      ;;
    s3)
      rm -f "$PRIVATE/lock.json"
      info=''
      if backend_aws s3api get-object --bucket "$BUCKET" --key "$LOCK_OBJECT" "$PRIVATE/lock.json" >/dev/null 2>"$PRIVATE/err"; then
        info=$(cat "$PRIVATE/lock.json")
      elif ! grep -q -e '(NoSuchKey)' -e '(404)' "$PRIVATE/err"; then
        show_file "$PRIVATE/err"
        stop "the state's lock cannot be read" "renew the credentials and run this again; no command ran after the last journal line"
      fi
      rm -f "$PRIVATE/lock.json"
      ;;
  esac
  LOCK_NOW=''
  [ "$info" != None ] && [ "$info" != '' ] || return 0
  LOCK_NOW=$(printf '%s' "$info" | LC_ALL=C tr '\n' ' ' | LC_ALL=C sed -n 's/^[^"]*{[^"]*"ID" *: *"\([^"]*\)".*/\1/p')
  [ -n "$LOCK_NOW" ] || LOCK_NOW='not told'
}

# lock_check: right before every command that writes or plans. -> LOCK_FLAGS
lock_check() {
  if [ "$LOCK_SEEN" -eq 1 ]; then
    read_lock "$LOCK_FORM"
    [ "$LOCK_NOW" != '' ] || stop "the lock that the plan saw is gone: somebody released it" "nothing more was run. Make the plan again"
    [ "$LOCK_NOW" = "$LOCK_ID" ] || stop "the state is locked by another run now: $(printf '%s' "$LOCK_NOW" | clean)" "nothing more was run. Wait for it, then make the plan again"
    LOCK_FLAGS=(-lock=false)
  else
    LOCK_FLAGS=(-lock-timeout=60s)
  fi
}

# lock_absent: where the plan saw no lock. Terraform takes the lock itself for
# each command, so one early look is enough.
lock_absent() {
  local form
  [ "$LOCK_SEEN" -eq 0 ] || return 0
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    read_lock "$form"
    [ "$LOCK_NOW" = '' ] || stop "the state is locked now, and was not when the plan was made: $(printf '%s' "$LOCK_NOW" | clean)" "wait for that run, then make the plan again"
  done
}
