
# --- the mutex beside the lock -----------------------------------------------

mutex_token() {
  if [ ! -s "$PRIVATE/mutex" ]; then
    { random_token >"$PRIVATE/mutex.new" && mv "$PRIVATE/mutex.new" "$PRIVATE/mutex"; } || stop "$PRIVATE/mutex cannot be written" "check the disk"
  fi
  TOKEN=$(cat "$PRIVATE/mutex")
  case $TOKEN in
    *[!0-9a-f]* | '') stop "$PRIVATE/mutex does not hold a token" "remove it if no run of this script was interrupted" ;;
  esac
}

# who_here: user and host, reduced to characters that need no escape in JSON.
who_here() { printf '%s@%s' "$(id -un 2>/dev/null)" "$(uname -n)" | LC_ALL=C tr -cd 'A-Za-z0-9@._-'; }

# What the mutex says of its holder.
mutex_info() {
  INFO="{\"Tool\":\"reconcile\",\"Incident\":$INCIDENT_JSON,\"Who\":\"$(who_here)\",\"Created\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"Token\":\"$TOKEN\"}"
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
      # shellcheck disable=SC2034 # reconcile.sh keeps the mutex over a resume
      MUTEX_HELD=1 MUTEX_KEEP=1 # an interrupted run of this very script
      say 'resuming: the mutex beside the lock is our own'
      ;;
    '')
      show_file "$PRIVATE/err"
      stop "the mutex beside the lock cannot be taken" "check that these credentials may write there; nothing was changed"
      ;;
    *)
      printf '%s\n' "$HOLDER" | LC_ALL=C sed 's/"Token":"[0-9a-f]*"/"Token":"…"/' | clean | LC_ALL=C sed 's/^/  | /' >&2
      stop "another responder is at work on this state" "wait for them; if that run is dead, remove its mutex: $MUTEX_REMOVE"
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
