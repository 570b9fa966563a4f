
# --- program: the same in every reconcile.sh; all that varies is above -------

usage() {
  cat <<'TEXT'
usage: bash reconcile.sh
           prints the steps; runs no terraform and no aws command
       bash reconcile.sh --execute --incident ID [--holder-dead LOCK_ID] [--yes]
                         [--accept-incomplete] [--allow-stale-plan] [--one-by-one | --push]
           runs the steps, asking before each one
       bash reconcile.sh --rehearse [--one-by-one] [--accept-incomplete] [--allow-stale-plan]
           runs the steps on a copy of the configuration and the state, and says
           what terraform plan wants then; nothing real is written
       bash reconcile.sh --rollback --incident ID [--holder-dead LOCK_ID] [--yes]
           puts the state back as it was before the first step

--incident ID         must be the incident of this plan
--holder-dead LOCK_ID the run that holds this state lock is dead: you have looked.
                      Needed where the plan saw a held lock, refused elsewhere
--yes                 answers the question before each step, and nothing else
--accept-incomplete   goes on although the plan could not see everything
--allow-stale-plan    goes on although the plan is older than 4 hours
--one-by-one          one terraform import a time, never several by import blocks
--push                puts the state that the rehearsal made in place by one
                      terraform state push, in place of the steps

TF_BIN names the binary (terraform by default; tofu works). Stop it whenever you
like and run it again: a journal says what was done.

exit codes: 0 done, or nothing to do
            1 stopped or refused; the message says what to do
            3 the steps are done, or rehearsed, but the closing check found
              something: do not release the lock
TEXT
}

say() { printf '%s\n' "$*"; }
warn() { printf 'reconcile: warning: %s\n' "$*" >&2; }

# stop MESSAGE [HINT]: exits 1. Never call it inside $( ), where it would end
# the subshell only.
stop() {
  STOPPED=$1
  printf 'reconcile: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

# clean: what other programs said, without what a terminal would obey: colours,
# control characters, C1 controls, bidirectional marks.
clean() {
  LC_ALL=C sed -e $'s/\033\\[[0-9;]*[A-Za-z]//g' |
    LC_ALL=C tr -d '\000-\010\013-\037\177' |
    LC_ALL=C sed -e $'s/\302[\200-\237]//g' -e $'s/\330\234//g' \
      -e $'s/\342\200[\213-\217\250-\256]//g' -e $'s/\342\201[\240-\257]//g' -e $'s/\357\273\277//g'
}

show_file() { [ ! -s "$1" ] || clean <"$1" | LC_ALL=C sed 's/^/  | /' >&2; }

sha256_of() { # file
  case $SHA_TOOL in
    sha256sum) sha256sum <"$1" ;;
    shasum) shasum -a 256 <"$1" ;;
    openssl) openssl dgst -sha256 <"$1" ;;
  esac | LC_ALL=C sed -n 's/.*\([0-9a-f]\{64\}\).*/\1/p'
}

md5_of() { # file
  if command -v md5sum >/dev/null 2>&1; then md5sum <"$1"
  elif command -v md5 >/dev/null 2>&1; then md5 <"$1"
  else openssl dgst -md5 <"$1"; fi | LC_ALL=C sed -n 's/.*\([0-9a-f]\{32\}\).*/\1/p'
}

random_token() { LC_ALL=C od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

need_tools() {
  local t
  for t in "$TF_BIN" aws awk sed grep cmp od tr; do
    command -v "$t" >/dev/null 2>&1 || stop "$t is not on PATH" "install it, or set TF_BIN for another terraform"
  done
  for SHA_TOOL in sha256sum shasum openssl ''; do
    [ -z "$SHA_TOOL" ] || ! command -v "$SHA_TOOL" >/dev/null 2>&1 || break
  done
  [ -n "$SHA_TOOL" ] || stop "none of sha256sum, shasum and openssl is on PATH" "install one of them"
  case $TF_BIN in
    /*) ;;
    */*) TF_BIN=$PWD/$TF_BIN ;; # it is run from another directory
  esac
}

# ask QUESTION WORD: true if the person types WORD.
ask() {
  local answer=''
  printf '%s ' "$1"
  IFS= read -r answer || answer=''
  [ "$answer" = "$2" ]
}

print_banner() {
  local reason
  [ "${#INCOMPLETE[@]}" -gt 0 ] || return 0
  say '*** INCOMPLETE: this plan could not see everything. ***'
  for reason in "${INCOMPLETE[@]}"; do say "  - $reason"; done
  say 'It runs only with --accept-incomplete. Better: make the plan again when these are mended.'
  say ''
}

print_plan() {
  local i
  say "$PLAN_TITLE"
  say ''
  print_banner
  if [ "$STEPS" -eq 0 ]; then
    say 'No step: nothing is to be imported or removed.'
  else
    say "Steps: $STEPS, in this order. Nothing is changed now."
  fi
  for ((i = 0; i < STEPS; i++)); do
    say ''
    say "step $((i + 1)) of $STEPS: ${STEP_TITLE[i]}"
    say "${STEP_TEXT[i]}"
  done
  say ''
  if [ "$EXECUTABLE" -eq 1 ]; then
    say 'To run them:'
    printf '  bash %q %s\n' "$0" "$RUN_OPTIONS"
  else
    say "This script cannot run them: $WHY_NOT"
  fi
}
