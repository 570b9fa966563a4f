
# --- rehearsal ---------------------------------------------------------------

# A rehearsal runs the very same steps on a copy of the configuration's folder,
# made of links, with a local backend that holds a copy of the pulled state. It
# needs no lock and no mutex, AWS sees reads only, and nothing real is written.
# Its result is rehearsal.json beside this script; the state that it made is
# kept for --push.

rehearse() {
  local here data kept=$PRIVATE
  journal_read
  [ "$J_ANY" -eq 0 ] || stop "steps of this plan were run already, so there is nothing to rehearse" "go on with --execute, or run reconcile plan again with a new --out"
  here=$(pwd -P) || stop "the folder of the plan cannot be read" "check who owns it"
  rehearsal_can
  rm -f "$OUT/rehearsal.json" "$PRIVATE/rehearsed.tfstate" "$PRIVATE/rehearsed"
  pull
  REHEARSED_SERIAL=$SERIAL REHEARSED_SHA=$SHA
  mkdir -p "$PRIVATE/rehearsal" || stop "$PRIVATE cannot be written" "check the disk"
  if [ -f "$PRIVATE/errored.tfstate" ]; then cp "$PRIVATE/errored.tfstate" "$PRIVATE/rehearsal/errored.tfstate" || stop "$PRIVATE cannot be written" "check the disk"; fi
  mirror "$PRIVATE/rehearsal/copy" || stop "the configuration's folder cannot be copied" "check that it can be read, and the disk"
  data=${TF_DATA_DIR:-.terraform}
  case $data in /*) ;; *) data=$here/$data ;; esac
  rehearsal_folder "$data" >"$PRIVATE/err" 2>&1 || {
    show_file "$PRIVATE/err"
    stop "the copy of the configuration cannot be made" "check the disk"
  }
  cd "$MIRROR" || stop "the copy of the configuration cannot be entered" "check the disk"
  unset TF_DATA_DIR TF_WORKSPACE
  [ "$WORKSPACE" = default ] || export TF_WORKSPACE=$WORKSPACE
  rehearsal_init "$data"
  # state rm backs a workspace's state up here, wherever the state is.
  mkdir -p "terraform.tfstate.d/$WORKSPACE" || stop "the copy of the configuration cannot be written" "check the disk"

  # From here on the copy is all there is: no backend, no lock, no mutex.
  REHEARSING=1 PRIVATE=$kept/rehearsal JOURNAL=$kept/rehearsal/journal
  BACKEND_TYPE='' LOCK_SEEN=0 LOCK_FORMS=() MUTEX_KEEP=0 OPT_YES=1
  execute
  { cp "$PRIVATE/now.tfstate" "$kept/rehearsed.tfstate" &&
    printf '%s %s %s %s .\n' "$PLAN_ID" "$REHEARSED_SHA" "$(sha256_of "$kept/rehearsed.tfstate")" "$(date +%s)" >"$kept/rehearsed"; } ||
    stop "$kept/rehearsed cannot be written" "check the disk"
  REHEARSAL_PASSED=1
  rehearsal_record ''
  say ''
  say 'The rehearsal passed. Nothing real was changed.'
}

# rehearsal_can: what a copy elsewhere would tell apart.
rehearsal_can() {
  local f
  for f in ${FILES[@]+"${FILES[@]}"}; do
    case $f in *.tf | *.tf.json) ;; *) continue ;; esac
    if LC_ALL=C grep -q -e 'path\.cwd' -e 'abspath *(' "./$f"; then
      stop "this configuration cannot be rehearsed: $f asks for the folder that it lies in (path.cwd or abspath), and a copy lies elsewhere" "run --execute without a rehearsal: its closing check looks at the same things"
    fi
  done
}

# rehearsal_folder DATA: gives the copy a data folder, a lock file, a state and a
# local backend of its own.
rehearsal_folder() {
  local state=$MIRROR/reconcile-rehearsal f
  # A first init moves a state that it finds under the usual name, and empties
  # the file: no link to one may stay.
  rm -f "$MIRROR/terraform.tfstate" "$MIRROR/terraform.tfstate.d" || return 1
  rm -f "$MIRROR/.terraform" "$MIRROR/.terraform.lock.hcl" "$MIRROR/zz_reconcile_rehearsal_override.tf" "$state" || return 1
  mkdir "$MIRROR/.terraform" "$state" || return 1
  if [ -d "$1/modules" ]; then ln -s "$1/modules" "$MIRROR/.terraform/modules" || return 1; fi
  if [ -f .terraform.lock.hcl ]; then cp .terraform.lock.hcl "$MIRROR/.terraform.lock.hcl" || return 1; fi
  f=$state/terraform.tfstate
  if [ "$WORKSPACE" != default ]; then
    mkdir -p "$state/workspaces/$WORKSPACE" || return 1
    f=$state/workspaces/$WORKSPACE/terraform.tfstate
  fi
  if [ -s "$PRIVATE/now.tfstate" ]; then cp "$PRIVATE/now.tfstate" "$f" || return 1; fi
  printf 'terraform {\n  backend "local" {\n    path = "reconcile-rehearsal/terraform.tfstate"\n    workspace_dir = "reconcile-rehearsal/workspaces"\n  }\n}\n' \
    >"$MIRROR/zz_reconcile_rehearsal_override.tf"
}

rehearsal_init() { # DATA
  local -a from
  from=()
  [ ! -d "$1/providers" ] || from=("-plugin-dir=$1/providers")
  "$TF_BIN" init -input=false -no-color -get=false ${from[@]+"${from[@]}"} </dev/null >"$PRIVATE/said" 2>&1 || {
    show_file "$PRIVATE/said"
    stop "the copy of the configuration cannot be initialised" "run terraform init in $SHOW_DIR, then this again; or run --execute without a rehearsal"
  }
}

# rehearsal_record WHY_NOT: writes rehearsal.json. Addresses are JSON literals
# of Terraform's own; the rest is numbers, and text that is escaped here.
rehearsal_record() {
  local word action addr found='' updates='' passed=false create=0 update=0 destroy=0 steps=0 i
  [ "$REHEARSAL_PASSED" -eq 0 ] || passed=true
  for ((i = 0; i < STEPS; i++)); do [ -z "${J_STEP[i + 1]-}" ] || steps=$((steps + 1)); done
  if [ -f "$PRIVATE/planned" ]; then
    while IFS=$'\t' read -r word action addr; do
      case $word:$action in
        OURS:create | OURS:delete | OURS:replace | ALIVE:create) found="$found, {\"action\": \"$action\", \"address\": $addr}" ;;
        OURS:*) updates="$updates, {\"action\": \"$action\", \"address\": $addr}" ;;
        TOTAL:*) create=$action update=${addr%%$'\t'*} destroy=${addr##*$'\t'} ;;
      esac
    done <"$PRIVATE/planned"
  fi
  if ! {
    printf '{\n  "schema": "reconcile.rehearsal/v1",\n  "plan_id": "%s",\n  "at": "%s",\n  "passed": %s,\n' "$PLAN_ID" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$passed"
    printf '  "why_not": %s,\n  "terraform": %s,\n' "$(json_text "$(printf '%s' "$1" | clean | LC_ALL=C tr '\n\t' '  ')")" "$(json_text "$TF_IS")"
    printf '  "serial": %s,\n  "sha256": "%s",\n  "steps": %s,\n  "together": %s,\n' "$REHEARSED_SERIAL" "$REHEARSED_SHA" "$steps" "${TOGETHER:-0}"
    printf '  "create": %s,\n  "update": %s,\n  "destroy": %s,\n  "found": [%s],\n  "updates": [%s]\n}\n' "$create" "$update" "$destroy" "${found#, }" "${updates#, }"
  } >"$OUT/rehearsal.new" || ! mv "$OUT/rehearsal.new" "$OUT/rehearsal.json"; then
    warn "$OUT/rehearsal.json cannot be written"
  fi
}

# rehearsed: has a rehearsal of this very plan passed? -> REHEARSED_FROM,
# REHEARSED_TO (digests of the states before and after), REHEARSED_AT.
rehearsed() {
  local plan dot
  read -r plan REHEARSED_FROM REHEARSED_TO REHEARSED_AT dot 2>/dev/null <"$PRIVATE/rehearsed" || return 1
  [ "$plan" = "$PLAN_ID" ] && [ "$dot" = . ]
}

say_rehearsed() {
  if rehearsed; then
    say "rehearsed: passed $((($(date +%s) - REHEARSED_AT) / 60)) minutes ago"
  else
    say 'rehearsed: no. bash reconcile.sh --rehearse runs the steps on a copy first'
  fi
}

# --- the rehearsed state, put in place at once -------------------------------

# push_state FILE WHAT: one terraform state push. Terraform refuses another
# lineage and a lower serial by itself.
push_state() {
  local rc
  lock_check
  MUTEX_KEEP=1
  "$TF_BIN" state push "${LOCK_FLAGS[@]}" "$1" </dev/null >"$PRIVATE/said" 2>&1
  rc=$?
  if [ "$rc" -ne 0 ]; then
    digest_trouble "$PRIVATE/said"
    show_file "$PRIVATE/said"
    stop "$2 failed" "mend what it says and run it again"
  fi
}

# push_rehearsed: all steps at once, or none.
push_rehearsed() {
  local i file=$PRIVATE/rehearsed.tfstate serial lineage
  if push_done; then return 0; fi
  for ((i = 0; i < STEPS; i++)); do
    [ -z "${J_STEP[i + 1]-}" ] || stop "step $((i + 1)) was run already, so the rehearsed state cannot be put in place as a whole" "go on without --push"
  done
  rehearsed || stop "no rehearsal of this plan has passed" "bash reconcile.sh --rehearse"
  [ $(($(date +%s) - REHEARSED_AT)) -le "$MAX_AGE" ] || stop "the rehearsal is more than $((MAX_AGE / 60)) minutes old" "bash reconcile.sh --rehearse"
  [ "$(sha256_of "$file" 2>/dev/null)" = "$REHEARSED_TO" ] || stop "$file is not the state that the rehearsal made" "bash reconcile.sh --rehearse"
  [ "$SHA" = "$REHEARSED_FROM" ] || stop "the state is not the one that was rehearsed" "bash reconcile.sh --rehearse"
  serial=$(LC_ALL=C sed -n -e 's/^  "serial": \([0-9][0-9]*\),\{0,1\}$/\1/p' "$file" | sed -n 1p)
  lineage=$(LC_ALL=C sed -n -e 's/^  "lineage": "\(.*\)",\{0,1\}$/\1/p' "$file" | sed -n 1p)
  if [ "${serial:-0}" -le "$SERIAL" ] || { [ "$lineage" != "$LINEAGE" ] && [ "$LINEAGE" != - ]; }; then
    stop "the rehearsed state does not follow on the one that is there: serial ${serial:-none} after $SERIAL" "bash reconcile.sh --rehearse"
  fi
  say ''
  for ((i = 0; i < STEPS; i++)); do
    say "step $((i + 1)) of $STEPS: ${STEP_TITLE[i]}"
    if [ "${STEP_RELEASES[i]}" -eq 1 ]; then
      consent "$i" || stop "stopped before the push" "nothing was changed"
    elif [ "${STEP_OP[i]}" = state_rm ]; then
      gone "$i" || stop "step $((i + 1)): AWS does not confirm that the object is gone, so nothing was changed" "run reconcile plan again"
    fi
  done
  say "This puts the rehearsed state in place of serial $SERIAL: all $STEPS steps at once."
  [ "$OPT_YES" -eq 1 ] || ask 'Push it? (y/N)' y || stop "stopped before the push" "nothing was changed"
  : >"$PRIVATE/push.begun" || stop "$PRIVATE cannot be written" "check the disk"
  push_state "$file" 'the push of the rehearsed state'
  pull
  push_done || stop "the state was pushed, but is not the rehearsed one" "compare terraform state pull with $file"
  for ((i = 0; i < STEPS; i++)); do BATCHED[i]=1; done
  say "  done: serial $SERIAL"
}

# push_done: is the pulled state the rehearsed one, put there by this script?
# The serial may be one more than the file's.
push_done() {
  local i
  local -a all
  [ "${J_STEP[1]-}" != push ] || return 0
  if ! [ -e "$PRIVATE/push.begun" ] || ! rehearsed || [ "$SERIAL" -le "$J_SERIAL" ]; then return 1; fi
  [ "$(sha256_of "$PRIVATE/rehearsed.tfstate")" = "$REHEARSED_TO" ] || return 1
  LC_ALL=C sed -e '/^  "serial": [0-9]*,$/d' "$PRIVATE/rehearsed.tfstate" >"$PRIVATE/others.before"
  LC_ALL=C sed -e '/^  "serial": [0-9]*,$/d' "$PRIVATE/now.tfstate" >"$PRIVATE/others.after"
  cmp -s "$PRIVATE/others.before" "$PRIVATE/others.after" || return 1
  all=()
  for ((i = 0; i < STEPS; i++)); do all+=("$i"); done
  journal_all push ${all[@]+"${all[@]}"}
  rm -f "$PRIVATE/push.begun" "$PRIVATE/others.before" "$PRIVATE/others.after"
}
