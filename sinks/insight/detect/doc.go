// Package detect has the statistics of falls: how far the grades of a scope lie below the expected ones, how unlikely that is by
// chance, and which of many such tests are significant. It knows no database, no clock and no configuration.
//
// What is usual is a mean for each local hour of the week ([Learner], [Calendar]); the level varies around it by hours, shifts and days, and how much is
// estimated by components of variance from all scopes of a kind (level.go, components.go). A filter follows the level (filter.go), so that a fall
// is held against where the level was before it, and its error has all of that variance. Falls of the past that nobody was told of are found with the
// knowledge of what came after them, and left out of all that is learnt (fallen.go).
//
// It answers two questions. Both compare grades with expected ones ([Cell], [Distance]) and correct for the number of stretches
// tried; they differ in what they expect:
//
//   - [Usual.Drop] asks, every five minutes, whether a scope is below its own usual now. It does not know what comes later: so it compares with
//     the scope's own past. What the whole chain does as well is taken off as far as the chain usually moves; what is more is a fall of each.
//     Its tail is exact for few grades, so that years of such tests raise few false alerts.
//   - [Scan] asks, once, what stands out in a period that is over. It knows the time after a fall too, the past may be a day or none,
//     and a fall that all scopes share is not a fall of one of them: so it compares with the others at the same time, and with the
//     scope's other time.
//
// Read also [Usual.Drift], for a slow fall; [Rates], for silence; [Known], the bound of what can be found; [Surge] and [Silence], for counts; [Discover], the false discovery rate.
package detect
