package backend

// Problem is why no S3 backend is known, for errors.Is.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems.
const (
	ErrNoFolder       Problem = "there is no such folder"
	ErrNotInitialised Problem = "the folder is not initialised"
	ErrNoBackend      Problem = "no backend is configured: the state is a local file"
	ErrOtherBackend   Problem = "the state is not kept in S3"
	ErrRecord         Problem = "the record of the backend cannot be read"
	ErrBlock          Problem = "the backend block cannot be read"
	ErrHalf           Problem = "a bucket and a key go together"
	ErrWorkspace      Problem = "the workspace has a name that Terraform does not accept"
)

// Error says where no S3 backend was found, and why. Its text holds nothing of
// the backend's configuration but its type.
type Error struct {
	Problem Problem
	File    string
	Detail  string
	Type    string // of another backend
}

func (e *Error) Error() string {
	s := e.File + ": " + string(e.Problem)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap makes errors.Is(err, ErrOtherBackend) and the like work.
func (e *Error) Unwrap() error { return e.Problem }

// Hint says what to do next.
func (e *Error) Hint() string {
	switch e.Problem {
	case ErrNoBackend:
		return elsewhere("local")
	case ErrOtherBackend:
		return elsewhere(e.Type)
	case ErrWorkspace:
		return "list the names with: terraform workspace list"
	case ErrNoFolder:
		return "give the root module's folder with --dir"
	case ErrNotInitialised:
		return "go to the folder that the apply ran in, or give it with --dir; then: terraform init"
	case ErrBlock:
		return "give what terraform init was given: --backend-config FILE or --backend-config NAME=VALUE; or run terraform init in that folder"
	case ErrHalf:
		return "give both --backend-bucket and --backend-key, and --backend-region"
	}
	return "write it anew: terraform init -reconfigure"
}
