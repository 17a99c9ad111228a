// Listens for news, and notices when the server falls silent.

// The server says something every five seconds.
const silence = 11000;

// listen calls told(news) when the tables have moved, and state("live" | "behind" | "failing" | "gone", news).
/** @param {(news: any) => void} told @param {(kind: Standing, news: any) => void} state */
export function listen(told, state) {
  let source,
    heard = Date.now(),
    last,
    gone = false;
  const alive = () => {
    heard = Date.now();
    if (gone && last) tell();
    gone = false;
  };
  const tell = () => {
    state(last.failure ? "failing" : last.waiting > 5 || last.behind > 5000 ? "behind" : "live", last);
  };
  const open = () => {
    source = new EventSource("/api/v1/live");
    source.addEventListener("news", event => {
      const before = last;
      last = JSON.parse(event.data);
      alive();
      tell();
      if (!before || before.events !== last.events || before.latest !== last.latest || before.failure !== last.failure)
        told(last);
    });
    source.addEventListener("beat", () => {
      alive();
      if (last) tell();
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
      told(last);
    }
  });
  setInterval(() => {
    if (document.hidden || Date.now() - heard < silence) return;
    gone = true;
    state("gone", last);
  }, 1000);
}
