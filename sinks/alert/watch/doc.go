// Package watch looks at the views and raises an alert when satisfaction drops, complaints surge, recovery is slow, a feed
// falls silent or customers are about to leave; and is quiet otherwise.
//
// What is looked for is declared in schemas/ruleset. Start at [Watch], which turns one evaluation after another into alerts that begin and end;
// [Runner], which does so as events come. The statistics are those of sinks/insight/detect, the evidence is of sinks/insight/explain.
package watch
