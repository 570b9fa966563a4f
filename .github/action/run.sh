#!/usr/bin/env bash
# Runs one command of reconcile in a GitHub workflow, shows its Markdown, and decides
# whether the step fails. The inputs come in the environment (action.yml) and are
# never evaluated: the arguments are split as a shell would, without expansion.
set -euo pipefail

bin=${RECONCILE_BIN:-}
[ -n "$bin" ] || bin=$RUNNER_TEMP/reconcile-bin/reconcile
command=$RECONCILE_COMMAND
out=${RECONCILE_OUT:-reconcile-out}
markdown=$RUNNER_TEMP/reconcile.md

fail() {
  printf '::error title=reconcile::%s\n' "$1"
  exit 1
}

case $command in
  preflight | plan | lock | verify) ;;
  *) fail "command is one of preflight, plan, lock, verify" ;;
esac
case ${RECONCILE_FAIL_ON:-person} in
  error | person | actions) ;;
  *) fail "fail-on is one of error, person, actions" ;;
esac

# xargs splits and unquotes, and expands nothing.
words=$(printf '%s' "${RECONCILE_ARGS:-}" | xargs printf '%s\n') || fail "args: a quote is not closed"
args=()
while IFS= read -r word; do
  [ -z "$word" ] || args+=("$word")
done <<<"$words"
[ "$command" != plan ] || args+=(--out "$out")

# What lies there from before must not pass for this run's.
[ "$command" != plan ] || rm -f -- "$out/report.json"

code=0
"$bin" "$command" ${args[@]+"${args[@]}"} >"$RUNNER_TEMP/reconcile.txt" || code=$?
cat "$RUNNER_TEMP/reconcile.txt"

report=
verdict=
if [ "$command" = plan ] && [ -f "$out/report.json" ]; then
  report=$out/report.json
  verdict=$(sed -n 's/^  "verdict": "\([a-z_]*\)",\{0,1\}$/\1/p' "$report" | head -n 1)
  "$bin" render "$report" --format markdown >"$markdown"
  # A comment holds 65,536 characters.
  if [ "$(wc -c <"$markdown")" -gt 60000 ]; then
    "$bin" render "$report" --format markdown --brief >"$markdown"
  fi
else
  {
    printf '### reconcile %s: exit code %d\n\n' "$command" "$code"
    # Four spaces make it code whatever is in it.
    head -c 50000 "$RUNNER_TEMP/reconcile.txt" | sed 's/^/    /'
  } >"$markdown"
fi

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$markdown" >>"$GITHUB_STEP_SUMMARY"
{
  printf 'exit-code=%d\n' "$code"
  printf 'verdict=%s\n' "$verdict"
  printf 'report=%s\n' "$report"
  printf 'markdown=%s\n' "$markdown"
} >>"$GITHUB_OUTPUT"

# The ref of a pull request is refs/pull/NUMBER/merge.
if [ "${RECONCILE_COMMENT:-}" = true ] && [[ ${GITHUB_REF:-} =~ ^refs/pull/([0-9]+)/ ]]; then
  gh pr comment "${BASH_REMATCH[1]}" --repo "$GITHUB_REPOSITORY" --body-file "$markdown" --edit-last --create-if-none ||
    printf '::warning title=reconcile::the comment could not be posted; the Markdown is in the summary\n'
fi

case $code in
  0) exit 0 ;;
  2) [ "${RECONCILE_FAIL_ON:-person}" = actions ] || exit 0 ;;
  1 | 130) ;;
  *) [ "${RECONCILE_FAIL_ON:-person}" != error ] || exit 0 ;;
esac
exit "$code"
