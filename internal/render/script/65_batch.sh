
# --- imports taken together --------------------------------------------------

# N terraform imports start Terraform N times, and each evaluates the whole
# configuration. Import blocks do it in one plan and one apply, limited to their
# addresses. They are never put into the configuration's own folder: the work is
# done in a copy of it, made of links, where three files are added:
#   - the import blocks;
#   - overrides that let Terraform ignore every difference between what is there
#     and what is wanted, as terraform import does;
#   - overrides that keep the root module's outputs out of it.
# The plan is accepted only if terraform show -json says that each change is a
# pure import. All else is left to terraform import, one at a time.

BATCH_LEAST=3  # one plan and one apply cost about as much as two imports
BATCH_ROUNDS=8 # plans that are tried in all

batch_possible() {
  [ "$OPT_ONE" -eq 0 ] && [ "$BLOCKS_WORK" -eq 1 ] || return 1
  # Without a file yet, a local backend would make its state in the copy.
  case $BACKEND_TYPE in
    '' | local) [ "$REHEARSING" -eq 1 ] || [ "$SERIAL" -gt 0 ] ;;
    remote | cloud) return 1 ;; # they plan elsewhere
    *) return 0 ;;
  esac
}

# batch_files STEP…: adds the three files to the copy. What is declared is a
# list of FOLDER TAB resource or output TAB TYPE.NAME or NAME.
batch_files() {
  local i d before=''
  for i in ${DECLARED[@]+"${DECLARED[@]}"}; do
    d=${i%%$'\t'*}
    if [ "$d" != "$before" ]; then
      before=$d
      open_folder "$d" || return 1
      rm -f "$OPENED/zz_reconcile_batch_override.tf"
    fi
    case $i in
      *$'\toutput\t'*) printf 'output "%s" {\n  value = terraform_data.reconcile_apart\n}\n' "${i##*$'\t'}" ;;
      *)
        i=${i##*$'\t'}
        printf 'resource "%s" "%s" {\n  lifecycle {\n    ignore_changes = all\n  }\n}\n' "${i%%.*}" "${i#*.}"
        ;;
    esac >>"$OPENED/zz_reconcile_batch_override.tf" || return 1
  done
  rm -f "$MIRROR/zz_reconcile_batch.tf"
  {
    # An output whose source is not targeted is left alone.
    printf 'resource "terraform_data" "reconcile_apart" {\n}\n'
    for i; do printf '%s\n' "${STEP_BLOCK[i]}"; done
  } >"$MIRROR/zz_reconcile_batch.tf"
}

# batch_plan STEP…: plans these imports. -> VERDICT pure, some (PURE are those
# that are) or no.
batch_plan() {
  local i word rest found=' ' other=0 whole=0
  local -a targets
  VERDICT=no PURE='' targets=()
  rm -f "$PRIVATE/batch.read"
  BATCH_PLANS=$((BATCH_PLANS + 1))
  { mirror "$PRIVATE/batch" && batch_files "$@"; } 2>"$PRIVATE/said" || return 0
  : >"$PRIVATE/batch.checks"
  for i; do
    argv_of "$i"
    targets+=("-target=${ARGS[0]}")
    printf '%s\n' "${STEP_SPELLED[i]}" >>"$PRIVATE/batch.checks"
  done
  lock_check
  (cd "$MIRROR" && exec "$TF_BIN" plan -input=false -no-color -refresh=false -out="$PRIVATE/batch.tfplan" "${LOCK_FLAGS[@]}" ${TF_VARS[@]+"${TF_VARS[@]}"} ${targets[@]+"${targets[@]}"}) </dev/null >"$PRIVATE/said" 2>&1 || return 0
  (cd "$MIRROR" && exec "$TF_BIN" show -json "$PRIVATE/batch.tfplan") </dev/null 2>"$PRIVATE/said" | batch_read "$PRIVATE/batch.checks" >"$PRIVATE/batch.read" || return 0
  [ "$(tail -n 1 "$PRIVATE/batch.read")" = END ] || return 0
  while read -r word i rest; do
    case $word in
      STEP) found="$found$i " ;;
      BAD) ;;
      OTHER) other=1 ;;
      END) ;;
      *) whole=1 ;;
    esac
  done <"$PRIVATE/batch.read"
  [ "$whole$other" = 00 ] || return 0
  for i; do
    case $found in *" $i "*) PURE="$PURE $i" ;; esac
  done
  if [ "$PURE" = " $*" ]; then VERDICT=pure; elif [ -n "$PURE" ]; then VERDICT=some; fi
}

# batch_why: why the last plan was not accepted as it was, in one line.
batch_why() {
  if [ -s "$PRIVATE/batch.read" ]; then
    LC_ALL=C awk '
      /^BAD / { n = $2 + 1; sub(/^BAD [0-9]+ /, ""); print "step " n " is no pure import: " $0; exit }
      /^OTHER / { sub(/^OTHER /, ""); print "it would also change something else: " $0; exit }
      /^WHOLE / { sub(/^WHOLE /, ""); print "the plan is not one of imports only: " $0; exit }
    ' "$PRIVATE/batch.read"
  else
    LC_ALL=C sed -n -e 's/^.*\(Error: .*\)$/\1/p' "$PRIVATE/said" | sed -n 1p
  fi | clean
}

# batch_try LEAST STEP…: imports as many of the steps as can be taken together.
# Where a plan is refused, it tries its halves: one object that is not there, or
# one that something else must be made for, must not hold up the others.
batch_try() {
  local least=$1 half
  shift
  [ $# -ge "$least" ] && [ "$BATCH_PLANS" -lt "$BATCH_ROUNDS" ] || return 0
  batch_plan "$@"
  [ "$VERDICT" = pure ] || say "  not all of these $#: $(batch_why)"
  case $VERDICT in
    pure) batch_apply "$@" ;;
    some)
      # shellcheck disable=SC2086 # numbers
      batch_try "$least" $PURE
      ;;
    no)
      half=$((($# + 1) / 2))
      [ $# -gt 1 ] || return 0
      batch_try "$least" "${@:1:half}"
      batch_try "$least" "${@:half+1}"
      ;;
  esac
}

# batch_apply STEP…: applies the plan that was just accepted. Terraform itself
# refuses it where the state is not the one that was planned with.
batch_apply() {
  local rc i n=0
  { printf '%s\n' "$@" >"$PRIVATE/batch.new" && mv "$PRIVATE/batch.new" "$PRIVATE/batch.steps"; } || stop "$PRIVATE cannot be written" "check the disk"
  lock_check
  MUTEX_KEEP=1
  (cd "$MIRROR" && exec "$TF_BIN" apply -input=false -no-color "${LOCK_FLAGS[@]}" "$PRIVATE/batch.tfplan") </dev/null >"$PRIVATE/said" 2>&1
  rc=$?
  rm -f "$PRIVATE/batch.tfplan"
  if [ "$rc" -ne 0 ]; then
    digest_trouble "$PRIVATE/said"
    show_file "$PRIVATE/said"
  fi
  cp "$PRIVATE/now.index" "$PRIVATE/before.index"
  pull
  if at_journal; then
    rm -f "$PRIVATE/batch.steps"
    warn 'the imports were not made together; they go on one at a time'
    return 0
  fi
  batch_result "$PRIVATE/before.index" "$@" ||
    stop "the imports ran together, but the state is not what they should have made of it: serial $SERIAL after $J_SERIAL" "compare terraform state pull with $PRIVATE/backup.tfstate; then run reconcile plan again with a new --out"
  # shellcheck disable=SC2086 # numbers
  journal_all import $DONE_NOW
  rm -f "$PRIVATE/batch.steps"
  for i in $DONE_NOW; do
    n=$((n + 1)) BATCHED[i]=1
  done
  TOGETHER=$((TOGETHER + n))
  say "  done: $n together, serial $SERIAL"
  [ "$rc" -eq 0 ] || stop "terraform apply of the imports failed after it had written the state" "mend what it says and run this again: the journal is kept, and so is the mutex"
}

# batch_result INDEX STEP…: does the pulled state differ from the one of INDEX
# by imports of these steps and by nothing else? -> DONE_NOW, those that are done.
batch_result() {
  local index=$1 i
  shift
  DONE_NOW=''
  [ "$SERIAL" -gt "$J_SERIAL" ] || return 1
  [ "$LINEAGE" = "$J_LINEAGE" ] || [ "$J_LINEAGE" = - ] || return 1
  for i; do printf '%s\n' "${STEP_KEY[i]}"; done >"$PRIVATE/keys"
  others_than "$PRIVATE/keys" "$index" >"$PRIVATE/others.before"
  others_than "$PRIVATE/keys" "$PRIVATE/now.index" >"$PRIVATE/others.after"
  cmp -s "$PRIVATE/others.before" "$PRIVATE/others.after" || return 1
  for i; do
    look_up "$i" "$PRIVATE/now.index"
    case $HELD in
      new) DONE_NOW="$DONE_NOW $i" ;;
      none) ;;
      *)
        [ "${STEP_NEW[i]}" = '' ] || return 1
        DONE_NOW="$DONE_NOW $i"
        ;;
    esac
  done
}

# Every line but those of the addresses whose keys are in the file KEYS.
others_than() { # KEYS INDEX
  LC_ALL=C awk -F '\t' '
    FNR == NR { skip[$0] = 1; next }
    !(($1 "\t" $2 "\t" $3 "\t" $4 "\t") in skip)
  ' "$1" "$2"
}

# batch_catch_up: a run that died while imports were taken together left their
# numbers. Each whose address has its new id is done.
batch_catch_up() {
  local i todo='' n=0
  [ -s "$PRIVATE/batch.steps" ] || return 0
  while read -r i; do
    case $i in *[!0-9]* | '') continue ;; esac
    if [ "$i" -lt "$STEPS" ] && [ -z "${J_STEP[i + 1]-}" ]; then todo="$todo $i"; fi
  done <"$PRIVATE/batch.steps"
  DONE_NOW=''
  if at_journal; then
    # It may have died between two lines of the journal.
    for i in $todo; do
      look_up "$i" "$PRIVATE/now.index"
      [ "$HELD" = none ] || DONE_NOW="$DONE_NOW $i"
    done
  elif [ -n "$todo" ]; then
    # shellcheck disable=SC2086 # numbers
    batch_result "$PRIVATE/last.index" $todo || return 0
  fi
  # shellcheck disable=SC2086 # numbers
  journal_all import $DONE_NOW
  for i in $DONE_NOW; do n=$((n + 1)); done
  [ "$n" -eq 0 ] || say "resuming: $n imports were done together by the run that died, and are in the journal now"
  rm -f "$PRIVATE/batch.steps"
}

# batch: takes together what imports are still to be run. The rest is for
# run_step.
batch() {
  local i
  local -a taken
  BATCH_TRIED=1 BATCH_PLANS=0 taken=()
  batch_possible || return 0
  for ((i = 0; i < STEPS; i++)); do
    [ "${STEP_OP[i]}" = import ] || continue
    [ -z "${J_STEP[i + 1]-}" ] || continue
    [ -n "${STEP_BLOCK[i]}" ] || continue
    look_up "$i" "$PRIVATE/now.index"
    [ "$HELD" != none ] || taken+=("$i")
  done
  [ "${#taken[@]}" -ge "$BATCH_LEAST" ] || return 0
  say ''
  say "${#taken[@]} imports, taken together by import blocks where each is an import and nothing else:"
  for i in ${taken[@]+"${taken[@]}"}; do
    say "step $((i + 1)) of $STEPS: ${STEP_TITLE[i]}"
    [ "$OPT_YES" -eq 1 ] || say "${STEP_TEXT[i]}"
  done
  if [ "$OPT_YES" -eq 0 ] && ! ask 'Run them together? (y/N)' y; then
    say 'One at a time, then.'
    return 0
  fi
  batch_try "$BATCH_LEAST" ${taken[@]+"${taken[@]}"}
  rm -rf "$PRIVATE/batch"
  [ "$TOGETHER" -eq "${#taken[@]}" ] || say "  $TOGETHER of ${#taken[@]} could be taken together; the others go one at a time"
}

# import_by_block STEP: for an import that the command cannot do, such as where
# a for_each elsewhere waits for what is not in the state yet. True if it is done.
import_by_block() {
  batch_possible || return 1
  [ -n "${STEP_BLOCK[$1]}" ] || return 1
  pull
  at_journal || return 1
  cp "$PRIVATE/said" "$PRIVATE/said.import"
  say '  terraform import refuses; an import block may do it'
  BATCH_PLANS=0
  batch_try 1 "$1"
  rm -rf "$PRIVATE/batch"
  mv "$PRIVATE/said.import" "$PRIVATE/said"
  [ -n "${J_STEP[$1 + 1]-}" ]
}
