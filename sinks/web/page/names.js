// Names in the language of the page, and values in their units.

/** @type {Names} */
export let names = {
  measures: {},
  columns: {},
  scales: {},
  texts: {},
  currency: "EUR",
  zone: "UTC",
  ranges: [],
  dimensions: [],
  labels: {},
  pseudonymous: false,
};
export let lang = /** @type {Lang} */ ("en");

/** @param {Lang} language */
export async function load(language) {
  // The document has them in the language that the browser prefers.
  const given = document.getElementById("names");
  if (given?.lang === language) {
    names = JSON.parse(given.textContent ?? "");
    return speak(language);
  }
  const response = await fetch("/api/v1/names?lang=" + language);
  if (!response.ok) throw new Error(String(response.status));
  names = await response.json();
  speak(language);
}

/** @param {Lang} language */
function speak(language) {
  lang = language;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

// t returns one of the page's own texts.
/** @param {string} id */
export function t(id) {
  const text = names.texts[id];
  if (text === undefined) throw new Error(`page.yaml has no text ${id}`);
  return text;
}

// filled is a text with a value in the place of its ellipsis.
/** @param {string} id @param {string} value */
export const filled = (id, value) => t(id).replace("…", value);

// pair is a label with what it stands for.
/** @param {string} label @param {unknown} value */
export const pair = (label, value) => `${label}${lang === "zh" ? "：" : ": "}${value}`;

// listed, clauses and sentences join what stands beside one another: words, parts of a sentence, and sentences.
/** @param {string[]} items */
export const listed = items => items.join(lang === "zh" ? "、" : ", ");
/** @param {string[]} items */
export const clauses = items => items.join(lang === "zh" ? "，" : ", ");
/** @param {string[]} items */
export const sentences = items => items.join(lang === "zh" ? "；" : "; ");

/** @param {string} id */
export const measureLabel = id => names.measures[id]?.label ?? names.scales[id]?.[""]?.label ?? id;
/** @param {string} scale @param {string | number | boolean} id */
export const scaleLabel = (scale, id) => names.scales[scale]?.[String(id)]?.label ?? String(id).replaceAll("_", " ");
// members are the values of a scale.
/** @param {string} scale */
export const members = scale => Object.keys(names.scales[scale] || {}).filter(Boolean);
/** @param {string} scale @param {string | number} id */
export const meaning = (scale, id) => names.scales[scale]?.[String(id)]?.meaning ?? "";

// columnLabel is the heading of a column of an answer.
/** @param {{ name: string, measure?: string }} column */
export function columnLabel(column) {
  if (column.measure) return measureLabel(column.measure);
  return names.texts["col_" + column.name] ?? names.columns[column.name] ?? column.name;
}

// kindLabel and scopeLabel name scopes; ids, like an employee's, stay as they are.
/** @param {string} kind */
export const kindLabel = kind =>
  names.scales.scope_kind?.[kind]?.label ?? (kind === "customer" ? names.columns.customer_id : kind);
/** @param {string} kind @param {string} [id] */
export const scopeLabel = (kind, id) =>
  kind === "all" ? t("everything") : `${kindLabel(kind)} ${placeName(kind, id ?? "")}`.trim();

// placeName is the owner's name of a scope with its id, the label of a source and the like, or the id alone.
/** @param {string} kind @param {string} id */
export const placeName = (kind, id) => {
  const name = names.labels[kind]?.[id];
  return name ? `${name} (${id})` : (names.scales[kind]?.[id]?.label ?? id);
};

// dimensionOf returns a dimension by name; within returns the next narrower kind of place.
/** @param {string | undefined} name */
export const dimensionOf = name => names.dimensions.find(d => d.name === name);
/** @param {string} kind */
export const within = kind => {
  const place = dimensionOf(kind);
  const level = place?.level;
  return level ? names.dimensions.find(d => d.level === level + 1)?.name : undefined;
};

// questionLabel names a RATER dimension or factor as views do: rater_empathy, factor_fast.
/** @param {string} id */
export function questionLabel(id) {
  if (id.startsWith("rater_")) return scaleLabel("rater", id.slice(6));
  if (id.startsWith("factor_")) return scaleLabel("factors", id.slice(7));
  return measureLabel(id);
}

/** @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();
/** @param {Intl.NumberFormatOptions} options @returns {Intl.NumberFormat} */
function number(options) {
  const key = lang + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.NumberFormat(lang, options));
  return /** @type {Intl.NumberFormat} */ (formatters.get(key));
}
/** @param {number} n */
const fixed = n => number({ minimumFractionDigits: n, maximumFractionDigits: n });

/** @param {number} seconds */
export function duration(seconds) {
  /** @param {number} value @param {string} unit */
  const unit = (value, unit) =>
    number({ style: "unit", unit, unitDisplay: "short", maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }).format(
      value,
    );
  const s = Math.abs(seconds);
  if (s < 90) return unit(seconds, "second");
  if (s < 5400) return unit(seconds / 60, "minute");
  if (s < 172800) return unit(seconds / 3600, "hour");
  return unit(seconds / 86400, "day");
}

/** @param {string | number | null | undefined} text @param {Intl.DateTimeFormatOptions} [options] */
export function instant(text, options) {
  if (text == null) return "–";
  return new Intl.DateTimeFormat(lang, {
    timeZone: names.zone,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...options,
  }).format(new Date(text));
}
/** @param {string | null | undefined} text */
export const day = text =>
  text == null ? "–" : instant(text, { year: "numeric", hour: undefined, minute: undefined });

// offset is how far the clock of the zone is ahead of UTC at an instant, milliseconds.
/** @param {number} at */
function offset(at) {
  const clock = new Intl.DateTimeFormat("en", {
    timeZone: names.zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const shown = Object.fromEntries(clock.formatToParts(at).map(p => [p.type, Number(p.value)]));
  const { year, month, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

// wall is what the clock of the zone shows, like 2026-03-01T09:00; utc is its inverse.
/** @param {string} text */
export const wall = text => {
  const at = Date.parse(text);
  return new Date(at + offset(at)).toISOString().slice(0, 16);
};
// iso is an instant as questions and addresses have it, like 2026-03-01T09:00:00Z.
/** @param {number} at */
export const iso = at => new Date(at).toISOString().slice(0, 19) + "Z";
/** @param {string} shown */
export function utc(shown) {
  const at = Date.parse(shown + ":00Z");
  return iso(at - offset(at - offset(at)));
}

// format writes a value in a unit of the catalogue, and – for a missing one.
/** @param {Value} value @param {string} [unit] @param {string} [scale] @returns {string} */
export function format(value, unit, scale) {
  if (value === null || value === undefined || value === "") return "–";
  if (scale) {
    const list = Array.isArray(value) ? value : [value];
    return listed(list.map(v => scaleLabel(scale, v)));
  }
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (unit === "time") return instant(/** @type {string} */ (value));
  if (typeof value !== "number") return String(value);
  switch (unit) {
    case "count":
      return number({ maximumFractionDigits: 0 }).format(value);
    case "share":
      return number({ style: "percent", maximumFractionDigits: 1 }).format(value);
    case "difference_of_shares":
      return number({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(value);
    case "index":
      return fixed(1).format(value);
    case "difference_of_index":
      return number({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(value);
    case "net_score":
      return number({ maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(value);
    case "grade":
    case "stars":
    case "slope":
    case "coefficient":
    case "sigma":
    case "logit":
      return fixed(2).format(value);
    case "difference_of_grades":
      return number({ minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(value);
    case "seconds":
      return duration(value);
    case "currency":
      return number({
        style: "currency",
        currency: names.currency,
        maximumFractionDigits: Math.abs(value) < 1000 ? 2 : 0,
      }).format(value);
    case "days":
      return duration(value * 86400);
  }
  return number({ maximumFractionDigits: 2 }).format(value);
}

// ends writes an interval.
/**
 * @param {number | null} low
 * @param {number | null} high
 * @param {string} unit
 * @param {string} [dash]
 */
export const ends = (low, high, unit, dash = "–") =>
  low == null && high == null ? "–" : `${format(low, unit)} ${dash} ${format(high, unit)}`;

// withInterval writes a value and its interval.
/**
 * @param {number} value
 * @param {number | null} low
 * @param {number | null} high
 * @param {string} unit
 * @param {string} [dash]
 */
export const withInterval = (value, low, high, unit, dash = "–") =>
  `${format(value, unit)} (${ends(low, high, unit, dash)})`;

/** @param {string} measure */
export const unitOf = measure => names.measures[measure]?.unit;

// differenceOf is the unit of the difference of two values of a unit.
/** @param {string} [unit] */
export const differenceOf = unit =>
  ({ grade: "difference_of_grades", share: "difference_of_shares", index: "difference_of_index" })[unit ?? ""] ?? unit;

// collated compares texts by the rules of the language, and numbers in them by value.
/** @param {string} a @param {string} b */
export const collated = (a, b) => String(a).localeCompare(String(b), lang, { numeric: true });
