// Listens for news, and notices when the server falls silent.

// The server says something every five seconds.
const silence = 11000;

// listen calls told(news) when answers may have changed, beat() whenever the server says something, and
// state("live" | "behind" | "failing" | "gone", news).
/**
 * @param {(news: News) => void} told
 * @param {() => void} beat
 * @param {(kind: Standing, news: News | undefined) => void} state
 */
export function listen(told, beat, state) {
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
      if (before?.version !== news.version || before.failure !== news.failure) told(news);
      beat();
    });
    source.addEventListener("beat", () => {
      alive();
      tell();
      beat();
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
      last = undefined; // the first news says whether something has changed meanwhile
      open();
    }
  });
  setInterval(() => {
    if (document.hidden || Date.now() - heard < silence) return;
    gone = true;
    state("gone", last);
  }, 1000);
}
