
# --- guards: by text alone, before any terraform command ---------------------

guard_request() {
  [ "$EXECUTABLE" -eq 1 ] || stop "this script may not run: $WHY_NOT" "make the plan again with what is missing"
  if [ "$MODE" = rehearse ]; then
    [ -z "$OPT_DEAD$OPT_INCIDENT" ] || stop "--rehearse takes neither --incident nor --holder-dead: it writes nothing real" "leave them out"
    guard_plan
    return 0
  fi
  [ -n "$OPT_INCIDENT" ] || stop "--incident is missing" "name the incident of this plan: $SHOW_INCIDENT"
  [ "$OPT_INCIDENT" = "$INCIDENT" ] || stop "--incident is not the incident of this plan, $SHOW_INCIDENT" "check that this is the right folder"
  if [ "$LOCK_SEEN" -eq 1 ]; then
    [ -n "$OPT_DEAD" ] || stop "the plan saw a held state lock: $SHOW_LOCK" "if you have made sure that this run is dead, add --holder-dead and the lock's ID"
    [ "$OPT_DEAD" = "$LOCK_ID" ] || stop "--holder-dead names another lock than the plan saw: $SHOW_LOCK" "if the lock has changed hands, somebody is at work: make the plan again when they are done"
    [ "$LOCK_FORM" != none ] || stop "the held lock cannot be read again before each step" "the plan found no S3 backend with a lock table or lock file"
  else
    [ -z "$OPT_DEAD" ] || stop "--holder-dead was given, but the plan saw no held lock" "leave it out; if there is a lock now, make the plan again"
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
      stop "step $((i + 1)) would remove an address and names no way to ask AWS once more" "make the plan again; nothing was changed"
  done
}

guard_environment() {
  local v
  for v in ${!TF_CLI_ARGS*}; do unset "$v"; done
  export TF_IN_AUTOMATION=1 TF_INPUT=0 AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
  # Version 1 of the AWS CLI reads the older name only.
  [ -z "${AWS_REGION-}" ] || export AWS_DEFAULT_REGION="$AWS_REGION"
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
    [ -f "./$f" ] || stop "a file that the plan was made from is gone: $f" "check the directory out as it was, or make the plan again"
    [ "$(sha256_of "./$f")" = "${FILE_SHA[i]}" ] || stop "a file has changed since the plan was made: $f" "put it back, or make the plan again"
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
      [ "$known" -eq 1 ] || stop "a file has appeared since the plan was made: $f" "move it away, or make the plan again"
    done
  done
}

# backend_value NAME: a backend setting of the record, as a JSON literal. The
# record may hold credentials: only the named line is read.
backend_value() {
  NAME="\"$1\": " LC_ALL=C awk '
    /^ *"backend": \{/ { on = 1; next }
    on && /^ *"type": / && typ == "" { typ = substr($0, index($0, ": ") + 2); sub(/,$/, "", typ); if (ENVIRON["NAME"] == "\"type\": ") { print typ; exit } }
    on && /^ *"config": \{/ { match($0, /^ */); depth = RLENGTH; inside = 1; next }
    inside { match($0, /^ */); if (RLENGTH <= depth) exit; if (!deep) deep = RLENGTH
      rest = substr($0, RLENGTH + 1)
      if (RLENGTH == deep && index(rest, ENVIRON["NAME"]) == 1) { v = substr(rest, length(ENVIRON["NAME"]) + 1); sub(/,$/, "", v); print v; exit } }
  ' "$RECORD" 2>/dev/null
}

guard_backend() {
  local i got workspace
  RECORD=${TF_DATA_DIR:-.terraform}/terraform.tfstate
  if [ "$BACKEND_TYPE" = '' ]; then
    [ ! -f "$RECORD" ] || [ "$(backend_value type)" = '"local"' ] || [ "$(backend_value type)" = '' ] ||
      stop "this directory has a backend now; the plan was made without one" "make the plan again"
    return 0
  fi
  [ -f "$RECORD" ] || stop "$RECORD is missing: the directory is not initialised" "run terraform init with the backend settings of the incident"
  for ((i = 0; i < ${#BACKEND_NAMES[@]}; i++)); do
    got=$(backend_value "${BACKEND_NAMES[i]}")
    if [ "$got" = '' ] || [ "$got" = null ]; then
      # A region may come from the environment; the plan recorded what it was.
      [ "${BACKEND_NAMES[i]}" != region ] || continue
      got='""'
    fi
    # The record may be written with or without HTML escapes.
    [ "$got" = "${BACKEND_VALUES[i]}" ] || [ "$got" = "${BACKEND_PLAIN[i]}" ] ||
      stop "the backend's ${BACKEND_NAMES[i]} in $RECORD is not the one of the plan" "initialise the directory for the incident's backend, or make the plan again"
  done
  workspace=default
  [ ! -s "${TF_DATA_DIR:-.terraform}/environment" ] || workspace=$(cat "${TF_DATA_DIR:-.terraform}/environment")
  workspace=${TF_WORKSPACE:-$workspace}
  # A wrong name would write an empty state with the very first command.
  [ "$workspace" = "$WORKSPACE" ] || stop "the workspace is not the one of the plan" "unset TF_WORKSPACE, or set it to the plan's: $SHOW_WORKSPACE"
}

guard_version() {
  local line product version
  line=$("$TF_BIN" version </dev/null 2>/dev/null | sed -n 1p)
  product=${line%% *}
  version=$(printf '%s\n' "$line" | sed -n 's/^[A-Za-z]* v\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p')
  [ -n "$version" ] || stop "$TF_BIN version says nothing that can be read" "set TF_BIN to terraform or tofu"
  TF_IS="$product $version" BLOCKS_WORK=0
  case $TF_IS in
    'Terraform 0.'* | 'Terraform 1.'[0-4].* | 'OpenTofu 0.'* | 'OpenTofu 1.'[0-5].*) ;;
    'Terraform '* | 'OpenTofu '*) BLOCKS_WORK=1 ;;
  esac
  [ -n "$TF_VERSION" ] && [ "$version" != "$TF_VERSION" ] || return 0
  if [ "$product" = Terraform ]; then
    stop "$TF_BIN is version $version, the plan was made for $TF_VERSION" "set TF_BIN to Terraform $TF_VERSION, or make the plan again"
  fi
  warn "$product $version runs a plan that was made for $TF_VERSION"
}

guard_text() {
  cd -- "$GUARD_DIR" 2>/dev/null || stop "the directory of the plan cannot be entered: $SHOW_DIR" "run this where the plan was made"
  guard_environment
  [ "$MODE" = rollback ] || guard_files
  guard_backend
  guard_version
}

# --- who is calling ----------------------------------------------------------

epoch_of() { # an RFC 3339 time; date(1) differs between systems
  printf '%s\n' "$1" | LC_ALL=C awk '
    match($0, /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) {
      y = substr($0, 1, 4) + 0; m = substr($0, 6, 2) + 0; d = substr($0, 9, 2) + 0
      off = 0; z = substr($0, RLENGTH + 1); sub(/^\.[0-9]+/, "", z)
      if (z ~ /^[+-][0-9][0-9]:?[0-9][0-9]/) { s = substr(z, 1, 1); gsub(/[^0-9]/, "", z); off = substr(z, 1, 2) * 3600 + substr(z, 3, 2) * 60; if (s == "-") off = -off }
      if (m <= 2) { y--; m += 12 }
      days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
      printf "%d\n", days * 86400 + substr($0, 12, 2) * 3600 + substr($0, 15, 2) * 60 + substr($0, 18, 2) - off
    }'
}

show_credential_life() {
  local until=${AWS_CREDENTIAL_EXPIRATION-} at left
  if [ -z "$until" ] && [ -z "${AWS_ACCESS_KEY_ID-}" ]; then
    until=$(AWS_MAX_ATTEMPTS=1 aws configure export-credentials --format env-no-export </dev/null 2>/dev/null | LC_ALL=C sed -n 's/^AWS_CREDENTIAL_EXPIRATION=//p')
  fi
  at=$(epoch_of "$until")
  if [ -z "$at" ]; then
    say 'credentials: how long they live is not told'
    return 0
  fi
  left=$(((at - $(date +%s)) / 60))
  say "credentials: $left minutes left"
  [ "$left" -ge 15 ] || warn "the credentials end in $left minutes; renew them first if there are many steps"
}

show_state_right() { # ARN of the caller
  local arn=$1 said
  [ "$BACKEND_TYPE" = s3 ] || return 0
  case $arn in
    *:assumed-role/*) arn=$(printf '%s\n' "$arn" | sed -e 's/:sts:/:iam:/' -e 's/:assumed-role\/\([^/]*\)\/.*/:role\/\1/') ;;
  esac
  # One short attempt: it is only told, never needed.
  said=$(AWS_MAX_ATTEMPTS=1 aws iam simulate-principal-policy --cli-connect-timeout 5 --cli-read-timeout 10 --policy-source-arn "$arn" --action-names s3:GetObject s3:PutObject \
    --resource-arns "$STATE_ARN" --query 'EvaluationResults[].EvalDecision' --output text </dev/null 2>/dev/null) || said=''
  case $said in
    '') say 'right to write the state: not told' ;;
    *[dD]eny*) warn "the caller's own policies do not allow it to write the state object; a role of the backend or a bucket policy may" ;;
    *) say 'right to write the state: yes' ;;
  esac
}

guard_caller() {
  local said account arn
  said=$(aws sts get-caller-identity --query '[Account,Arn]' --output text </dev/null 2>"$PRIVATE/err") || {
    show_file "$PRIVATE/err"
    ! grep -qi 'specify a region' "$PRIVATE/err" ||
      stop "AWS does not say who is calling: the AWS CLI has no region" "export AWS_REGION=REGION, or add region to the profile"
    stop "AWS does not say who is calling" "renew the credentials, for example: aws sso login"
  }
  read -r account arn <<EOF
$said
EOF
  [ -n "$ACCOUNT" ] || stop "the plan names no AWS account" "make the plan again"
  [ "$account" = "$ACCOUNT" ] || stop "these credentials belong to account $account, the plan to $ACCOUNT" "switch to the credentials of account $ACCOUNT"
  say "account: $account"
  [ "$MODE" = execute ] || return 0
  show_credential_life
  show_state_right "${arn-}"
}
