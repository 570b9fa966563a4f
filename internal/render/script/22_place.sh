
# --- the place: the same backend and workspace, by text alone ----------------

guard_environment() {
  local v
  for v in ${!TF_CLI_ARGS*}; do unset "$v"; done
  export TF_IN_AUTOMATION=1 TF_INPUT=0 AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
  # Version 1 of the AWS CLI reads the older name only.
  [ -z "${AWS_REGION-}" ] || export AWS_DEFAULT_REGION="$AWS_REGION"
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
      stop "this folder has a backend now; the plan was made without one" "run reconcile plan again"
    return 0
  fi
  [ -f "$RECORD" ] || stop "$RECORD is missing: the folder is not initialised" "run terraform init with the backend settings of the incident"
  for ((i = 0; i < ${#BACKEND_NAMES[@]}; i++)); do
    got=$(backend_value "${BACKEND_NAMES[i]}")
    if [ "$got" = '' ] || [ "$got" = null ]; then
      # A region may come from the environment; the plan recorded what it was.
      [ "${BACKEND_NAMES[i]}" != region ] || continue
      got='""'
    fi
    # The record may be written with or without HTML escapes.
    [ "$got" = "${BACKEND_VALUES[i]}" ] || [ "$got" = "${BACKEND_PLAIN[i]}" ] ||
      stop "the backend's ${BACKEND_NAMES[i]} in $RECORD is not the one of the plan" "initialise the folder for the incident's backend, or run reconcile plan again"
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
    stop "$TF_BIN is version $version, the plan was made for $TF_VERSION" "set TF_BIN to Terraform $TF_VERSION, or run reconcile plan again"
  fi
  warn "$product $version runs a plan that was made for $TF_VERSION"
}
