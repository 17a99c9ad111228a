"""Compares pairs of grade counts as statsmodels does: Welch's test of means and Brunner and Munzel's of order."""

import json
import sys

import numpy as np
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

results = []
for was, now in json.load(sys.stdin):
    a, b = (np.repeat(np.arange(1, 8), counts) for counts in (was, now))
    means = CompareMeans(DescrStatsW(a), DescrStatsW(b))
    order = rank_compare_2indep(a, b, use_t=True)
    results.append(
        {
            "mean": [a.mean() - b.mean(), *means.tconfint_diff(usevar="unequal"), means.ttest_ind(usevar="unequal")[1]],
            "order": [order.prob1, *order.conf_int(), order.pvalue],
        }
    )
json.dump(results, sys.stdout)
