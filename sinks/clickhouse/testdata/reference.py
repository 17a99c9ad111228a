"""Intervals of shares, and medians and deciles of survival curves, as statsmodels has them."""

import json
import sys

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

cases = json.load(sys.stdin)
shares = [proportion_confint(k, n, method="wilson" if n >= 10 else "beta") for k, n in cases["shares"]]
quantiles = []
for watched in cases["watched"]:
    seconds, closed = np.array(watched).T
    curve = SurvfuncRight(seconds, closed)
    found = [curve.quantile(q) for q in (0.5, 0.9)]
    quantiles.append([None if np.isnan(q) else float(q) for q in found])
json.dump({"shares": [[float(v) for v in s] for s in shares], "quantiles": quantiles}, sys.stdout)
