"""What the views compute, as statsmodels and ipfn do: intervals of shares, quantiles of survival curves, and raked means."""

import json
import sys

import numpy as np
import pandas
from ipfn import ipfn
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint


def intervals(cases):
    """Intervals of shares, and medians and deciles of survival curves."""
    shares = [proportion_confint(k, n, method="wilson" if n >= 10 else "beta") for k, n in cases["shares"]]
    quantiles = []
    for watched in cases["watched"]:
        seconds, closed = np.array(watched).T
        curve = SurvfuncRight(seconds, closed)
        found = [curve.quantile(q) for q in (0.5, 0.9)]
        quantiles.append([None if np.isnan(q) else float(q) for q in found])
    return {"shares": [[float(v) for v in s] for s in shares], "quantiles": quantiles}


def raked(case):
    """Answers raked to the totals of four margins: their weighted mean and Kish's effective number."""
    margins = ["a", "b", "c", "d"]
    answers = pandas.DataFrame(dict(zip(margins, case["Groups"])) | {"y": case["Y"]})
    cells = answers.groupby(margins).agg(n=("y", "size"), y=("y", "sum")).reset_index()
    cells["total"] = cells["n"].astype(float)
    totals = [pandas.Series(t, index=pandas.Index(range(len(t)), name=m), dtype=float) for m, t in zip(margins, case["Totals"])]
    fitting = ipfn.ipfn(cells, totals, [[m] for m in margins], weight_col="total", convergence_rate=1e-13, rate_tolerance=0, max_iteration=1000)
    fitted = fitting.iteration()
    weight = fitted["total"] / fitted["n"]
    return {
        "mean": float((weight * fitted["y"]).sum() / fitted["total"].sum()),
        "effective": float(fitted["total"].sum() ** 2 / (weight**2 * fitted["n"]).sum()),
    }


case = json.load(sys.stdin)
json.dump(raked(case) if "Groups" in case else intervals(case), sys.stdout)
