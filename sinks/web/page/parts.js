// Pieces that several views have: tiles, the curve of satisfaction with its alerts, bars.

import { h, sparkline } from "./dom.js";
import { chart, colour } from "./chart.js";
import { columnLabel, format, instant, measureLabel, names, scaleLabel, scopeLabel, t, unitOf } from "./names.js";

// tile is one figure: pressed, it says which SQL it came from.
export function tile(how, { label, value, note, measure, tone, link }) {
  return h(
    "div",
    { class: "tile" + (tone ? " " + tone : "") },
    h("span", { class: "label" }, link || label),
    h(
      "button",
      { type: "button", class: "value", "aria-label": `${label}: ${value}. ${t("sql_of")}`, click: how.sql(measure) },
      value,
    ),
    h("span", { class: "note" }, note || ""),
  );
}

export const tiles = (body, list) => body.replaceChildren(h("div", { class: "tiles" }, list));

// change says by how much something has changed, when that is more than chance explains.
export function change(now, before, error, unit, better) {
  if (now == null || before == null) return "";
  const by = now - before;
  const sure = error == null || Math.abs(by) > error;
  const good = better === "higher" ? by > 0 : by < 0;
  return h(
    "span",
    { class: sure && by ? (good ? "better" : "worse") : "same" },
    `${sure && by ? (by > 0 ? "▲ " : "▼ ") : "≈ "}${format(by, unit)} ${t("against_before")}`,
  );
}

// alertTitle says in the language of the page what an alert is about.
export function alertTitle(a) {
  return `${scaleLabel("alert_rule", a.rule)}: ${scopeLabel(a.scope_kind, a.scope_kind === "customer" ? short(a.scope_id) : a.scope_id)}${a.part ? ` · ${scaleLabel(a.rule === "customer_trouble" ? "tier" : "category", a.part)}` : ""}`;
}

// expectedLabel says what an alert's measure is held against.
export const expectedLabel = a =>
  t({ satisfaction_floor: "floor", recovery_slow: "allowed", promise_breach: "allowed" }[a.rule] || "usual");

// carriers are the parts that carry a fall, without those that are the whole of it: a store lies in one region.
export const carriers = a => (a.evidence || []).filter(e => e.share > 0 && e.share < 0.995);

// alertFigures says how far the measure is from what is usual.
export function alertFigures(a) {
  const unit = unitOf(a.measure);
  return `${measureLabel(a.measure)} ${format(a.value, unit)}, ${expectedLabel(a)} ${format(a.expected, unit)} · ${t("since")} ${instant(a.started_at)}${a.resolved_at ? ` · ${t("over_at")} ${instant(a.resolved_at)}` : ""}`;
}

// evidenceLabel names a part that carries a fall or a measure that moved with it.
export function evidenceLabel(e) {
  const scales = {
    rater: "rater",
    factors: "factors",
    emotion: "emotion",
    category: "category",
    facets: "facets",
    scorecard: "scorecard",
    tcs: "tcs",
  };
  if (scales[e.dimension]) return `${names.scales[scales[e.dimension]][e.id]?.label ?? e.id}`;
  return scopeLabel(e.dimension, e.id);
}

// short is what a pseudonym is called: the whole is in links.
export const short = id => (names.pseudonymous ? "#" + String(id).slice(0, 7) : String(id));

// curve draws the index with its interval, the number of responses, and the alerts that were on. others: more lines of { label, list, shift }.
export function curve(body, label, answer, alerts, others = [], options) {
  const { list } = answer,
    shift = o => o.shift || 0;
  const at = row => Date.parse(row.step_start);
  const index = measureLabel("csat_index"),
    responses = measureLabel("responses");
  // Where several alerts overlap, as of a fall and of the floor, one label is enough.
  let until = -Infinity;
  const marks = (alerts || [])
    .filter(a => a.measure === "mean_grade")
    .map(a => ({ a, from: Date.parse(a.started_at), to: Date.parse(a.resolved_at || answer.period.to) }))
    .sort((x, y) => x.from - y.from)
    .map(({ a, from, to }) => {
      const name = from >= until ? (a.scope_kind === "all" ? scaleLabel("alert_rule", a.rule) : a.scope_id) : "";
      until = Math.max(until, to);
      return [{ name, xAxis: from }, { xAxis: to }];
    });
  chart(
    body,
    label,
    {
      legend: { data: [index, ...others.map(o => o.label), responses] },
      tooltip: {
        trigger: "axis",
        valueFormatter: v => (Array.isArray(v) ? format(v[1], "index") : format(v, "index")),
      },
      xAxis: {
        type: "time",
        min: Date.parse(answer.period.from),
        max: Date.parse(answer.period.to),
        axisLabel: {
          color: colour("soft"),
          hideOverlap: true,
          formatter: v =>
            instant(
              v,
              answer.period.resolution >= 86400
                ? { hour: undefined, minute: undefined }
                : answer.period.to > answer.period.from &&
                    Date.parse(answer.period.to) - Date.parse(answer.period.from) <= 86400000
                  ? { month: undefined, day: undefined }
                  : {},
            ),
        },
      },
      yAxis: [
        {
          type: "value",
          min: v => Math.max(0, Math.floor((v.min - 5) / 5) * 5),
          max: v => Math.min(100, Math.ceil((v.max + 5) / 5) * 5),
        },
        { type: "value", min: 0, max: v => v.max * 4, splitLine: { show: false }, axisLabel: { show: false } },
      ],
      series: [
        {
          name: "low",
          type: "line",
          stack: "interval",
          symbol: "none",
          silent: true,
          lineStyle: { opacity: 0 },
          tooltip: { show: false },
          data: list.map(r => [at(r), r.csat_index_low ?? r.csat_index]),
        },
        {
          name: "interval",
          type: "line",
          stack: "interval",
          symbol: "none",
          silent: true,
          lineStyle: { opacity: 0 },
          areaStyle: { color: colour("line"), opacity: 0.15 },
          tooltip: { show: false },
          data: list.map(r => [at(r), (r.csat_index_high ?? r.csat_index) - (r.csat_index_low ?? r.csat_index)]),
        },
        {
          name: index,
          type: "line",
          symbol: list.length > 30 ? "none" : "circle",
          symbolSize: 4,
          color: colour("line"),
          data: list.map(r => [at(r), r.csat_index]),
          markArea: {
            silent: true,
            itemStyle: { color: colour("bad"), opacity: 0.14 },
            label: { color: colour("bad"), position: "insideTop" },
            data: marks,
          },
        },
        ...others.map((o, i) => ({
          name: o.label,
          type: "line",
          symbol: "none",
          lineStyle: { type: "dashed" },
          color: colour(["second", "third"][i % 2]),
          data: o.list.map(r => [at(r) + shift(o), r.csat_index]),
        })),
        {
          name: responses,
          type: "bar",
          yAxisIndex: 1,
          color: colour("faint"),
          data: list.map(r => [at(r), r.responses]),
          barMaxWidth: 14,
        },
      ],
    },
    {
      columns: [t("from"), index, measureLabel("csat_index_low"), measureLabel("csat_index_high"), responses],
      rows: list.map(r => [
        instant(r.step_start),
        format(r.csat_index, "index"),
        format(r.csat_index_low, "index"),
        format(r.csat_index_high, "index"),
        format(r.responses, "count"),
      ]),
    },
    options,
  );
}

// bars draws named values, the first on top. of: { label, value, text, tone }.
export function bars(body, label, list, { unit, value = t("value"), press, max } = {}) {
  const items = [...list].reverse();
  const tones = { bad: colour("bad"), good: colour("good"), warn: colour("warn") };
  chart(
    body,
    label,
    {
      tooltip: { trigger: "item", formatter: p => `${p.name}: ${items[p.dataIndex].text ?? format(p.value, unit)}` },
      xAxis: {
        type: "value",
        max,
        axisLabel: { color: colour("soft"), hideOverlap: true, formatter: v => format(v, unit) },
      },
      yAxis: {
        type: "category",
        data: items.map(i => i.label),
        axisLabel: { color: colour("text"), width: 170, overflow: "truncate" },
        axisTick: { show: false },
      },
      grid: { right: 56 },
      series: [
        {
          type: "bar",
          barMaxWidth: 18,
          color: colour("line"),
          data: items.map(i => ({ value: i.value, itemStyle: i.tone ? { color: tones[i.tone] } : undefined })),
          label: {
            show: true,
            position: "right",
            color: colour("text"),
            formatter: p => items[p.dataIndex].short ?? format(p.value, unit),
          },
        },
      ],
    },
    { columns: ["", value], rows: list.map(i => [i.label, i.text ?? format(i.value, unit)]) },
    { height: Math.max(120, 30 * items.length + 40), press: press && (p => press(items[p.dataIndex])) },
  );
}

// spark is the index of a scope by steps, for the cell of a table.
export function spark(row, answer, scale) {
  if (!row.course?.length) return "";
  const steps = (Date.parse(answer.period.to) - Date.parse(answer.period.from)) / 1000 / answer.period.step_s;
  const values = row.course.map(([step, index]) => [steps > 1 ? step / (steps - 1) : 0, index]);
  return sparkline(
    values,
    scale[0],
    scale[1],
    `${columnLabel({ name: "course" })} ${row.scope_id}: ${format(values[0][1], "index")} – ${format(values.at(-1)[1], "index")}`,
  );
}

export function sparkScale(list) {
  const all = list
    .flatMap(r => (r.course || []).map(c => c[1]))
    .filter(v => v != null)
    .sort((a, b) => a - b);
  return all.length ? [all[Math.floor(all.length * 0.02)], all[Math.ceil(all.length * 0.98) - 1]] : [0, 100];
}
