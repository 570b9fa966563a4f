
# --- the state's own lock ----------------------------------------------------

# read_lock FORM -> LOCK_NOW: the ID of the lock that is held, "" for none.
read_lock() {
  local info
  backend_role
  case $1 in
    dynamodb)
      info=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$LOCK_ROW_JSON}}" --query Item.Info.S --output text 2>"$PRIVATE/err") || {
        show_file "$PRIVATE/err"
        stop "the state's lock cannot be read" "renew the credentials and run this again; nothing more was run"
      }
      ;;
    s3)
      rm -f "$PRIVATE/lock.json"
      info=''
      if backend_aws s3api get-object --bucket "$BUCKET" --key "$LOCK_OBJECT" "$PRIVATE/lock.json" >/dev/null 2>"$PRIVATE/err"; then
        info=$(cat "$PRIVATE/lock.json")
      elif ! grep -q -e '(NoSuchKey)' -e '(404)' "$PRIVATE/err"; then
        show_file "$PRIVATE/err"
        stop "the state's lock cannot be read" "renew the credentials and run this again; nothing more was run"
      fi
      rm -f "$PRIVATE/lock.json"
      ;;
  esac
  LOCK_NOW=''
  [ "$info" != None ] && [ "$info" != '' ] || return 0
  local id='^[^"]*\{[^"]*"ID" *: *"([^"]*)"'
  info=${info//$'\n'/ }
  [[ $info =~ $id ]] && LOCK_NOW=${BASH_REMATCH[1]}
  [ -n "$LOCK_NOW" ] || LOCK_NOW='not told'
}

# lock_check: right before every command that writes or plans. -> LOCK_FLAGS
lock_check() {
  if [ "$LOCK_SEEN" -eq 1 ]; then
    read_lock "$LOCK_FORM"
    [ "$LOCK_NOW" != '' ] || stop "the lock that the plan saw is gone: somebody released it" "run reconcile plan again; nothing more was run"
    [ "$LOCK_NOW" = "$LOCK_ID" ] || stop "the state is locked by another run now: $(printf '%s' "$LOCK_NOW" | clean)" "wait for it, then run reconcile plan again; nothing more was run"
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
    [ "$LOCK_NOW" = '' ] || stop "the state is locked now, and was not when the plan was made: $(printf '%s' "$LOCK_NOW" | clean)" "wait for that run, then run reconcile plan again"
  done
}
