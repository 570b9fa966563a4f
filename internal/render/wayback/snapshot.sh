
# --- snapshot.sh --------------------------------------------------------------

usage() {
  cat <<'TEXT'
usage: bash snapshot.sh              prints what is copied where; runs no aws command
       bash snapshot.sh --execute    copies, and reads every copy again

It adds objects below the quarantine prefix and changes nothing else. Run it as
often as you like: what has been copied is compared and left alone.

exit codes: 0 done, 1 stopped or refused; the message says what to do
TEXT
}

print_plan() {
  local i
  say "$TITLE"
  say ''
  say "from  $SHOW_STATE"
  say "to    $SHOW_QUARANTINE"
  say ''
  for ((i = 0; i < ${#VERSIONS[@]}; i++)); do say "  ${VERSION_SHOW[i]}"; done
  for i in ${ROWS[@]+"${ROWS[@]}"}; do say "  $i"; done
  say ''
  say 'and the current version, if it is another one by then. To copy them:'
  printf '  bash %q --execute\n' "$0"
}

guard_versioning() {
  local said
  backend_role
  said=$(backend_aws s3api get-bucket-versioning --bucket "$BUCKET" --query Status --output text 2>"$PRIVATE/err") || {
    show_file "$PRIVATE/err"
    stop "whether the bucket keeps versions cannot be told" "the right for it is s3:GetBucketVersioning"
  }
  [ "$said" = Enabled ] || stop "the bucket does not keep versions (versioning: ${said:-never switched on})" \
    "the next write of the state would be the end of this one. Keep a copy: terraform state pull > state.before.tfstate; then switch versioning on: aws s3api put-bucket-versioning --bucket $SHOW_BUCKET --versioning-configuration Status=Enabled"
}

size_of() { wc -c <"$1" | tr -d ' '; }

# shellcheck disable=SC2317 # reached from a trap
leave() { :; } # it holds nothing that others wait for

# entry LABEL VERSION MODIFIED ETAG SIZE SHA NAME COPY_VERSION: one line of the
# manifest. NAME is made of this script's own characters.
entry() {
  local line
  line="    {\"what\": $(json_text "$1"), \"version\": $(json_text "$2"), \"modified\": $(json_text "$3"), \"etag\": $(json_text "$4"), \"size\": $5, \"sha256\": \"$6\", \"copy\": $(json_text "$7"), \"copy_version\": $(json_text "$8")}"
  ENTRIES="$ENTRIES${ENTRIES:+,$'\n'}$line"
}

# copy_version LABEL VERSION MODIFIED NAME
copy_version() {
  local sha size etag key=$QUARANTINE$4
  local -a sse
  look_at "$BUCKET" "$STATE_OBJECT" "$2" || stop "the version is not there any more: $2" "run reconcile snapshot again"
  etag=$H_ETAG sse=(${SSE[@]+"${SSE[@]}"})
  fetch "$BUCKET" "$STATE_OBJECT" "$2" "$PRIVATE/object" || stop "the version is not there any more: $2" "run reconcile snapshot again"
  sha=$F_SHA size=$(size_of "$PRIVATE/object")
  if look_at "$QUARANTINE_BUCKET" "$key"; then
    say "  there already: $1 ($2)"
  else
    backend_aws s3api copy-object --copy-source "$BUCKET/$STATE_OBJECT?versionId=$2" --bucket "$QUARANTINE_BUCKET" --key "$key" \
      ${sse[@]+"${sse[@]}"} >/dev/null 2>"$PRIVATE/err" || {
      show_file "$PRIVATE/err"
      stop "the version cannot be copied: $2" "the rights for it are s3:GetObjectVersion there and s3:PutObject on the quarantine prefix; run this again"
    }
    say "  copied: $1 ($2)"
  fi
  look_at "$QUARANTINE_BUCKET" "$key" || stop "the copy cannot be found again" "run this again"
  fetch "$QUARANTINE_BUCKET" "$key" '' "$PRIVATE/copy" || stop "the copy cannot be read again" "run this again"
  [ "$F_SHA" = "$sha" ] || stop "the copy is not what was copied: $(shown "$key")" "somebody wrote there; run reconcile snapshot again with another --quarantine"
  entry "$1" "$2" "$3" "$etag" "$size" "$sha" "$key" "$H_VERSION"
  rm -f "$PRIVATE/object" "$PRIVATE/copy"
}

# keep LABEL FILE NAME: puts a small file into the quarantine; one that is there
# is left alone.
keep() {
  local sha key=$QUARANTINE$3
  [ -s "$2" ] || return 0
  sha=$(sha256_of "$2")
  if ! backend_aws s3api put-object --bucket "$QUARANTINE_BUCKET" --key "$key" --body "$2" --content-type application/json --if-none-match '*' >/dev/null 2>"$PRIVATE/err"; then
    LC_ALL=C grep -q -e '(PreconditionFailed)' -e '(412)' "$PRIVATE/err" || {
      show_file "$PRIVATE/err"
      stop "the $1 cannot be put into the quarantine" "the right for it is s3:PutObject on the quarantine prefix; AWS CLI 2.17 or newer knows --if-none-match"
    }
    say "  there already: the $1 of the first run"
  else
    say "  kept: the $1"
  fi
  look_at "$QUARANTINE_BUCKET" "$key" || stop "the $1 cannot be found again" "run this again"
  fetch "$QUARANTINE_BUCKET" "$key" '' "$PRIVATE/copy" || stop "the $1 cannot be read again" "run this again"
  [ "$4" = once ] || [ "$F_SHA" = "$sha" ] || stop "the $1 in the quarantine is not what was put there" "run this again"
  entry "$1" '' '' "$H_ETAG" "$(size_of "$PRIVATE/copy")" "$F_SHA" "$key" "$H_VERSION"
}

keep_lock() {
  local form
  for form in ${LOCK_FORMS[@]+"${LOCK_FORMS[@]}"}; do
    case $form in
      dynamodb)
        keep_row "$LOCK_ROW_JSON" 'lock row' lock-row.json
        keep_row "$DIGEST_ROW_JSON" 'digest row' digest-row.json
        ;;
      s3) if fetch "$BUCKET" "$LOCK_OBJECT" '' "$PRIVATE/row"; then keep 'lock file' "$PRIVATE/row" lock-file.json once; else say '  none: the lock file'; fi ;;
    esac
  done
}

keep_row() { # ROW LABEL NAME
  backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$1}}" --output json >"$PRIVATE/row" 2>"$PRIVATE/err" || {
    show_file "$PRIVATE/err"
    stop "the $2 cannot be read" "the right for it is dynamodb:GetItem on the lock table"
  }
  if LC_ALL=C grep -q '"LockID"' "$PRIVATE/row"; then keep "$2" "$PRIVATE/row" "$3" once; else say "  none: the $2"; fi
}

manifest() {
  local at
  at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  {
    printf '{\n  "schema": "reconcile.snapshot/v1",\n  "incident": %s,\n  "at": "%s",\n  "bucket": %s,\n  "key": %s,\n' "$INCIDENT_JSON" "$at" "$BUCKET_JSON" "$STATE_OBJECT_JSON"
    printf '  "quarantine_bucket": %s,\n  "quarantine_prefix": %s,\n  "objects": [\n%s\n  ]\n}\n' "$QUARANTINE_BUCKET_JSON" "$QUARANTINE_JSON" "$ENTRIES"
  } >"$PRIVATE/manifest" || stop "$PRIVATE cannot be written" "check the disk"
  keep manifest "$PRIVATE/manifest" "manifest-${at//:/}.json" same
  { cp "$PRIVATE/manifest" "$OUT/snapshot.new" && mv "$OUT/snapshot.new" "$OUT/snapshot.json"; } || stop "$OUT/snapshot.json cannot be written" "check the disk"
}

snapshot() {
  local i now
  ENTRIES=''
  guard_versioning
  say ''
  for ((i = 0; i < ${#VERSIONS[@]}; i++)); do copy_version "${VERSION_WHAT[i]}" "${VERSIONS[i]}" "${VERSION_TIME[i]}" "${VERSION_NAME[i]}"; done
  if look_at "$BUCKET" "$STATE_OBJECT"; then
    now=$H_VERSION
    for ((i = 0; i < ${#VERSIONS[@]}; i++)); do [ "${VERSIONS[i]}" != "$now" ] || now=''; done
    case $now in
      '' | None) ;;
      *[!A-Za-z0-9._-]*) stop "the current version has an id that this script cannot name" "run reconcile snapshot again" ;;
      *) copy_version 'written after this script was made' "$now" '' "state-$now" ;;
    esac
  else
    say '  none: there is no state object now'
  fi
  keep_lock
  manifest
  say ''
  say "done: $SHOW_QUARANTINE, and $OUT/snapshot.json says what is there."
  say 'Next: reconcile plan'
}

main() {
  local execute=0
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --execute) execute=1 ;;
      *) stop "unknown argument: $(shown "$1")" "bash snapshot.sh --help" ;;
    esac
    shift
  done
  if [ "$execute" -eq 0 ]; then
    print_plan
    exit 0
  fi
  begin snapshot wc
  snapshot
}

main "$@"
exit
