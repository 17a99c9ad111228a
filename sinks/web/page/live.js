// Listens for news, and notices when the server falls silent.

// The server says something every five seconds.
const silence = 11000;

// listen calls told() when the tables have moved, and state("live" | "behind" | "failing" | "gone", news).
/** @param {() => void} told @param {(kind: Standing, news: News | undefined) => void} state */
export function listen(told, state) {
  /** @type {EventSource} */
  let source;
  /** @type {News | undefined} */
  let last;
  let heard = Date.now(),
    gone = false;
  const alive = () => {
    heard = Date.now();
    if (gone) tell();
    gone = false;
  };
  const tell = () => {
    if (!last) return;
    state(last.failure ? "failing" : last.waiting > 5 || last.behind > 5000 ? "behind" : "live", last);
  };
  const open = () => {
    source = new EventSource("/api/v1/live");
    source.addEventListener("news", event => {
      const before = last;
      /** @type {News} */
      const news = JSON.parse(event.data);
      last = news;
      alive();
      tell();
      if (!before || before.events !== news.events || before.latest !== news.latest || before.failure !== news.failure)
        told();
    });
    source.addEventListener("beat", () => {
      alive();
      tell();
    });
    source.onerror = () => {
      gone = true;
      state("gone", last);
      // A browser gives up after an error; the server may come back.
      if (source.readyState === EventSource.CLOSED && !document.hidden) setTimeout(open, 2000);
    };
  };
  open();
  // A browser allows few connections to a server: hidden pages leave theirs to others.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source.close();
    else {
      heard = Date.now();
      open();
      told();
    }
  });
  setInterval(() => {
    if (document.hidden || Date.now() - heard < silence) return;
    gone = true;
    state("gone", last);
  }, 1000);
}
