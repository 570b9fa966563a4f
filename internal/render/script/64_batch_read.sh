
# --- what terraform show -json says of a plan --------------------------------

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
