package pipeline

// FinalError is an error that no further try can mend: a table that does not fit, a log that is not the one the rows
// were made from.
type FinalError struct{ Err error }

func (e *FinalError) Error() string { return e.Err.Error() }
func (e *FinalError) Unwrap() error { return e.Err }
