// The satisfaction index: the path model with its coefficients.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { tile, tiles } from "../parts.js";
import { model } from "../charts/pathmodel.js";
import { day, ends, format, measureLabel, names, scaleLabel, t } from "../names.js";
import { table } from "../table.js";

export const scoped = false,
  timed = false;

/** @param {Estimate} row */
const span = row => `${day(row.period_from)} – ${day(row.period_to)}`;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  /** @type {{ csi: Asked<"csi"> }} */
  const questions = { csi: ["csi", {}] };
  /**
   * @param {(body: HTMLElement, csi: Answer<Estimate>, how: How) => void} f
   * @returns {PanelOptions<typeof questions>["draw"]}
   */
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
                note: r.low == null ? "" : `95 %: ${ends(r.low, r.high, "index")}`,
              }),
            ),
        );
        if (row)
          body.append(
            h(
              "p",
              { class: "note" },
              `${span(row)} · ${format(row.responses, "count")} ${measureLabel("csi_responses")}`,
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
