"""How many purchases models of customers who leave unseen forecast for the second half of a shop's time: python churn_models.py FILE.csv

FILE is one that churn_data.py wrote; wants lifetimes 0.11.3. They are BG/NBD (Fader, Hardie, Lee 2005), which csatflow has, MBG/NBD
(Batislam, Denizel, Filiztekin 2007) and Pareto/NBD (Schmittlein, Morrison, Colombo 1987).
"""

import sys
import warnings

import lifetimes
import pandas

warnings.filterwarnings("ignore")
purchases = pandas.read_csv(sys.argv[1], dtype={"customer_id": str}, parse_dates=["date"])
begin, end = purchases["date"].min(), purchases["date"].max() + pandas.Timedelta(days=1)
middle = begin + (end - begin) / 2
ahead = (end - middle).days
before, after = purchases[purchases["date"] < middle], purchases[purchases["date"] >= middle]
buyers = before.groupby("customer_id")["date"].agg(["min", "max", "count"])
repeat, last, age = buyers["count"] - 1, (buyers["max"] - buyers["min"]).dt.days, (middle - buyers["min"]).dt.days
made = after["customer_id"].isin(buyers.index).sum()
print(f"{len(buyers)} customers, {made} purchases in the {ahead} days after {middle.date()}")
for name, fitter in [("BG/NBD", lifetimes.BetaGeoFitter), ("MBG/NBD", lifetimes.ModifiedBetaGeoFitter), ("Pareto/NBD", lifetimes.ParetoNBDFitter)]:
    model = fitter()
    model.fit(repeat, last, age)
    forecast = model.conditional_expected_number_of_purchases_up_to_time(ahead, repeat, last, age).sum()
    print(f"{name}: {forecast:.0f} forecast ({100 * (forecast / made - 1):+.1f} %)")
again = purchases[purchases["date"] > purchases.groupby("customer_id")["date"].transform("min")]
print("repeated purchases by month:", ", ".join(f"{m} {n}" for m, n in again.groupby(again["date"].dt.to_period("M")).size().items()))
