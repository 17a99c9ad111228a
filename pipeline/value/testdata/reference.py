"""Fits the BG/NBD and Gamma-Gamma models of lifetimes to CDNOW's sample of 2,357 customers, in weeks, and prints them with the data."""

import json
import sys

from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

ahead = json.load(sys.stdin)["ahead"]
data = load_cdnow_summary_data_with_monetary_value()
purchasing = BetaGeoFitter().fit(data["frequency"], data["recency"], data["T"])
returning = data[data["frequency"] > 0]
spending = GammaGammaFitter().fit(returning["frequency"], returning["monetary_value"])
history = (data["frequency"], data["recency"], data["T"])
json.dump(
    {
        "purchasing": [float(purchasing.params_[name]) for name in ("r", "alpha", "a", "b")],
        "spending": [float(spending.params_[name]) for name in ("p", "q", "v")],
        "customers": [[float(v) for v in row] for row in data[["frequency", "recency", "T", "monetary_value"]].to_numpy()],
        "alive": [float(v) for v in purchasing.conditional_probability_alive(*history)],
        "purchases": [float(v) for v in purchasing.conditional_expected_number_of_purchases_up_to_time(ahead, *history)],
        "spend": [float(v) for v in spending.conditional_expected_average_profit(data["frequency"], data["monetary_value"])],
    },
    sys.stdout,
)
