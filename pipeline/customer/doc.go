// Package customer keeps the history of a customer, one per topic, and the pure functions over it.
//
// A history is the recent events of one customer in event-time order. All that is said about the customer is a function
// of it. So a late event only takes another position in the history, and the panes receive the difference between what
// the history says after and before. Start at [Responses] and [Complaints]; [Summarise] and [Model.Score] are the
// functions. [Codec] encodes histories for storage, and for memory, which holds millions of them. The package knows no
// Kafka, no tables and no clock.
package customer
