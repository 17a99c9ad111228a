// Package detect has the statistics of the alerts: what is usual for a scope, how unlikely it is that what is seen now
// comes of it by chance, and which of many such tests to believe. It knows no database, no clock and no configuration.
//
// Read [Track], a scope's past; [Learn], what is usual at each hour of the week; [Usual.Drop], which looks for a fall in all
// windows that end now; [Drift], for a slow one; [Surge] and [Silence], for counts; [Discover], the false discovery rate.
package detect
