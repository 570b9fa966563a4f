
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

# unfold DST SRC: makes DST a folder of its own, with a link to each thing in SRC.
unfold() {
  local f
  local -a all
  if [ -L "$1" ]; then rm "$1" || return 1; fi
  [ ! -d "$1" ] || return 0 # unfolded before
  mkdir "$1" || return 1
  all=()
  for f in "$2"/* "$2"/.[!.]* "$2"/..?*; do
    if [ -e "$f" ] || [ -L "$f" ]; then all+=("$f"); fi
  done
  for ((f = 0; f < ${#all[@]}; f += 200)); do ln -s "${all[@]:f:200}" "$1/" || return 1; done
}

# mirror DST: a copy of this folder, made of links, and of as many folders above
# it as the configuration's relative paths reach. -> MIRROR, the copy of this
# folder, and MIRROR_TOP.
mirror() {
  local here top up path='' i f
  local -a texts
  here=$(pwd -P) || return 1
  texts=()
  for f in ${FILES[@]+"${FILES[@]}"}; do
    case $f in *.tf | *.tf.json | *.tfvars) [ ! -f "./$f" ] || texts+=("./$f") ;; esac
  done
  up=$(cat ${texts[@]+"${texts[@]}"} </dev/null | LC_ALL=C awk '
    { s = $0; while (match(s, /\.\.(\/\.\.)*/)) { n = (RLENGTH + 1) / 3; if (n > max) max = n; s = substr(s, RSTART + RLENGTH) } }
    END { print (max > 9 ? 9 : int(max)) }') || return 1
  top=$here
  for ((i = 0; i < up; i++)); do
    [ "$top" != / ] || break
    path=/${top##*/}$path
    top=${top%/*}
    top=${top:-/}
  done
  rm -rf "$1"
  MIRROR_TOP=$1 MIRROR=$1 MIRROR_OF=$top
  unfold "$1" "${top%/}" || return 1
  open_folder "${path#/}" || return 1
  MIRROR=$OPENED MIRROR_OF=$here
}

# open_folder REL: makes REL, seen from MIRROR, a folder of its own in the copy,
# and all on the way to it. -> OPENED
open_folder() {
  local at=$MIRROR of=${MIRROR_OF%/} part rest=$1/
  case $1 in /*) return 1 ;; esac
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in
      '' | .) ;;
      ..)
        [ "$at" != "$MIRROR_TOP" ] || return 1
        at=${at%/*} of=${of%/*}
        ;;
      *)
        at=$at/$part of=$of/$part
        [ -d "$of/" ] || return 1
        unfold "$at" "$of" || return 1
        ;;
    esac
  done
  OPENED=$at
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

# batch_read CHECKS: reads terraform show -json of a plan and prints
#   STEP n         that step is a pure import of its id to its address
#   BAD n WHY      that step is something else
#   OTHER WHY ADDR another change, the address as a JSON literal
#   WHOLE WHY      something that is no change of one resource
#   END            the document is whole
# CHECKS: one line a step and spelling, n TAB address TAB import id TAB id in
# the state, each as a JSON literal. A quote is the record separator, so records
# are by turns outside and inside of a string, whatever the strings hold.
batch_read() {
  CHECKS_FILE=$1 LC_ALL=C awk '
    function whole(why) { printf "WHOLE %s\n", why }
    function open(c) {
      if (depth == 2 && key[1] == "resource_changes") fresh()
      if (depth == 3 && key[1] == "resource_changes" && key[3] == "change") changes++
      if (depth == 4 && key[1] == "resource_changes" && key[3] == "change" && key[4] == "importing") importing = 1
      if (depth == 2 && (key[1] in empty)) whole(key[1])
      if (depth == 2 && key[1] == "output_changes") outputs = ""
      depth++; kind[depth] = c; want[depth] = (c == "{"); key[depth] = ""
    }
    function close_(c) {
      if (depth < 1 || kind[depth] != (c == "}" ? "{" : "[")) { broken = 1; return }
      depth--
      if (depth == 2 && key[1] == "resource_changes") judge()
      if (depth == 2 && key[1] == "output_changes" && outputs != "/\"no-op\"") whole("output_changes")
      if (depth == 0) ended++
    }
    function fresh() { address = mode = deposed = previous = actions = id = after = ""; importing = changes = 0 }
    function scalar(v) {
      if (depth == 0) { broken = 1; return }
      if (kind[depth] == "{" && want[depth]) {
        key[depth] = substr(v, 2, length(v) - 2)
        if (depth == 1) { if (!(key[1] in known)) whole("a part that this script does not know: " key[1]); seen[key[1]] = 1 }
        return
      }
      if (depth == 1) {
        if (key[1] == "errored" && v != "false") whole("errored")
        if (key[1] == "format_version" && v !~ /^"1\./) whole("format_version")
        if (key[1] == "resource_changes" || key[1] == "output_changes" || (key[1] in empty)) { if (v != "null") whole(key[1]) }
      }
      if (depth == 2 && (key[1] == "output_changes" || (key[1] in empty)) && !want[depth]) whole(key[1])
      if (key[1] == "output_changes" && depth == 4 && key[3] == "actions") outputs = outputs "/" v
      if (key[1] == "output_changes" && depth < 4 && depth > 1 && key[depth] == "actions") outputs = "?"
      if (key[1] != "resource_changes") return
      if (depth == 2) whole("a change that is no object")
      if (depth == 3) {
        if (key[3] == "address") address = v
        if (key[3] == "mode") mode = v
        if (key[3] == "deposed" && v != "null") deposed = v
        if (key[3] == "previous_address" && v != "null") previous = v
      }
      if (key[3] != "change") return
      if (depth == 5 && key[4] == "actions") actions = actions "/" v
      if (depth == 5 && key[4] == "importing" && key[5] == "id") id = v
      if (depth == 5 && key[4] == "after" && key[5] == "id") after = v
    }
    function judge(  n, ok, i) {
      if (mode == "\"data\"") {
        if ((actions != "/\"read\"" && actions != "/\"no-op\"") || importing || deposed != "" || previous != "") printf "OTHER %s %s\n", "of data", address
        return
      }
      if (!(address in step)) {
        if (mode != "\"managed\"" || actions != "/\"no-op\"" || importing || deposed != "" || previous != "" || changes != 1) printf "OTHER %s %s\n", (actions == "" ? "?" : actions), address
        return
      }
      n = step[address]
      if (mode != "\"managed\"" || actions != "/\"no-op\"" || deposed != "" || previous != "" || changes != 1) printf "BAD %s %s\n", n, actions
      else if (!importing) printf "BAD %s is in the state\n", n
      else if (!((n SUBSEP id) in ids)) printf "BAD %s is imported by another id\n", n
      else if (n in news && !((n SUBSEP after) in new)) printf "BAD %s has another id\n", n
      else if (done[n]++) printf "BAD %s twice\n", n
      else printf "STEP %s\n", n
    }
    function outside(s,  i, c, word) {
      word = ""
      for (i = 1; i <= length(s); i++) {
        if (ended) return # some versions print warnings after the document
        c = substr(s, i, 1)
        if (c ~ /[a-zA-Z0-9.+-]/) { word = word c; continue }
        if (word != "") { if (want[depth]) broken = 1; scalar(word); word = "" }
        if (c == "{" || c == "[") { if (kind[depth] == "{" && want[depth]) broken = 1; open(c) }
        else if (c == "}" || c == "]") close_(c)
        else if (c == ":") { if (kind[depth] != "{") broken = 1; want[depth] = 0 }
        else if (c == ",") { if (kind[depth] == "{") want[depth] = 1 }
        else if (c !~ /[ \t\r\n]/) broken = 1
      }
      if (word != "") scalar(word)
    }
    BEGIN {
      # No part of a plan may be passed over because it is new.
      split("format_version terraform_version variables planned_values resource_drift resource_changes deferred_changes " \
        "deferred_action_invocations action_invocations output_changes prior_state configuration relevant_attributes checks timestamp applyable complete errored", f, " ")
      for (i in f) known[f[i]] = 1
      split("resource_drift deferred_changes deferred_action_invocations action_invocations", g, " ")
      for (i in g) empty[g[i]] = 1
      file = ENVIRON["CHECKS_FILE"]
      while ((getline line <file) > 0) {
        split(line, f, "\t")
        step[f[2]] = f[1]; ids[f[1], f[3]] = 1
        if (f[4] != "") { news[f[1]] = 1; new[f[1], f[4]] = 1 }
      }
      RS = "\""
    }
    ended { next }
    {
      if (!inside) { outside($0); inside = 1; text = ""; next }
      text = text $0
      n = 0
      while (n < length($0) && substr($0, length($0) - n, 1) == "\\") n++
      if (n % 2) { text = text "\""; next }
      scalar("\"" text "\""); inside = 0; text = ""
    }
    END { if (!broken && depth == 0 && ended && ("resource_changes" in seen) && ("format_version" in seen)) print "END" }
  '
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
    stop "the imports ran together, but the state is not what they should have made of it: serial $SERIAL after $J_SERIAL" "compare terraform state pull with $PRIVATE/backup.tfstate; then make the plan again with a new --out"
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
