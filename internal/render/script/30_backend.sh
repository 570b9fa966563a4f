
# --- one responder at a time -------------------------------------------------

# own_folder: one process at a time in this folder; the token alone could not
# tell a second terminal from a resumed run.
own_folder() {
  local host pid
  { mkdir -p "$PRIVATE" && chmod 700 "$PRIVATE"; } || stop "$PRIVATE cannot be made" "check who owns the folder of this script"
  if ! mkdir "$PRIVATE/running" 2>/dev/null; then
    read -r host pid 2>/dev/null <"$PRIVATE/running/by" || host='' pid=''
    if [ "$host" != "$(uname -n)" ] || { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && ps -p "$pid" -o args= 2>/dev/null | grep -q -e reconcile -e snapshot.sh -e restore.sh -e unlock.sh; }; then
      stop "another run of this script is at work: process ${pid:-not told} on ${host:-a host not told}" "wait for it; if it is dead, remove the folder $PRIVATE/running"
    fi
    mv "$PRIVATE/running" "$PRIVATE/running.$$" 2>/dev/null && rm -rf "$PRIVATE/running.$$"
    mkdir "$PRIVATE/running" 2>/dev/null || stop "another run of this script has just begun" "wait for it"
  fi
  OWN_FOLDER=1
  printf '%s %s\n' "$(uname -n)" "$$" >"$PRIVATE/running/by"
}

# external_id -> EXTERNAL_ID: what the backend's role asks for. It is in no file
# of reconcile: the environment has it, or terraform init's record of the backend.
external_id() {
  local record=${TF_DATA_DIR:-.terraform}/terraform.tfstate
  EXTERNAL_ID=${RECONCILE_EXTERNAL_ID-}
  if [ -z "$EXTERNAL_ID" ] && [ -n "${GUARD_DIR-}" ]; then
    case $record in /*) ;; *) record=$GUARD_DIR/$record ;; esac
    [ ! -f "$record" ] || EXTERNAL_ID=$(LC_ALL=C sed -n 's/^ *"external_id": *"\(.*\)",\{0,1\}$/\1/p' "$record" | LC_ALL=C sort -u)
  fi
  case $EXTERNAL_ID in
    *[!A-Za-z0-9_+=,.@:/-]*) stop "the external id of the backend's role cannot be told" "give it in the environment: RECONCILE_EXTERNAL_ID" ;;
  esac
}

# With a role in the backend block, the state, the lock and the mutex are that
# role's business. Its keys stay in this process and its children.
backend_role() {
  local keys
  [ -n "$BACKEND_ROLE" ] || return 0
  [ "$ROLE_TAKEN" -eq 0 ] || [ $((SECONDS - ROLE_TAKEN)) -gt "$ROLE_RENEW" ] || return 0
  external_id
  { printf '{%s' "${EXTERNAL_ID:+\"ExternalId\":\"$EXTERNAL_ID\",}" && printf '%s\n' "$ROLE_REQUEST"; } >"$PRIVATE/role.json" ||
    stop "$PRIVATE cannot be written" "check the disk"
  # From there: the AWS CLI expands variables in the name of a file.
  keys=$(cd -- "$PRIVATE" && aws sts assume-role ${ROLE_OPTS[@]+"${ROLE_OPTS[@]}"} --cli-input-json file://role.json \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text </dev/null 2>"$PRIVATE/err") || {
    rm -f "$PRIVATE/role.json"
    show_file "$PRIVATE/err"
    stop "the role of the backend cannot be assumed" "check that these credentials may assume it; if it asks for an external id, give that in the environment: RECONCILE_EXTERNAL_ID"
  }
  rm -f "$PRIVATE/role.json"
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
