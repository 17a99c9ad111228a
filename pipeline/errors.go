package pipeline

import "errors"

// FinalError is an error that another try cannot fix: a table that does not fit, or a log other than the one the rows
// were made from.
type FinalError struct{ Err error }

func (e *FinalError) Error() string { return e.Err.Error() }
func (e *FinalError) Unwrap() error { return e.Err }

// Away is an error of a server that did not answer: what it was asked for may come later.
type Away interface {
	error
	Away()
}

// IsAway reports whether an error says that a server did not answer.
func IsAway(err error) bool {
	var away Away
	return errors.As(err, &away)
}
