
# --- the closing check -------------------------------------------------------

# planned FILE: one line a planned change: WORD TAB ACTION TAB ADDRESS, the
# address as a JSON literal, and at last TOTAL TAB create TAB update TAB delete.
# CHECKS are the addresses that matter, each as Terraform may spell it in JSON.
planned() {
  printf '%s\n' ${CHECKS[@]+"${CHECKS[@]}"} >"$PRIVATE/checks"
  LC_ALL=C awk '
    FNR == NR { t = index($0, "\t"); if (t) word[substr($0, t + 1)] = substr($0, 1, t - 1); next }
    !/"type":"planned_change"/ { next }
    {
      # Keys are sorted and quotes inside of values escaped: the first match
      # is the address, the next one the action.
      mark = "\"change\":{\"resource\":{\"addr\":\""
      p = index($0, mark); if (!p) { bad++; next }
      rest = substr($0, p + length(mark)); n = 1
      while ((c = substr(rest, n, 1)) != "\"" && c != "") n += (c == "\\" ? 2 : 1)
      addr = "\"" substr(rest, 1, n); rest = substr(rest, n + 1)
      p = index(rest, "},\"action\":\""); if (!p) { p = index(rest, "\"action\":\""); p = p ? p - 2 : 0 }
      if (!p) { bad++; next }
      act = substr(rest, p + 12); act = substr(act, 1, index(act, "\"") - 1)
      if (act == "read" || act == "noop") next
      printf "%s\t%s\t%s\n", (addr in word ? word[addr] : "OTHER"), act, addr
      if (addr in word && word[addr] != "REMOVED") next
      if (act == "replace") { count["create"]++; count["delete"]++ } else count[act]++
    }
    END { printf "TOTAL\t%d\t%d\t%d\n", count["create"], count["update"], count["delete"]; if (bad) printf "BAD\t%d\t-\n", bad }
  ' "$PRIVATE/checks" "$1"
  rm -f "$PRIVATE/checks"
}

# plan_errors FILE: the summary and detail of each error.
plan_errors() {
  LC_ALL=C awk '
    function text(name,  p, rest, n, c) {
      p = index($0, "\"" name "\":\""); if (!p) return ""
      rest = substr($0, p + length(name) + 4); n = 1
      while ((c = substr(rest, n, 1)) != "\"" && c != "") n += (c == "\\" ? 2 : 1)
      rest = substr(rest, 1, n - 1); gsub(/\\n/, " ", rest); gsub(/\\"/, "\"", rest); return rest
    }
    /"@level":"error"/ && /"type":"diagnostic"/ { print text("summary") ": " text("detail") }
  ' "$1"
}

closing_check() {
  local rc word action addr failed=0 open=0
  say ''
  say 'closing check: what would terraform plan now?'
  lock_check
  PLAN_FILE=$PRIVATE/closing-plan.jsonl
  "$TF_BIN" plan -json -input=false -no-color "${LOCK_FLAGS[@]}" ${TF_VARS[@]+"${TF_VARS[@]}"} </dev/null >"$PLAN_FILE" 2>"$PRIVATE/said"
  rc=$?
  if [ "$rc" -ne 0 ]; then
    plan_errors "$PLAN_FILE" >"$PRIVATE/plan.errors"
    digest_trouble "$PRIVATE/plan.errors"
    show_file "$PRIVATE/plan.errors"
    show_file "$PRIVATE/said"
    say 'The steps are in the state, but terraform plan fails.'
    verdict_bad
  fi
  LC_ALL=C grep -q '"type":"change_summary"' "$PLAN_FILE" || {
    say 'terraform plan ended without its summary, so nothing can be said.'
    verdict_bad
  }
  planned "$PLAN_FILE" >"$PRIVATE/planned"
  while IFS=$'\t' read -r word action addr; do
    case $word:$action in
      OURS:create | OURS:delete | OURS:replace)
        say "  FOUND  it would $action what was just reconciled: $(shown "$addr")"
        failed=1
        ;;
      OURS:*) say "  note   it would $action in place: $(shown "$addr")" ;;
      ALIVE:create)
        if [ "$OPT_INCOMPLETE" -eq 1 ]; then
          say "  *** it would create what is alive and known: $(shown "$addr") (accepted by --accept-incomplete)"
          open=1
        else
          say "  FOUND  it would create what is alive and known: $(shown "$addr")"
          failed=1
        fi
        ;;
      SAFE:create) say "  note   it would create again, which changes nothing: $(shown "$addr")" ;;
      AGAIN:create)
        say "  ***    it would create again what is there, because Terraform cannot import it; AWS may refuse that: $(shown "$addr")"
        ;;
      BAD:*)
        say '  FOUND  a planned change that cannot be read'
        failed=1
        ;;
      TOTAL:*)
        if [ "$action$addr" = $'00\t0' ]; then
          say '  the plan has nothing else to change'
        else
          say "  the plan will also create $action, update ${addr%%$'\t'*}, destroy ${addr##*$'\t'}: that is the rest of the interrupted apply"
        fi
        ;;
    esac
  done <"$PRIVATE/planned"
  for word in ${ALIVE_TEXT[@]+"${ALIVE_TEXT[@]}"}; do say "  known  $word"; done
  [ "$failed" -eq 0 ] || verdict_bad
  [ "$open" -eq 0 ] || say 'With --accept-incomplete this passed. Look at each line marked *** before you apply.'
  say 'The closing check found nothing against it.'
}

shown() { printf '%s' "$1" | clean; }

verdict_bad() {
  say ''
  if [ "$REHEARSING" -eq 1 ]; then
    rehearsal_record 'the closing check found something against it'
    say 'The rehearsal failed. Nothing real was changed. Do not run --execute.'
    exit 3
  fi
  say 'Do not release the lock and do not apply. Run reconcile plan again with a new'
  say '--out, or put the state back with --rollback.'
  exit 3
}

say_end() {
  SHOW_REPORT=$(printf '%q' "$OUT/report.json")
  say ''
  say "done: the state has serial $SERIAL. What is left to do, in this order:"
  say "  1. reconcile verify $SHOW_REPORT, which compares again"
  if [ "$LOCK_SEEN" -eq 1 ]; then
    say "  2. reconcile unlock $SHOW_REPORT: its script releases the lock $SHOW_LOCK_ID, last."
    say '     It is still in place, and keeps everyone else out until then.'
    say '  3. terraform plan, read it, terraform apply'
  else
    say '  2. terraform plan, read it, terraform apply'
  fi
  say "$PRIVATE/backup.tfstate is the state as it was before. It holds secrets: do not attach it."
}
