// Questions to the server. A question is not asked again while it is under way.

/** @type {Map<string, Promise<Answers[Question]>>} */
const underWay = new Map();

/** @param {string} question @param {Params} params @param {string} [format] */
export function path(question, params, format) {
  const sent = new URLSearchParams();
  for (const [name, value] of Object.entries(params || {}))
    if (value !== undefined && value !== "") sent.set(name, String(value));
  if (format) sent.set("format", format);
  const text = sent.toString();
  return `/api/v1/${question}${text ? "?" + text : ""}`;
}

/**
 * @template {Question} Q
 * @param {Q} question
 * @param {Params} params
 */
export function ask(question, params) {
  const url = path(question, params);
  if (!underWay.has(url)) {
    underWay.set(
      url,
      fetch(url)
        .then(async response => {
          /** @type {Answers[Question] & Partial<Failure>} */
          const answer = await response.json();
          if (!response.ok)
            throw Object.assign(new Error(answer.error), {
              busy: response.status === 429 && 1000 * (Number(response.headers.get("Retry-After")) || 2),
            });
          if (answer.columns) /** @type {Answer} */ (answer).list = objects(answer);
          return answer;
        })
        .finally(() => underWay.delete(url)),
    );
  }
  return /** @type {Promise<Answers[Q]>} */ (underWay.get(url));
}

// objects turns the rows of an answer into objects by column.
/** @param {Answer} answer */
function objects(answer) {
  return answer.rows.map(row => Object.fromEntries(answer.columns.map((c, i) => [c.name, row[i]])));
}
