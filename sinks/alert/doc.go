// Package alert watches the views and raises an alert when satisfaction drops, complaints surge, recovery is slow, a feed
// falls silent or customers are about to leave; and is quiet otherwise.
//
// Start at [Rules], what is looked for; [Watch], which turns one evaluation after another into alerts that begin and end;
// [Runner], which does so as events come. The statistics are in the sub-package detect, delivery in deliver, the trial
// over history in backtest.
package alert
