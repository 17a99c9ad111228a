"""Rakes answers to the totals of four margins with ipfn, and prints their weighted mean and Kish's effective number."""

import json
import sys

import pandas
from ipfn import ipfn

case = json.load(sys.stdin)
margins = ["a", "b", "c", "d"]
answers = pandas.DataFrame(dict(zip(margins, case["Groups"])) | {"y": case["Y"]})
cells = answers.groupby(margins).agg(n=("y", "size"), y=("y", "sum")).reset_index()
cells["total"] = cells["n"].astype(float)
totals = [pandas.Series(t, index=pandas.Index(range(len(t)), name=m), dtype=float) for m, t in zip(margins, case["Totals"])]
fitted = ipfn.ipfn(cells, totals, [[m] for m in margins], weight_col="total", convergence_rate=1e-13, rate_tolerance=0, max_iteration=1000).iteration()
weight = fitted["total"] / fitted["n"]
json.dump(
    {
        "mean": float((weight * fitted["y"]).sum() / fitted["total"].sum()),
        "effective": float(fitted["total"].sum() ** 2 / (weight**2 * fitted["n"]).sum()),
    },
    sys.stdout,
)
