
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
