package backend

// elsewhere says what reconcile can do for a state that is not kept in S3, and
// what is left to the backend's own tools. The plan and its script work all the
// same: the script takes its mutex beside itself, and Terraform's commands take
// the backend's lock. A dead run's lock stands in their way there, since the
// script goes past a lock only where reconcile has read it.
func elsewhere(typ string) string {
	const pull = "terraform state pull > state.tfstate, then --state state.tfstate: plan, rehearse and the script work"
	switch typ {
	case "local", "":
		return "give the file with --state terraform.tfstate: plan, rehearse and the script work. Its lock lives as long as the process that took it (.terraform.tfstate.lock.info says which); see that nobody else applies"
	case "cloud", "remote":
		return pull + ". HCP Terraform keeps the lock: look at the workspace's page, cancel the run there, and unlock the workspace before the script; the workspace's own state versions are the way back"
	case "gcs":
		return pull + ". The lock is the object PREFIX/WORKSPACE.tflock in the bucket (gcloud storage cat shows who holds it); if its holder is dead, terraform force-unlock before the script, and keep the pipeline frozen"
	case "azurerm":
		return pull + ". The lock is the lease on the state's blob (az storage blob show); if its holder is dead, terraform force-unlock, or az storage blob lease break, before the script, and keep the pipeline frozen"
	case "http":
		return pull + ". The server that keeps the state keeps the lock (GitLab: the project's page of Terraform states shows and releases it); if its holder is dead, release it before the script, and keep the pipeline frozen"
	}
	return pull + ". Look at the lock with the backend's own tools; if its holder is dead, terraform force-unlock before the script, and keep the pipeline frozen"
}
