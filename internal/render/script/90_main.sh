
# --- main --------------------------------------------------------------------

# Traps run when the command at work has ended, so a terraform that is writing
# the state finishes first.
# shellcheck disable=SC2317 # reached from a trap
interrupted() {
  printf '\n' >&2
  stop "interrupted by $1 between two commands" "run it again with the same arguments: the journal says where to go on"
}

# shellcheck disable=SC2317 # reached from a trap
at_exit() {
  local rc=$?
  trap '' INT TERM HUP
  if [ "$REHEARSING" -eq 1 ]; then
    [ -e "$OUT/rehearsal.json" ] || rehearsal_record "${STOPPED:-it was interrupted}"
    PRIVATE=$OUT/private
  fi
  if [ "$OWN_FOLDER" -eq 1 ]; then
    if [ "$MUTEX_HELD" -eq 1 ]; then
      if [ "$MUTEX_KEEP" -eq 0 ]; then
        mutex_release
      else
        printf 'reconcile: the mutex beside the lock is kept for the next run; to give this up: %s\n' "$MUTEX_REMOVE" >&2
      fi
    fi
    rm -rf "$PRIVATE/running" "$PRIVATE/batch" "$PRIVATE/rehearsal"
    # Plan files and pulled states hold secrets. The backup stays.
    rm -f "$PRIVATE/now.tfstate" "$PRIVATE/version.tfstate" "$PRIVATE/bytes" "$PRIVATE/pulled" "$PRIVATE/object" "$PRIVATE/push.tfstate" \
      "$PRIVATE/closing-plan.jsonl" "$PRIVATE/planned" "$PRIVATE/plan.errors" "$PRIVATE/said" "$PRIVATE/err" "$PRIVATE/err2" "$PRIVATE/lock.json" \
      "$PRIVATE/batch.tfplan" "$PRIVATE/batch.read" "$PRIVATE/batch.checks" "$PRIVATE/said.import" "$PRIVATE/keys" \
      "$PRIVATE/mutex.held" "$PRIVATE/mutex.body" "$PRIVATE/now.index" "$PRIVATE/before.index" "$PRIVATE/backup.index" "$PRIVATE/errored.index" "$PRIVATE/others.before" "$PRIVATE/others.after"
  fi
  exit "$rc"
}

options() {
  local value
  MODE='' OPT_INCIDENT='' OPT_DEAD='' OPT_YES=0 OPT_INCOMPLETE=0 OPT_STALE=0 OPT_ONE=0 OPT_PUSH=0
  while [ $# -gt 0 ]; do
    value=''
    case $1 in
      --incident=* | --holder-dead=*) value=${1#*=} ;;
      --incident | --holder-dead)
        [ $# -ge 2 ] || stop "$1 needs a value" "bash reconcile.sh --help"
        value=$2
        ;;
    esac
    case $1 in
      --help | -h) usage && exit 0 ;;
      --execute | --rollback | --rehearse)
        [ -z "$MODE" ] || stop "--$MODE and $1 contradict each other" "bash reconcile.sh --help"
        MODE=${1#--}
        ;;
      --incident) OPT_INCIDENT=$value && shift ;;
      --incident=*) OPT_INCIDENT=$value ;;
      --holder-dead) OPT_DEAD=$value && shift ;;
      --holder-dead=*) OPT_DEAD=$value ;;
      --yes) OPT_YES=1 ;;
      --accept-incomplete) OPT_INCOMPLETE=1 ;;
      --allow-stale-plan) OPT_STALE=1 ;;
      --one-by-one) OPT_ONE=1 ;;
      --push) OPT_PUSH=1 ;;
      *) stop "unknown argument: $(printf '%s' "$1" | clean)" "bash reconcile.sh --help" ;;
    esac
    shift
  done
  [ "$OPT_PUSH" -eq 0 ] || [ "$MODE" = execute ] || stop "--push goes with --execute" "bash reconcile.sh --help"
}

main() {
  local arguments=$#
  options "$@"
  if [ "$arguments" -eq 0 ]; then
    print_plan
    exit 0
  fi
  [ -n "$MODE" ] || stop "neither --execute nor --rehearse nor --rollback was given" "without any argument the steps are printed; bash reconcile.sh --help"
  OUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P) || stop "the folder of this script cannot be entered" "check who owns it"
  PRIVATE=$OUT/private JOURNAL=$OUT/private/journal
  TF_BIN=${TF_BIN:-terraform}
  REHEARSING=0 REHEARSAL_PASSED=0 STOPPED=''
  OWN_FOLDER=0 MUTEX_HELD=0 MUTEX_KEEP=0 ROLE_TAKEN=0
  trap at_exit EXIT
  trap 'interrupted SIGINT' INT
  trap 'interrupted SIGTERM' TERM
  trap 'interrupted SIGHUP' HUP
  guard_request
  need_tools "$TF_BIN" aws awk sed grep cmp od tr
  guard_text
  own_folder
  guard_caller
  rm -rf "$PRIVATE/batch" "$PRIVATE/rehearsal" "$PRIVATE/batch.tfplan" # of a run that was killed
  [ "$MODE" = rehearse ] || mutex_take
  case $MODE in
    rehearse) rehearse ;;
    execute)
      say_rehearsed
      execute
      say_end
      ;;
    rollback) rollback ;;
  esac
}

main "$@"
exit
