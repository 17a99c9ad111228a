// Why: what customers expect and get, what they feel, what matters, and where the service itself falls short.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { bars } from "../parts.js";
import { chart, colour } from "../chart.js";
import { format, lang, meaning, measureLabel, names, questionLabel, scaleLabel, scopeLabel, t } from "../names.js";
import { table } from "../table.js";

export const scoped = true,
  timed = true;

const members = scale => Object.keys(names.scales[scale] || {}).filter(Boolean);

export function draw(page, main) {
  const both = { ...page.period(), ...page.scope() };
  const scope = scopeLabel(page.state.kind, page.state.id);
  // A part is seen beside all, all beside the time before.
  const questions = { whole: ["satisfaction", both] };
  if (page.state.kind !== "all") questions.all = ["satisfaction", page.period()];
  main.append(
    panel(page, {
      title: t("rater_radar"),
      id: "radar",
      questions,
      draw: (body, a, how) => radar(body, a, how, scope),
    }),
    panel(page, {
      title: t("factors"),
      id: "factors",
      questions,
      draw: (body, a) => means(body, a, "factors", "factor_", t("factors")),
    }),
    panel(page, {
      title: t("emotions"),
      id: "emotions",
      questions,
      draw: (body, a) => shares(body, a, "emotion", "emotion_", t("emotions")),
    }),
    panel(page, {
      title: t("complaints_about"),
      note: t("sins_note"),
      id: "sins",
      questions: { categories: ["categories", both] },
      draw: (body, { categories }) =>
        categories.list.length
          ? bars(
              body,
              t("complaints_about"),
              categories.list.map(c => ({
                label: c.category === "none" ? t("unnamed") : scaleLabel("category", c.category),
                value: c.complaints,
                tone: c.overdue ? "bad" : null,
              })),
              { unit: "count", value: measureLabel("complaints") },
            )
          : nothing(body, t("no_complaints")),
    }),
    panel(page, {
      title: t("importance_matrix"),
      note: t("lately_note"),
      wide: true,
      id: "matrix",
      questions: { importance: ["importance", both] },
      draw: (body, a, how) => matrix(body, a.importance, how),
    }),
    panel(page, {
      title: t("five_gaps"),
      note: t("gaps_note"),
      wide: true,
      id: "gaps",
      questions: { gaps: ["gaps", both] },
      draw: (body, a, how) => gaps(body, a.gaps, how),
    }),
    panel(page, {
      title: t("gap_causes"),
      wide: true,
      id: "causes",
      questions: { causes: ["gap_causes", {}] },
      draw: (body, { causes }, how) =>
        table(body, causes, how, {
          caption: t("gap_causes"),
          rows: causes.list.filter(c => c.evidence > 0),
          columns: [
            { name: "cause_" + lang, label: t("cause") },
            { name: "gap", cell: r => scaleLabel("gap", r.gap), number: false },
            {
              name: "evidence",
              unit: "share",
              cell: r => h("meter", { min: 0, max: 1, value: r.evidence, "aria-label": format(r.evidence, "share") }),
            },
            { name: "remedies_" + lang, label: t("remedies"), cell: r => r["remedies_" + lang].join("; ") },
          ],
        }),
    }),
    panel(page, {
      title: t("service_types"),
      note: t("types_note"),
      wide: true,
      id: "types",
      questions: {
        types: [
          "service_types",
          {
            ...page.period(),
            kind:
              page.state.kind === "all" || page.state.kind === "store"
                ? "store"
                : page.state.kind === "employee"
                  ? "employee"
                  : "store",
            limit: 1000,
          },
        ],
      },
      draw: (body, a) => types(page, body, a.types),
    }),
  );
}

function radar(body, a, how, scope) {
  const [s] = a.whole.list,
    all = a.all?.list[0];
  const dimensions = members("rater").filter(d => s?.["rater_" + d] != null);
  if (dimensions.length < 3) return nothing(body, t("no_answers"));
  const values = row => dimensions.map(d => row["rater_" + d]);
  const series = [{ name: scope, value: values(s), areaStyle: { opacity: 0.2 } }];
  if (s.mean_expectation != null)
    series.push({
      name: measureLabel("mean_expectation"),
      value: dimensions.map(() => s.mean_expectation),
      lineStyle: { type: "dashed" },
      symbol: "none",
    });
  if (all) series.push({ name: t("everything"), value: values(all), symbol: "none" });
  chart(
    body,
    t("rater_radar"),
    {
      legend: { data: series.map(x => x.name) },
      tooltip: {},
      radar: {
        indicator: dimensions.map(d => ({ name: scaleLabel("rater", d), min: 1, max: 7 })),
        radius: "62%",
        center: ["50%", "56%"],
        axisName: { color: colour("text") },
        splitLine: { lineStyle: { color: colour("faint") } },
        splitArea: { show: false },
        axisLine: { lineStyle: { color: colour("faint") } },
      },
      series: [{ type: "radar", data: series }],
    },
    {
      columns: ["", ...series.map(x => x.name)],
      rows: dimensions.map((d, i) => [scaleLabel("rater", d), ...series.map(x => format(x.value[i], "grade"))]),
    },
    { height: 320, press: () => how.tell("rater_index") },
  );
}

function means(body, a, scale, prefix, label) {
  const [s] = a.whole.list,
    all = a.all?.list[0];
  const list = members(scale)
    .filter(m => s?.[prefix + m] != null)
    .map(m => ({
      label: scaleLabel(scale, m),
      value: s[prefix + m],
      short: format(s[prefix + m], "grade"),
      text: `${format(s[prefix + m], "grade")}${all ? ` · ${t("everything")} ${format(all[prefix + m], "grade")}` : ""}`,
      tone: all && all[prefix + m] - s[prefix + m] > 0.5 ? "bad" : null,
    }))
    .sort((x, y) => x.value - y.value);
  if (!list.length) return nothing(body, t("no_answers"));
  bars(body, label, list, { unit: "grade", value: t("mean_mark"), max: 7 });
}

function shares(body, a, scale, prefix, label) {
  const [s] = a.whole.list,
    all = a.all?.list[0];
  const list = members(scale)
    .filter(m => s?.[prefix + m] != null)
    .map(m => ({
      label: scaleLabel(scale, m),
      value: s[prefix + m],
      text: `${format(s[prefix + m], "share")}${all ? ` · ${t("everything")} ${format(all[prefix + m], "share")}` : ""}`,
      tone: m === "happy" ? "good" : "bad",
    }));
  if (!list.length) return nothing(body, t("no_answers"));
  bars(body, label, list, { unit: "share", max: 1 });
}

function matrix(body, answer, how) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("too_few"));
  const mean = key => list.reduce((n, r) => n + r[key], 0) / list.length;
  const tones = {
    concentrate: colour("bad"),
    keep_up: colour("good"),
    low_priority: colour("soft"),
    overkill: colour("warn"),
  };
  const split = {
    silent: true,
    symbol: "none",
    lineStyle: { color: colour("soft") },
    label: { show: false },
    data: [{ xAxis: mean("performance") }, { yAxis: mean("importance") }],
  };
  chart(
    body,
    t("importance_matrix"),
    {
      legend: { data: Object.keys(tones).map(q => scaleLabel("importance_quadrant", q)) },
      tooltip: {
        formatter: p =>
          `${p.data.name}\n${measureLabel("importance")} ${format(p.data.value[1], "coefficient")}\n${measureLabel("question_performance")} ${format(p.data.value[0], "grade")}`,
      },
      xAxis: {
        type: "value",
        scale: true,
        name: measureLabel("question_performance"),
        nameLocation: "middle",
        nameGap: 28,
        axisLabel: { color: colour("soft"), formatter: v => format(v, "grade") },
      },
      yAxis: {
        type: "value",
        scale: true,
        name: measureLabel("importance"),
        axisLabel: { color: colour("soft"), formatter: v => format(v, "coefficient") },
      },
      grid: { bottom: 32, right: 60, top: 56 },
      series: Object.entries(tones).map(([q, c], i) => ({
        name: scaleLabel("importance_quadrant", q),
        type: "scatter",
        color: c,
        symbolSize: 12,
        markLine: i ? undefined : split,
        label: { show: true, position: "right", color: colour("text"), formatter: p => p.data.name },
        labelLayout: { hideOverlap: true },
        data: list
          .filter(r => r.quadrant === q)
          .map(r => ({ name: questionLabel(r.question), value: [r.performance, r.importance] })),
      })),
    },
    {
      columns: [
        t("question"),
        measureLabel("importance"),
        measureLabel("question_performance"),
        measureLabel("quadrant"),
      ],
      rows: list.map(r => [
        questionLabel(r.question),
        format(r.importance, "coefficient"),
        format(r.performance, "grade"),
        `${scaleLabel("importance_quadrant", r.quadrant)}: ${meaning("importance_quadrant", r.quadrant)}`,
      ]),
    },
    { height: 380, press: () => how.tell("importance") },
  );
}

// A gap above 0 is a shortfall but for the fifth, whose sign is that of performance less expectation.
function gaps(body, answer, how) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("no_gaps"));
  const ids = { 1: "gap_knowledge", 2: "gap_standards", 3: "gap_delivery", 4: "gap_communication", 5: "gap_perceived" };
  const dimensions = ["", ...members("rater")];
  const shown = Object.keys(ids).filter(g => list.some(r => String(r.gap) === g));
  const value = (g, d) => list.find(r => String(r.gap) === g && (r.dimension || "") === d)?.value;
  const label = d => (d ? scaleLabel("rater", d) : t("all_dimensions"));
  const used = dimensions.filter(d => shown.some(g => value(g, d) != null));
  chart(
    body,
    t("five_gaps"),
    {
      legend: { data: used.map(label) },
      tooltip: {
        trigger: "item",
        formatter: p => `${p.name}\n${p.seriesName}: ${format(p.value, "difference_of_grades")}`,
      },
      xAxis: {
        type: "category",
        data: shown.map(g => measureLabel(ids[g])),
        axisLabel: { color: colour("text"), interval: 0, width: 90, overflow: "break" },
      },
      yAxis: { type: "value", axisLabel: { color: colour("soft"), formatter: v => format(v, "difference_of_grades") } },
      series: used.map(d => ({
        name: label(d),
        type: "bar",
        barMaxWidth: 16,
        data: shown.map(g => value(g, d) ?? null),
      })),
    },
    {
      columns: [t("gap"), ...used.map(label)],
      rows: shown.map(g => [measureLabel(ids[g]), ...used.map(d => format(value(g, d), "difference_of_grades"))]),
    },
    { height: 300, press: p => how.tell(ids[shown[p.dataIndex]]) },
  );
}

function types(page, body, answer) {
  const { list } = answer;
  if (!list.length) return nothing(body, t("no_answers"));
  const mine = r => r.scope_id === page.state.id;
  const split = {
    silent: true,
    symbol: "none",
    lineStyle: { color: colour("soft") },
    label: { show: false },
    data: [{ xAxis: 5 }, { yAxis: 5 }],
  };
  const kinds = members("service_type");
  chart(
    body,
    t("service_types"),
    {
      legend: { data: kinds.map(k => scaleLabel("service_type", k)) },
      tooltip: {
        formatter: p =>
          `${p.data.name}\n${measureLabel("procedural")} ${format(p.data.value[0], "grade")}\n${measureLabel("personal")} ${format(p.data.value[1], "grade")}`,
      },
      xAxis: {
        type: "value",
        scale: true,
        name: measureLabel("procedural"),
        nameLocation: "middle",
        nameGap: 28,
        axisLabel: { color: colour("soft"), formatter: v => format(v, "grade") },
      },
      yAxis: {
        type: "value",
        scale: true,
        name: measureLabel("personal"),
        axisLabel: { color: colour("soft"), formatter: v => format(v, "grade") },
      },
      grid: { bottom: 32, right: 60, top: 56 },
      series: kinds.map((k, i) => ({
        name: scaleLabel("service_type", k),
        type: "scatter",
        markLine: i ? undefined : split,
        symbolSize: (v, p) => (p.data.mine ? 18 : 9),
        data: list
          .filter(r => r.service_type === k)
          .map(r => ({
            name: r.scope_id,
            mine: mine(r),
            value: [r.procedural, r.personal],
            label: { show: list.length <= 30 || mine(r), position: "right", color: colour("text"), formatter: "{b}" },
          })),
        labelLayout: { hideOverlap: true },
      })),
    },
    {
      columns: [
        t("scope"),
        measureLabel("service_type"),
        measureLabel("procedural"),
        measureLabel("personal"),
        measureLabel("responses"),
      ],
      rows: list
        .slice(0, 100)
        .map(r => [
          r.scope_id,
          scaleLabel("service_type", r.service_type),
          format(r.procedural, "grade"),
          format(r.personal, "grade"),
          format(r.responses, "count"),
        ]),
    },
    { height: 380, press: p => p.data?.name && page.go({ kind: "store", id: p.data.name }) },
  );
}
