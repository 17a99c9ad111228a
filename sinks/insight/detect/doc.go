// Package detect has the statistics of falls: how far the grades of a scope lie below the expected ones, how unlikely that is by
// chance, and which of many such tests are significant. It knows no database, no clock and no configuration.
//
// It answers two questions. Both compare grades with expected ones ([Cell], [Distance]) and correct for the number of stretches
// tried; they differ in what they expect:
//
//   - [Usual.Drop] asks, every five minutes, whether a scope is below its own usual now. It does not know what comes later, and a fall
//     that all scopes share counts: so it compares with the scope's own past by hour of the week ([Track], [Learn]). Its tail is exact
//     for few grades, so that years of such tests raise few false alerts.
//   - [Scan] asks, once, what stands out in a period that is over. It knows the time after a fall too, the past may be a day or none,
//     and a fall that all scopes share is not a fall of one of them: so it compares with the others at the same time, and with the
//     scope's other time. Both know that scopes have moods of hours and days (components.go).
//
// Read also [Drift], for a slow fall; [Surge] and [Silence], for counts; [Discover], the false discovery rate.
package detect
