package pipeline

// FinalError is an error that another try cannot fix: a table that does not fit, or a log other than the one the rows
// were made from.
type FinalError struct{ Err error }

func (e *FinalError) Error() string { return e.Err.Error() }
func (e *FinalError) Unwrap() error { return e.Err }
