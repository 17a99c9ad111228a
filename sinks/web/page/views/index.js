// The satisfaction index: the path model with its coefficients.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { tile, tiles } from "../parts.js";
import { chart, colour } from "../chart.js";
import { day, format, measureLabel, names, scaleLabel, t } from "../names.js";
import { table } from "../table.js";

export const scoped = false,
  timed = false;

// Where the latent variables stand, in the order of cause and effect.
const at = {
  expected_quality: [0, 0],
  perceived_quality: [0, 2],
  perceived_price: [1, 0.6],
  satisfaction: [2, 1],
  complaint: [3, 0],
  loyalty: [3, 2],
};

export function draw(page, main) {
  const questions = { csi: ["csi", {}] };
  const or =
    f =>
    (body, { csi }, how) =>
      csi.list.length ? f(body, csi, how) : nothing(body, t("no_csi"), "csatflow csi --config csatflow.yaml");
  main.append(
    panel(page, {
      title: t("csi_index"),
      wide: true,
      id: "csi-index",
      questions,
      draw: or((body, csi, how) => {
        const row =
          csi.list.find(r => r.kind === "index" && r.from_variable === "satisfaction") ||
          csi.list.find(r => r.kind === "index");
        tiles(
          body,
          csi.list
            .filter(r => r.kind === "index")
            .map(r =>
              tile(how, {
                label: scaleLabel("latent", r.from_variable),
                value: format(r.value, "index"),
                measure: "csi_index",
                note: r.low == null ? "" : `95 %: ${format(r.low, "index")} – ${format(r.high, "index")}`,
              }),
            ),
        );
        if (row)
          body.append(
            h(
              "p",
              { class: "note" },
              `${day(row.period_from)} – ${day(row.period_to)} · ${format(row.responses, "count")} ${measureLabel("csi_responses")}`,
            ),
          );
      }),
    }),
    panel(page, { title: t("csi_model"), wide: true, id: "csi-model", questions, draw: or(model) }),
    panel(page, {
      title: t("csi_questions"),
      wide: true,
      id: "csi-questions",
      questions,
      draw: or((body, csi, how) =>
        table(body, csi, how, {
          caption: t("csi_questions"),
          rows: csi.list.filter(r => r.kind === "loading" || r.kind === "weight"),
          columns: [
            {
              name: "to_variable",
              label: t("question"),
              cell: r => (names.scales.latent[r.to_variable] ? scaleLabel("latent", r.to_variable) : r.to_variable),
            },
            { name: "from_variable", cell: r => scaleLabel("latent", r.from_variable) },
            { name: "kind", scale: "csi_kind" },
            { name: "value", unit: "coefficient" },
            { name: "low", label: measureLabel("csi_low"), unit: "coefficient" },
            { name: "high", label: measureLabel("csi_high"), unit: "coefficient" },
          ],
        }),
      ),
    }),
  );
}

function model(body, csi) {
  const of = (kind, v) => csi.list.find(r => r.kind === kind && (r.from_variable === v || r.to_variable === v));
  const paths = csi.list.filter(r => r.kind === "path");
  const variables = [
    ...new Set([
      ...Object.keys(at).filter(v => paths.some(p => p.from_variable === v || p.to_variable === v)),
      ...paths.flatMap(p => [p.from_variable, p.to_variable]),
    ]),
  ];
  const sure = p => p.low == null || p.low > 0 || p.high < 0;
  // In pixels of the box, so that nothing is stretched; on a phone cause and effect go down.
  const room = body.clientWidth,
    narrow = room < 640,
    size = narrow ? 84 : 96,
    height = narrow ? 560 : 420,
    edge = size / 2 + 4;
  const place = (v, i) => {
    const [along, across] = at[v] || [i % 4, 1];
    const [x, y] = narrow ? [across / 2, along / 3] : [along / 3, across / 2];
    return { x: edge + x * (room - 2 * edge), y: edge + y * (height - 2 * edge) };
  };
  chart(
    body,
    t("csi_model"),
    {
      tooltip: { formatter: p => (p.dataType === "edge" ? `${p.data.said}` : p.data.said) },
      series: [
        {
          type: "graph",
          layout: "none",
          roam: false,
          symbol: "circle",
          symbolSize: size,
          edgeSymbol: ["none", "arrow"],
          edgeSymbolSize: 9,
          top: edge,
          bottom: edge,
          left: edge,
          right: edge,
          label: {
            show: true,
            color: colour("text"),
            formatter: p => p.data.said,
            lineHeight: 16,
            width: size - 8,
            overflow: "break",
          },
          itemStyle: { color: colour("card"), borderColor: colour("line"), borderWidth: 2 },
          data: variables.map((v, i) => {
            const index = of("index", v),
              r2 = of("r2", v);
            return {
              name: v,
              ...place(v, i),
              said: `${scaleLabel("latent", v)}${index ? `\n${format(index.value, "index")}` : ""}${r2 ? ` · R² ${format(r2.value, "coefficient")}` : ""}`,
            };
          }),
          links: paths.map(p => ({
            source: p.from_variable,
            target: p.to_variable,
            said: `${scaleLabel("latent", p.from_variable)} → ${scaleLabel("latent", p.to_variable)}\n${format(p.value, "coefficient")}${p.low == null ? "" : ` (${format(p.low, "coefficient")} – ${format(p.high, "coefficient")})`}`,
            lineStyle: {
              width: 1 + 5 * Math.abs(p.value),
              color: !sure(p) ? colour("faint") : p.value > 0 ? colour("good") : colour("bad"),
              type: sure(p) ? "solid" : "dashed",
              curveness: 0.08,
              opacity: 0.9,
            },
            label: {
              show: true,
              formatter: format(p.value, "coefficient"),
              color: colour("text"),
              backgroundColor: colour("card"),
              padding: 2,
            },
          })),
        },
      ],
    },
    {
      columns: [t("path"), measureLabel("csi_path"), measureLabel("csi_low"), measureLabel("csi_high")],
      rows: paths.map(p => [
        `${scaleLabel("latent", p.from_variable)} → ${scaleLabel("latent", p.to_variable)}`,
        format(p.value, "coefficient"),
        format(p.low, "coefficient"),
        format(p.high, "coefficient"),
      ]),
    },
    { height },
  );
}
