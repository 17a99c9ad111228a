// Package customer keeps the history of a customer, one per topic, and the pure functions over it.
//
// A history is the recent events of one customer in event-time order. What is said about the customer is a function of
// it, so an event that comes late only changes its place: the panes receive the difference between what the history
// says after and before. Start at [Responses] and [Complaints]; [Summarise] and [Model.Score] are the functions. [Codec]
// gives histories the form in which they are stored, and the one in which millions of them stay in memory. The package
// knows no Kafka, no tables and no clock.
package customer
