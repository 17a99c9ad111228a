package pls

import "errors"

// What can be wrong with data, for errors.Is; the returned error says where, and what to do.
var (
	// ErrTooFewRows: fewer complete rows than [Settings].MinRows.
	ErrTooFewRows = errors.New("too few complete rows")
	// ErrConstant: an indicator has the same value in every complete row.
	ErrConstant = errors.New("constant indicator")
	// ErrNotConverged: the weights still moved after [Settings].MaxIterations.
	ErrNotConverged = errors.New("weights have not converged")
	// ErrSingular: a latent variable's score or its regression on its predecessors is not determined.
	ErrSingular = errors.New("singular")
)

// Undetermined reports whether an error says that the data do not determine the model.
func Undetermined(err error) bool {
	return errors.Is(err, ErrTooFewRows) || errors.Is(err, ErrConstant) || errors.Is(err, ErrNotConverged) || errors.Is(err, ErrSingular)
}
