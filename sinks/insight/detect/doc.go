// Package detect has the statistics of falls: how far grades lie below what is expected of a scope, how unlikely that is by chance, and
// which of many such tests to believe. It knows no database, no clock and no configuration.
//
// Two questions are asked of it, and they share [Cell] and [Distance], what is seen against what is expected, and how many stretches
// were looked at, but not what is expected:
//
//   - [Usual.Drop] asks, every five minutes, whether a scope is below its own usual now. What comes later is not known, and a fall that
//     all scopes share is one: so it compares with the scope's own past, hour by hour of the week ([Track], [Learn]), and holds over
//     years of such looks by a tail that is exact for few grades.
//   - [Scan] asks, once, what stands out of a period that is over. The time after a fall is known too, a past may be a day or none, and
//     what all scopes share is no fall of one of them: so it compares with the others at the same time and with the scope's other time.
//
// Read also [Drift], for a slow fall; [Surge] and [Silence], for counts; [Discover], the false discovery rate.
package detect
