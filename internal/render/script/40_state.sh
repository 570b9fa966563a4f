
# --- reading the state -------------------------------------------------------

# Terraform writes its state with two spaces an indent and no line break inside
# a value, so a line's indent tells what it is: 4 a resource, 8 an instance,
# 10 its attributes, 12 its id. One line an object:
#   module TAB type TAB name TAB key TAB deposed TAB status TAB id
# each as the state's own JSON text, "" where absent.
index_state() { # file
  LC_ALL=C awk '
    function lit(from) { v = substr($0, from); sub(/,$/, "", v); return v }
    !on { if ($0 == "  \"resources\": [") on = 1; next }
    /^  \]/ { exit }
    /^    \{$/ { mod = mode = typ = nam = ""; next }
    /^      "module": / { mod = lit(17); next }
    /^      "mode": / { mode = lit(15); next }
    /^      "type": / { typ = lit(15); next }
    /^      "name": / { nam = lit(15); next }
    /^        \{$/ { key = dep = sta = id = ""; inside = 0; next }
    /^          "index_key": / { key = lit(24); next }
    /^          "deposed": / { dep = lit(22); next }
    /^          "status": / { sta = lit(21); next }
    /^          "attributes": \{$/ { inside = 1; next }
    /^          []}"]/ { inside = 0; next }
    inside && /^            "id": / { id = lit(19); next }
    /^        \}/ { if (mode == "\"managed\"") printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", mod, typ, nam, key, dep, sta, id }
  ' "$1"
}

# look_up STEP INDEX -> what the state holds at the step's address:
#   HELD none, old, new, other   TAINTED 0, 1   DEPOSED_OLD 0, 1   HELD_ID
look_up() {
  local said
  said=$(K=${STEP_KEY[$1]} OLD=${STEP_OLD[$1]} NEW=${STEP_NEW[$1]} LC_ALL=C awk '
    BEGIN { k = ENVIRON["K"]; old = ENVIRON["OLD"]; new = ENVIRON["NEW"]; word = "none" }
    index($0, k) == 1 {
      split(substr($0, length(k) + 1), f, "\t")
      if (f[1] != "") { if (old != "" && f[3] == old) gone = 1; next }
      id = f[3]; if (f[2] == "\"tainted\"") bad = 1
      word = "other"
      if (old != "" && id == old) word = "old"
      if (new != "" && id == new) word = (word == "old" ? "both" : "new")
    }
    END { printf "%s %d %d %s\n", word, bad, gone, id }' "$2")
  read -r HELD TAINTED DEPOSED_OLD HELD_ID <<EOF
$said
EOF
  [ "$HELD" != both ] || if [ "${STEP_OP[$1]}" = state_rm ]; then HELD=old; else HELD=new; fi
}

# Every line but those of the step's address.
others_of() { # STEP INDEX
  K=${STEP_KEY[$1]} LC_ALL=C awk 'index($0, ENVIRON["K"]) != 1' "$2"
}

# pull: the state as it is now -> $PRIVATE/now.tfstate, $PRIVATE/now.index,
# SERIAL, LINEAGE (- for none), SHA.
pull() {
  local rc said whole
  "$TF_BIN" state pull </dev/null >"$PRIVATE/pulled" 2>"$PRIVATE/err"
  rc=$?
  if [ "$rc" -ne 0 ]; then
    digest_trouble "$PRIVATE/err"
    show_file "$PRIVATE/err"
    stop "$TF_BIN state pull failed" "mend what it says and run this again; the journal says what was done"
  fi
  # Some versions print a warning before or after the document. What is kept of
  # it is told of in words: is it whole, its serial, its lineage.
  : >"$PRIVATE/now.tfstate" || stop "$PRIVATE cannot be written" "check the disk"
  said=$(OUT=$PRIVATE/now.tfstate LC_ALL=C awk '
    BEGIN { out = ENVIRON["OUT"] }
    /^\{/ { on = 1 }
    !on { next }
    { print >out }
    /^  "serial": [0-9]+,?$/ && serial == "" { serial = $2; sub(/,$/, "", serial) }
    /^  "lineage": ".*",?$/ && lineage == "" { lineage = substr($0, 15); sub(/",?$/, "", lineage) }
    /^  "version": 4,$/ { four = 1 }
    /^\}$/ { whole = four; exit }
    END { printf "%d %s %s\n", whole, (serial == "" ? "-" : serial), lineage }' "$PRIVATE/pulled") || stop "the pulled state cannot be read" "check the disk that holds $PRIVATE"
  rm -f "$PRIVATE/pulled"
  read -r whole SERIAL LINEAGE <<EOF
$said
EOF
  if [ ! -s "$PRIVATE/now.tfstate" ]; then
    SERIAL=0 LINEAGE=''
  elif [ "$whole" -ne 1 ] || [ "$SERIAL" = - ]; then
    stop "the pulled state is not a version 4 state as Terraform writes it" "run reconcile plan again with this version of Terraform"
  fi
  LINEAGE=${LINEAGE:--}
  case $LINEAGE in
    *[!0-9A-Za-z._-]*) stop "the state's lineage is nothing that Terraform makes" "look at the state with: terraform state pull" ;;
  esac
  SHA=$(sha256_of "$PRIVATE/now.tfstate")
  [ -n "$SHA" ] || stop "the state's SHA-256 cannot be computed" "check $SHA_TOOL"
  index_state "$PRIVATE/now.tfstate" >"$PRIVATE/now.index" || stop "the pulled state cannot be read" "check the disk that holds $PRIVATE"
}

# same_bytes: is the pulled text the one that the plan read? It may have been
# saved with another count of line breaks at its end, or by a command that
# wrote its own version into it.
same_bytes() {
  local f
  [ -n "$STATE_SHA" ] || return 0
  LC_ALL=C sed -e "s/^  \"terraform_version\": .*/  \"terraform_version\": $STATE_VERSION_SED,/" "$PRIVATE/now.tfstate" >"$PRIVATE/version.tfstate"
  for f in "$PRIVATE/now.tfstate" "$PRIVATE/version.tfstate"; do
    [ "$(sha256_of "$f")" != "$STATE_SHA" ] || return 0
    { cat "$f"; echo; } >"$PRIVATE/bytes"
    [ "$(sha256_of "$PRIVATE/bytes")" != "$STATE_SHA" ] || return 0
    printf '%s' "$(cat "$f")" >"$PRIVATE/bytes"
    [ "$(sha256_of "$PRIVATE/bytes")" != "$STATE_SHA" ] || return 0
  done
  return 1
}

# digest_trouble FILE: where FILE says that the state object and its digest do
# not belong together, prints the exact repair and exits. Whoever wrote last
# died between the two writes.
digest_trouble() {
  local right old said
  # Terraform wraps its messages.
  said=$(clean <"$1" | LC_ALL=C sed -e $'s/\342\224\202//g' | LC_ALL=C tr -s ' \n' '  ')
  case $said in
    *'does not match the checksum'* | *'does not have the expected content'*) ;;
    *) return 0 ;;
  esac
  [ "$BACKEND_TYPE" = s3 ] && [ -n "$TABLE" ] || return 0
  show_file "$1"
  backend_role
  rm -f "$PRIVATE/object"
  backend_aws s3api get-object --bucket "$BUCKET" --key "$STATE_OBJECT" "$PRIVATE/object" >/dev/null 2>"$PRIVATE/err2" || {
    show_file "$PRIVATE/err2"
    stop "the state object and its digest do not belong together, and the object cannot be read" "read it with s3:GetObject, then run this again"
  }
  right=$(md5_of "$PRIVATE/object")
  old=$(backend_aws dynamodb get-item --consistent-read --table-name "$TABLE" --key "{\"LockID\":{\"S\":$DIGEST_ROW_JSON}}" --query Item.Digest.S --output text 2>"$PRIVATE/err2") || old=''
  said=$(LC_ALL=C awk '/^  "(serial|lineage)": / { sub(/^ */, ""); sub(/,$/, ""); gsub(/"/, ""); printf "%s%s", sep, $0; sep = ", " }' "$PRIVATE/object" | clean)
  rm -f "$PRIVATE/object"
  case $old in
    *[!0-9a-f]* | '') stop "the state object has the MD5 $right, and its digest in the row $SHOW_DIGEST_ROW cannot be read" "read that row, then run this again" ;;
  esac
  [ "$old" != "$right" ] || stop "the digest fits the state object now" "run this again"
  say ''
  say 'A run died after it wrote the state object and before it wrote its digest. Until'
  say 'the digest is right, Terraform refuses every command. Nothing is lost.'
  say "  the row         $SHOW_DIGEST_ROW"
  say "  says            $old"
  say "  the object has  $right   (${said:-not a state as Terraform writes it})"
  say "  the plan saw    serial: $STATE_SERIAL, lineage: $SHOW_LINEAGE"
  say 'If the object is of that lineage and nobody else is at work, this repairs it. It does'
  say 'nothing if the row has changed meanwhile:'
  say ''
  say "$DIGEST_REPAIR \\"
  say "  --expression-attribute-values '{\":new\":{\"S\":\"$right\"},\":old\":{\"S\":\"$old\"}}'"
  say ''
  stop "the state's digest must be repaired first" "run the command above, then this script again with the same arguments"
}
