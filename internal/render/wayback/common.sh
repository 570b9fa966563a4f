
# --- shared by snapshot.sh, restore.sh and unlock.sh --------------------------

# begin NAME TOOL…: what each of them does first.
begin() {
  local name=$1
  shift
  OUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P) || stop "the folder of this script cannot be entered" "check who owns it"
  PRIVATE=$OUT/private/$name
  OWN_FOLDER=0 ROLE_TAKEN=0 MODE=$name
  trap at_exit EXIT
  trap 'interrupted SIGINT' INT
  trap 'interrupted SIGTERM' TERM
  trap 'interrupted SIGHUP' HUP
  need_tools aws awk sed grep cmp od tr "$@"
  guard_environment
  own_folder
  guard_caller
}

# shellcheck disable=SC2317 # reached from a trap
interrupted() {
  printf '\n' >&2
  stop "interrupted by $1 between two commands" "run it again with the same arguments"
}

# What was read of the state holds secrets: it goes with the run.
# shellcheck disable=SC2317 # reached from a trap
at_exit() {
  local rc=$?
  trap '' INT TERM HUP
  if [ "$OWN_FOLDER" -eq 1 ]; then
    leave
    rm -rf "$PRIVATE"
    rmdir "$OUT/private" 2>/dev/null || true # only if this run made it
  fi
  exit "$rc"
}

want_incident() {
  [ -n "$OPT_INCIDENT" ] || stop "--incident is missing" "name the incident: $SHOW_INCIDENT"
  [ "$OPT_INCIDENT" = "$INCIDENT" ] || stop "--incident is not the incident of this script, $SHOW_INCIDENT" "check that this is the right folder"
}

missing() { LC_ALL=C grep -q -e '(NoSuchKey)' -e '(404)' -e '(NoSuchVersion)' "$PRIVATE/err"; }

# look_at BUCKET KEY [VERSION] -> H_ETAG H_VERSION and SSE, the arguments
# that encrypt a copy as the object is encrypted. 1: it is not there.
look_at() {
  local said cipher key
  local -a at
  at=()
  [ -z "${3-}" ] || at=(--version-id "$3")
  backend_role
  said=$(backend_aws s3api head-object --bucket "$1" --key "$2" ${at[@]+"${at[@]}"} \
    --query '[ETag,VersionId,ServerSideEncryption,SSEKMSKeyId]' --output text 2>"$PRIVATE/err") || {
    if missing; then return 1; fi
    show_file "$PRIVATE/err"
    stop "an object cannot be looked at: $(shown "$2")" "check the credentials and the rights; nothing more was run"
  }
  # shellcheck disable=SC2034 # not every script asks for the version
  read -r H_ETAG H_VERSION cipher key <<EOF
$said
EOF
  H_ETAG=${H_ETAG//\"/}
  SSE=()
  case $cipher in
    '' | None) ;;
    *)
      SSE=(--server-side-encryption "$cipher")
      [ "$key" = None ] || [ -z "$key" ] || SSE+=(--ssekms-key-id "$key")
      ;;
  esac
}

# fetch BUCKET KEY VERSION FILE -> FILE, F_SHA. 1: it is not there.
fetch() {
  local -a at
  at=()
  [ -z "$3" ] || at=(--version-id "$3")
  rm -f "$4"
  backend_role
  backend_aws s3api get-object --bucket "$1" --key "$2" ${at[@]+"${at[@]}"} "$4" >/dev/null 2>"$PRIVATE/err" || {
    rm -f "$4"
    if missing; then return 1; fi
    show_file "$PRIVATE/err"
    stop "an object cannot be read: $(shown "$2")" "check the credentials and the rights; nothing more was run"
  }
  F_SHA=$(sha256_of "$4")
  [ -n "$F_SHA" ] || stop "a SHA-256 cannot be computed" "check $SHA_TOOL"
}

shown() { printf '%s' "$1" | clean; }
