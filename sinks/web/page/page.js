"use strict";
const at = id => document.getElementById(id);
const asked = new URLSearchParams(location.search).get("lang");
const lang = asked === "en" || asked === "zh" ? asked : navigator.language.startsWith("zh") ? "zh" : "en";
const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 1 });

// What the page itself says; what the figures are called is in the catalogue.
const texts = {
  en: { curve: "Satisfaction index and responses a minute", stores: "Stores, least satisfied first", store: "Store", day: "events of", upTo: "up to", none: "no events yet", stale: "out of date: ", minutes: " min", hours: " h", band: "Customers at high risk of leaving" },
  zh: { curve: "每分钟满意度指数与回答数", stores: "门店（满意度由低到高）", store: "门店", day: "数据日期", upTo: "截至", none: "暂无数据", stale: "数据已过期：", minutes: " 分钟", hours: " 小时", band: "高流失风险顾客数" },
}[lang];
let names = { Measures: {} };

function headings() {
  document.documentElement.lang = lang;
  at("curve-title").textContent = texts.curve;
  at("stores-title").textContent = texts.stores;
  const m = names.Measures;
  at("columns").replaceChildren(...[texts.store, m.responses, m.csat_index, m.dissatisfied_share, m.opened].map(name => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    return cell;
  }));
}

function duration(seconds) {
  if (seconds == null) return "–";
  if (seconds < 3600) return number.format(seconds / 60) + texts.minutes;
  return number.format(seconds / 3600) + texts.hours;
}

function figures(o) {
  const bands = Object.fromEntries(o.Bands.map(b => [b.Band, b.Customers]));
  const m = names.Measures;
  const list = [
    [m.csat_index, o.CSATIndex == null ? "–" : number.format(o.CSATIndex)],
    [m.satisfied_share, o.Satisfied == null ? "–" : share.format(o.Satisfied)],
    [m.responses, number.format(o.Responses)],
    [m.opened, number.format(o.Opened)],
    [m.backlog, number.format(o.Backlog)],
    [m.backlog_age, duration(o.OldestOpen)],
    [m.recovery_p50, duration(o.Recovery50)],
    [m.recovery_p90, duration(o.Recovery90)],
    [texts.band, number.format(bands.high || 0)],
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
    if (!names.Measures.csat_index) {
      names = await (await fetch("/api/names?lang=" + lang)).json();
      headings();
    }
    const response = await fetch("/api/overview");
    const o = await response.json();
    if (!response.ok) throw new Error(o.error);
    state.className = "";
    state.textContent = o.Day ? texts.day + " " + new Date(o.Day).toISOString().slice(0, 10) + " " + texts.upTo + " " + (o.Minutes.length ? o.Minutes[o.Minutes.length - 1].At.slice(11, 16) : "–") + " UTC" : texts.none;
    figures(o);
    curve(o.Minutes);
    stores(o.Stores);
  } catch (e) {
    state.className = "wrong";
    state.textContent = texts.stale + e.message;
  }
  setTimeout(refresh, 2000);
}
refresh();
