// What an engineer wants to see at three in the morning: the metrics of this process.

import { h } from "../dom.js";
import { nothing, panel } from "../panel.js";
import { duration, format, instant, lang, pair, scaleLabel, t } from "../names.js";

export const scoped = false,
  timed = false;

/** @type {{ at: number, records: number, flushes: number } | undefined} */
let earlier;

/** @param {Page} page @param {HTMLElement} main */
export function draw(page, main) {
  earlier = undefined;
  main.append(
    panel(page, {
      title: t("pipeline"),
      wide: true,
      id: "pipeline",
      source: "/metrics",
      questions: { p: ["pipeline", {}] },
      draw: (body, { p }) => figures(body, p),
    }),
    panel(page, {
      title: t("partitions"),
      note: t("partitions_note"),
      wide: true,
      id: "partitions",
      source: "/metrics",
      questions: { p: ["pipeline", {}] },
      draw: (body, { p }) => partitions(body, p),
    }),
    panel(page, {
      title: t("dead_letters"),
      note: t("dead_letters_note"),
      wide: true,
      id: "dead-letters",
      source: "/api/v1/deadletters",
      questions: { letters: ["deadletters", { limit: 100, lang }] },
      draw: (body, a) => letters(body, a.letters.letters),
    }),
  );
}

/** @param {Metrics} p @param {string} name */
const samples = (p, name) => p.metrics.find(m => m.name === "csatflow_" + name)?.samples || [];
/** @param {Metrics} p @param {string} name @param {Record<string, string>} [labels] */
const sum = (p, name, labels = {}) =>
  samples(p, name)
    .filter(s => Object.entries(labels).every(([k, v]) => s.labels[k] === v))
    .reduce((n, s) => n + s.value, 0);

// The source of a metric is /metrics: a press leads there.
/** @param {string} label @param {string} value @param {string} note @param {string | null} [tone] */
const tile = (label, value, note, tone) =>
  h(
    "div",
    { class: "tile" + (tone ? " " + tone : "") },
    h("span", { class: "label" }, label),
    h("a", { class: "value", href: "/metrics" }, value),
    h("span", { class: "note" }, note || ""),
  );

/** @param {HTMLElement} body @param {Metrics} p */
function figures(body, p) {
  const now = { at: Date.parse(p.at), records: sum(p, "records_total"), flushes: sum(p, "flushes_total") };
  // A rate needs two samples some seconds apart.
  const since = earlier && now.at - earlier.at >= 1000 ? earlier : null;
  const rate = since ? ((now.records - since.records) / (now.at - since.at)) * 1000 : null;
  const per = since ? ((now.flushes - since.flushes) / (now.at - since.at)) * 60000 : null;
  if (!earlier || now.at - earlier.at > 10000) earlier = now;
  const flush = samples(p, "flush_duration_seconds")[0],
    lag = sum(p, "lag_records"),
    waiting = Math.max(0, ...samples(p, "lag_seconds").map(s => s.value));
  const watermarks = samples(p, "watermark_timestamp_seconds").map(s => s.value),
    dead = sum(p, "dead_letters_total"),
    refused = ["events", "messages"].reduce((n, of) => n + sum(p, `intake_${of}_total`, { result: "dead_letter" }), 0),
    failed = sum(p, "flushes_total", { result: "error" }),
    lost = sum(p, "lost_events_total");
  const failures = failed ? ` · ${format(failed, "count")} ${t("failed")}` : "";
  const started = samples(p, "start_timestamp_seconds")[0]?.value;
  /** @param {string} kind */
  const memory = kind => sum(p, "state_entries", { kind });
  body.replaceChildren(
    h(
      "div",
      { class: "tiles" },
      tile(
        t("throughput"),
        rate == null ? "…" : `${format(rate)} /s`,
        `${format(now.records, "count")} ${t("since_start")}`,
      ),
      tile(
        t("lag"),
        format(lag, "count"),
        waiting ? `${t("waiting")} ${duration(waiting)}` : t("none_waiting"),
        waiting > 30 ? "bad" : null,
      ),
      tile(
        t("watermark"),
        watermarks.length ? instant(Math.min(...watermarks) * 1000) : "–",
        watermarks.length ? `${t("newest")} ${instant(Math.max(...watermarks) * 1000)}` : "",
      ),
      tile(
        t("flushes"),
        per == null ? "…" : `${format(per)} /min`,
        flush?.count ? `${t("mean")} ${duration(flush.value / flush.count)}${failures}` : "",
        failed ? "warn" : null,
      ),
      tile(t("rows_written"), format(sum(p, "rows_written_total"), "count"), ""),
      tile(
        t("dead_letters"),
        format(dead + refused, "count"),
        [now.records ? format(dead / now.records, "share") : "", t("this_process")].filter(Boolean).join(" · "),
        dead + refused ? "warn" : null,
      ),
      tile(t("lost"), format(lost, "count"), "", lost ? "bad" : null),
      tile(
        t("owned"),
        format(sum(p, "partitions_owned"), "count"),
        `${format(sum(p, "generations_total"), "count")} ${t("generations")}`,
      ),
      tile(
        t("in_memory"),
        format(
          samples(p, "state_entries").reduce((n, s) => n + s.value, 0),
          "count",
        ),
        samples(p, "state_entries")
          .map(s => `${t("kept_" + s.labels.kind)} ${format(memory(s.labels.kind), "count")}`)
          .join(" · "),
      ),
      tile(
        t("running"),
        started ? duration((now.at - started * 1000) / 1000) : "–",
        samples(p, "build_info")[0]?.labels.version || "",
      ),
    ),
  );
}

/** @param {HTMLElement} body @param {Metrics} p */
function partitions(body, p) {
  const topics = [...new Set(samples(p, "lag_records").map(s => s.labels.topic))].sort();
  const ids = [...new Set(samples(p, "lag_records").map(s => s.labels.partition))].sort(
    (a, b) => Number(a) - Number(b),
  );
  if (!ids.length) return nothing(body, t("no_partitions"));
  /** @param {string} name @param {Record<string, string>} labels */
  const of = (name, labels) =>
    samples(p, name).find(s => Object.entries(labels).every(([k, v]) => s.labels[k] === v))?.value;
  body.replaceChildren(
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": t("partitions") },
      h(
        "table",
        {},
        h("caption", { class: "hidden" }, t("partitions")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t("partition")),
            topics.map(topic => h("th", { scope: "col", class: "number" }, pair(t("lag"), scaleLabel("topic", topic)))),
            h("th", { scope: "col", class: "number" }, t("waiting")),
            h("th", { scope: "col" }, t("watermark")),
          ),
        ),
        h(
          "tbody",
          {},
          ids.map(partition =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, partition),
              topics.map(topic =>
                h(
                  "td",
                  { class: "number", "data-label": pair(t("lag"), scaleLabel("topic", topic)) },
                  format(of("lag_records", { topic, partition }), "count"),
                ),
              ),
              h(
                "td",
                { class: "number", "data-label": t("waiting") },
                duration(Math.max(...topics.map(topic => of("lag_seconds", { topic, partition }) || 0))),
              ),
              h(
                "td",
                { "data-label": t("watermark") },
                of("watermark_timestamp_seconds", { partition })
                  ? instant(Number(of("watermark_timestamp_seconds", { partition })) * 1000)
                  : "–",
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {HTMLElement} body @param {Letter[]} list */
function letters(body, list) {
  if (!list.length) return nothing(body, t("no_dead_letters"));
  /** @type {Record<string, { letter: Letter, n: number }>} */
  const by = {};
  for (const letter of list) (by[[letter.topic, letter.field, letter.reason].join(" ")] ??= { letter, n: 0 }).n++;
  const reasons = Object.values(by)
    .sort((a, b) => b.n - a.n)
    .slice(0, 8);
  body.replaceChildren(
    h(
      "ul",
      { class: "reasons" },
      reasons.map(({ letter, n }) =>
        h(
          "li",
          {},
          h("strong", {}, format(n, "count")),
          " × ",
          h("code", {}, letter.topic),
          " · ",
          field(letter),
          " · ",
          letter.reason,
        ),
      ),
    ),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": t("dead_letters") },
      h(
        "table",
        {},
        h("caption", { class: "hidden" }, t("dead_letters")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["message", "at", "field", "reason"].map(c => h("th", { scope: "col" }, t("letter_" + c))),
          ),
        ),
        h(
          "tbody",
          {},
          list.map(l =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, l.id),
              h("td", { "data-label": t("letter_at") }, instant(l.at, { second: "2-digit" })),
              h("td", { "data-label": t("letter_field") }, field(l)),
              h("td", { "data-label": t("letter_reason") }, l.reason),
            ),
          ),
        ),
      ),
    ),
  );
}

// field is the name of what is wrong in a message, as its schema has it.
/** @param {Letter} l */
const field = l => (l.field ? h("code", {}, l.field) : t("whole"));
