package schemas

import (
	"fmt"
	"strings"
)

// level is a mean of values from 0 to 1, of which a view gives the 95 % interval. Its fields are SQL over the columns of the rows that it is reckoned
// from: the number of values n, their sum x and the sum of their squares xx. n may be an effective number, with x and xx in proportion, or NULL.
type level struct {
	n, x, xx string
	wilson   string // the least n from which a share has Wilson's interval; "" for other means
}

const (
	normal        = "1.959963984540054" // the 97.5 % quantile of the normal distribution
	normalSquared = "3.841458820694124"
)

// intervals begins a query that adds the column ends to the rows of the one that follows it as FROM (…)): the ends of the intervals of levels, which
// [low] and [high] read. ClickHouse's analysis takes as long as an expression has functions, so all levels of a view are in the same few arrays.
//
// The lower end is the 2.5 % quantile of the mean when the values and one more, which is 0, have weights from a Dirichlet distribution (Gaffke 2005;
// Learned-Miller, Thomas 2019), by the beta distribution with the same mean and variance, and that by Paulson 1942; the upper end mirrors it. For shares
// that is Clopper and Pearson's. Shares of ten and more have Wilson's score interval (Wilson 1927), which covers less than 0.93 below ten.
func intervals(levels ...level) string {
	var items, n, x, xx, least []string
	for i, l := range levels {
		ni, xi, yi := fmt.Sprintf("level_n%d", i+1), fmt.Sprintf("level_x%d", i+1), fmt.Sprintf("level_xx%d", i+1)
		items = append(items, fmt.Sprintf("toFloat64(%s) AS %s, toFloat64(%s) AS %s", l.n, ni, l.x, xi))
		n, x = append(n, ni, ni), append(x, xi, ni+" - "+xi)
		if l.wilson != "" {
			xx, least = append(xx, xi, ni+" - "+xi), append(least, l.wilson, l.wilson)
			continue
		}
		items = append(items, fmt.Sprintf("toFloat64(%s) AS %s", l.xx, yi))
		xx, least = append(xx, yi, fmt.Sprintf("%s - 2 * %s + %s", ni, xi, yi)), append(least, "inf", "inf")
	}
	array := func(list []string) string { return "[" + strings.Join(list, ", ") + "]" }
	return fmt.Sprintf("SELECT *, %s AS ends\nFROM (SELECT *, %s", lowers(array(n), array(x), array(xx), array(least)), strings.Join(items, ", "))
}

// lowers is the SQL of lower ends, from arrays of the same length. p and q are a ninth of one by the two parameters of the beta distribution, whose sum is d.
func lowers(n, x, xx, least string) string {
	wilson := "greatest(0, (x + 1.920729410347062 - " + normal + " * sqrt(x * (n - x) / n + 0.960364705173531)) / (n + " + normalSquared + "))"
	cubic := "greatest(0, ((1 - p) * (1 - q) - " + normal + " * sqrt(greatest(0, pow(1 - p, 2) * q + p * pow(1 - q, 2) - " + normalSquared + " * p * q))) / (pow(1 - q, 2) - " + normalSquared + " * q))"
	return "arrayMap((least, n, x, d, p, q) -> multiIf(n >= least, " + wilson + ", isFinite(d), 1 / (1 + p / (q * pow(" + cubic + ", 3))), 0 * n), " + least + ", (" + n + " AS level_n), (" + x + " AS level_x),\n" +
		"    (arrayMap((n, x, xx) -> x * (n + 1 - x) * (n + 2) / ((n + 1) * xx - x * x) - 1, level_n, level_x, " + xx + ") AS level_d),\n" +
		"    arrayMap((n, x, d) -> (n + 1) / (9 * x * d), level_n, level_x, level_d), arrayMap((n, x, d) -> (n + 1) / (9 * (n + 1 - x) * d), level_n, level_x, level_d))"
}

// low and high are the ends of the interval of a level, numbered from 1.
func low(i int) string  { return fmt.Sprintf("ends[%d]", 2*i-1) }
func high(i int) string { return fmt.Sprintf("(1 - ends[%d])", 2*i) }

// meanLevel and shareLevel are levels for templates.
func meanLevel(n, x, xx string) level { return level{n: n, x: x, xx: xx} }
func shareLevel(k, n string) level    { return level{n: "nullIf(" + n + ", 0)", x: k, wilson: "10"} }

// wilsonLevel is a share of which Wilson's interval is wanted however small the number is.
func wilsonLevel(k, n string) level { return level{n: n, x: k, wilson: "0"} }

// clusterLevel is the mean of answers between two ends, of rows with the sums of the template cluster_sums and the effective number of answers.
func clusterLevel(from, span int) level {
	return level{
		n:  "effective",
		x:  fmt.Sprintf("effective * (all_s / all_n - (%d)) / %d", from, span),
		xx: fmt.Sprintf("effective * (all_q / all_n - 2 * (%d) * all_s / all_n + %[1]d * %[1]d) / (%d * %[2]d)", from, span),
	}
}

// betaLevel is for the 2.5 % quantile of the beta distribution of a mean and a variance, which [low] reads.
func betaLevel(mean, variance string) level {
	return level{n: "0", x: mean, xx: fmt.Sprintf("pow(%s, 2) + 2 * (%s)", mean, variance)}
}
