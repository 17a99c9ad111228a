// Questions to the server: one alone, which is not asked again while it is under way, or all of a view together.

/** @type {Map<string, Promise<Answers[Question]>>} */
const underWay = new Map();
/** @type {Map<string, { tag: string, answer: Answers[Question] }>} */
const tagged = new Map();

/** @param {string} question @param {Params} params @param {string} [format] */
export function asked(question, params, format) {
  const sent = new URLSearchParams();
  for (const [name, value] of Object.entries(params || {}))
    if (value !== undefined && value !== "") sent.set(name, String(value));
  if (format) sent.set("format", format);
  const text = sent.toString();
  return question + (text ? "?" + text : "");
}

/** @param {string} question @param {Params} params @param {string} [format] */
export const path = (question, params, format) => "/api/v1/" + asked(question, params, format);

// ask asks one question. What has not changed does not come again.
/**
 * @template {Question} Q
 * @param {Q} question
 * @param {Params} params
 */
export function ask(question, params) {
  const url = path(question, params);
  if (!underWay.has(url))
    underWay.set(
      url,
      fetched(url).finally(() => underWay.delete(url)),
    );
  return /** @type {Promise<Answers[Q]>} */ (underWay.get(url));
}

/** @param {string} url @returns {Promise<Answers[Question]>} */
async function fetched(url) {
  const known = tagged.get(url);
  const response = await fetch(url, known ? { headers: { "If-None-Match": known.tag } } : {});
  if (response.status === 304 && known) {
    const at = Date.parse(response.headers.get("Date") ?? "");
    return at && "at" in known.answer ? { ...known.answer, at: new Date(at).toISOString() } : known.answer;
  }
  /** @type {Answers[Question] & Partial<Failure>} */
  const answer = await response.json();
  if (!response.ok) throw refused(response, answer.error);
  if (answer.columns) /** @type {Answer} */ (answer).list = objects(answer);
  const tag = response.headers.get("ETag");
  if (tag) tagged.set(url, { tag, answer });
  return answer;
}

// refused is the error of an answer that is none. A busy server says when to ask again, milliseconds.
/** @param {Response} response @param {string} [why] @returns {Trouble} */
const refused = (response, why) =>
  Object.assign(new Error(why), {
    busy: response.status === 429 && 1000 * (Number(response.headers.get("Retry-After")) || 2),
  });

// together asks questions as of the same instant. Answers come one after the other, and told is called after each.
// There are no lines if they are still those of a tag.
/**
 * @param {string[]} questions
 * @param {string} tag
 * @param {(lines: Map<string, Reply>) => void} told
 * @returns {Promise<Together>}
 */
export async function together(questions, tag, told) {
  const sent = new URLSearchParams(questions.map(q => ["ask", q]));
  const response = await fetch("/api/v1/answers?" + sent, tag ? { headers: { "If-None-Match": tag } } : {});
  const again = Number(response.headers.get("Again-After-Ms") ?? 0);
  if (response.status === 304) return { again, version: response.headers.get("Answers-Version") ?? "" };
  if (!response.ok) throw refused(response, (await response.json()).error);
  /** @type {Map<string, Reply>} */
  const lines = new Map();
  for await (const text of linesOf(/** @type {ReadableStream<Uint8Array>} */ (response.body))) {
    /** @type {Reply & { version?: string, again_ms?: number }} */
    const line = JSON.parse(text);
    if (line.version) {
      const { version, tag, again_ms: again = 0 } = line;
      return { lines, version, tag, again };
    }
    if (line.answer) line.answer.list = objects(line.answer);
    lines.set(line.asked, line);
    told(lines);
  }
  throw new TypeError("Failed to fetch"); // the server has gone before the last line
}

/** @param {ReadableStream<Uint8Array>} body */
async function* linesOf(body) {
  const reader = body.getReader();
  const text = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + text.decode(value, { stream: !done })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (done) return;
  }
}

// objects turns the rows of an answer into objects by column.
/** @param {Answer} answer */
function objects(answer) {
  return answer.rows.map(row => Object.fromEntries(answer.columns.map((c, i) => [c.name, row[i]])));
}
