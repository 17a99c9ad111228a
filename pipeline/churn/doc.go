// Package churn learns the weights of the churn score from customers who left or stayed, and measures how well
// given weights tell who leaves (schemas/DOMAIN.md, section 5).
//
// Start at [Collect]: it takes customers as they were known at several instants, and whether they left in the
// time after. [Fit] and [Evaluate] use these examples. Nothing that happened after an instant goes into its
// inputs.
package churn
