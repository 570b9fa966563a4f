package providers

// Advised is an error that says what to type next, for those who print it.
type Advised struct {
	Err  error
	Next string
}

func (e *Advised) Error() string { return e.Err.Error() }
func (e *Advised) Unwrap() error { return e.Err }

// Hint says what to type next.
func (e *Advised) Hint() string { return e.Next }
