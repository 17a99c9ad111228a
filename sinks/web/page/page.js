"use strict";
const at = id => document.getElementById(id);
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

function duration(seconds) {
  if (seconds == null) return "–";
  if (seconds < 3600) return number.format(seconds / 60) + " min";
  return number.format(seconds / 3600) + " h";
}

function figures(o) {
  const bands = Object.fromEntries(o.Bands.map(b => [b.Band, b.Customers]));
  const list = [
    ["Satisfaction index", o.CSATIndex == null ? "–" : number.format(o.CSATIndex)],
    ["Satisfied", o.Satisfied == null ? "–" : share.format(o.Satisfied)],
    ["Responses", number.format(o.Responses)],
    ["Complaints opened", number.format(o.Opened)],
    ["Open now", number.format(o.Backlog)],
    ["Oldest open", duration(o.OldestOpen)],
    ["Recovery p50", duration(o.Recovery50)],
    ["Recovery p90", duration(o.Recovery90)],
    ["Customers likely to leave", number.format(bands.high || 0)],
  ];
  at("figures").replaceChildren(...list.map(([name, value]) => {
    const box = document.createElement("div"), strong = document.createElement("strong");
    strong.textContent = value;
    box.append(strong, name);
    return box;
  }));
}

function curve(minutes) {
  const svg = at("curve"), space = "http://www.w3.org/2000/svg";
  if (minutes.length < 2) return svg.replaceChildren();
  const first = Date.parse(minutes[0].At), last = Date.parse(minutes[minutes.length - 1].At);
  const most = Math.max(...minutes.map(m => m.Responses));
  const x = m => 1000 * (Date.parse(m.At) - first) / (last - first);
  const volume = document.createElementNS(space, "path"), index = document.createElementNS(space, "polyline");
  volume.setAttribute("class", "volume");
  volume.setAttribute("d", "M0,220" + minutes.map(m => `L${x(m).toFixed(1)},${(220 - 80 * m.Responses / most).toFixed(1)}`).join("") + "L1000,220Z");
  index.setAttribute("class", "index");
  index.setAttribute("points", smooth(minutes).map(m => `${x(m).toFixed(1)},${(210 - 2 * m.CSATIndex).toFixed(1)}`).join(" "));
  svg.replaceChildren(volume, index);
}

// smooth averages the index over 15 minutes, each weighted by its responses.
function smooth(minutes) {
  return minutes.map((m, i) => {
    let n = 0, sum = 0;
    for (let j = Math.max(0, i - 14); j <= i; j++) { n += minutes[j].Responses; sum += minutes[j].Responses * minutes[j].CSATIndex; }
    return { At: m.At, CSATIndex: sum / n };
  });
}

function stores(rows) {
  at("stores").replaceChildren(...rows.map(r => {
    const row = document.createElement("tr");
    for (const value of [r.Store, number.format(r.Responses), number.format(r.CSATIndex), share.format(r.Dissatisfied), number.format(r.Opened)]) {
      row.insertCell().textContent = value;
    }
    return row;
  }));
}

async function refresh() {
  const state = at("state");
  try {
    const response = await fetch("/api/overview");
    const o = await response.json();
    if (!response.ok) throw new Error(o.error);
    state.className = "";
    state.textContent = o.Day ? "events of " + new Date(o.Day).toISOString().slice(0, 10) + ", up to " + (o.Minutes.length ? o.Minutes[o.Minutes.length - 1].At.slice(11, 16) : "–") + " UTC" : "no events yet";
    figures(o);
    curve(o.Minutes);
    stores(o.Stores);
  } catch (e) {
    state.className = "wrong";
    state.textContent = "out of date: " + e.message;
  }
  setTimeout(refresh, 2000);
}
refresh();
