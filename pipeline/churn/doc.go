// Package churn learns the weights of the churn score from what became of customers, and says how well any weights
// tell who leaves (schemas/DOMAIN.md, section 5).
//
// Start at [Collect], which looks at customers as they were known at several instants and at who left in the time
// after; then [Fit] and [Evaluate]. Nothing that happened after an instant is known at it.
package churn
