
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
  [ -n "$ACCOUNT" ] || stop "the plan names no AWS account" "run reconcile plan again"
  [ "$account" = "$ACCOUNT" ] || stop "these credentials belong to account $account, the plan to $ACCOUNT" "switch to the credentials of account $ACCOUNT"
  say "account: $account"
  [ "$MODE" = execute ] || return 0
  show_credential_life
  show_state_right "${arn-}"
}
