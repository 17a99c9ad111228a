// Asks a ClickHouse by @clickhouse/client and prints what it says: each line is [name, value].
import { createRequire } from 'node:module';
const require = createRequire(process.argv[2] + '/');
const { createClient } = require('@clickhouse/client');
const [http, password] = process.argv.slice(3);
const options = { url: 'http://' + http, username: 'default', password, log: { level: 127 } };

async function say(name, ask) {
  let value;
  try {
    value = await ask();
  } catch (e) {
    value = e.code ? `${e.constructor.name} ${e.code}` : `${e.constructor.name}: ${e.message}`;
  }
  console.log(JSON.stringify([name, value === undefined ? null : value]));
}

const texts = ["x'y", 'back\\slash', 'new\nline', 'tab\t', '门店', '', "\\'", '"', '{a:String}'];
for (const compress of [false, true]) {
  const c = createClient({ ...options, compression: { request: compress, response: compress }, session_id: 'node ' + compress });
  const rows = async (query, more) => (await c.query({ query, format: 'JSONEachRow', ...more })).json();
  const n = `node compress=${compress}: `;
  await say(n + 'rows', () => rows('SELECT number AS n, toString(number) AS s FROM numbers(3)'));
  await say(n + 'columns of nothing', async () => (await (await c.query({ query: 'SELECT 1 AS n WHERE 0', format: 'JSON' })).json()).meta);
  await say(n + 'many rows', async () => {
    let sum = 0;
    for await (const some of (await c.query({ query: 'SELECT number AS n FROM numbers(300000)', format: 'JSONEachRow' })).stream()) for (const r of some) sum += Number(r.json().n);
    return sum;
  });
  await c.command({ query: 'DROP TABLE IF EXISTS by_node' });
  await c.command({ query: 'CREATE TABLE by_node (n UInt64, s String, x Nullable(Float64)) ENGINE = MergeTree ORDER BY n' });
  await say(n + 'insert', async () => (await c.insert({ table: 'by_node', values: [{ n: 1, s: "x'y", x: null }, { n: 2, s: 'b', x: 0.5 }], format: 'JSONEachRow' })).executed);
  await say(n + 'written rows', async () => (await c.insert({ table: 'by_node', values: [[3, 'c', 1.5]], format: 'JSONCompactEachRow' })).summary.written_rows);
  await say(n + 'inserted', () => rows('SELECT toUInt32(n) AS n, s, x FROM by_node ORDER BY n'));
  await say(n + 'parameters', async () => {
    const got = [];
    for (const a of texts) got.push((await rows('SELECT {a:String} AS a', { query_params: { a } }))[0].a);
    return got.every((a, i) => a === texts[i]) && got.length === texts.length ? true : got;
  });
  await say(n + 'session', async () => {
    await c.command({ query: 'CREATE TEMPORARY TABLE kept AS SELECT 7 AS x' });
    return rows('SELECT x FROM kept');
  });
  await say(n + 'query id', async () => (await c.query({ query: 'SELECT 1', query_id: 'node id ' + compress })).query_id);
  await say(n + 'setting', () => rows("SELECT toUInt32(getSetting('max_block_size')) AS s", { clickhouse_settings: { max_block_size: '77' } }));
  await say(n + 'error', () => rows('SELECT * FROM no_such'));
  await c.close();
}
await say('node: an aborted query stops', async () => {
  const c = createClient(options);
  const abort = new AbortController();
  const running = async () => Number((await (await c.query({ query: "SELECT count() AS n FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE '%system.processes%'", format: 'JSONEachRow' })).json())[0].n);
  const slow = c.query({ query: 'SELECT sum(sleepEachRow(1)) FROM numbers(30) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0', abort_signal: abort.signal }).then(() => 'answered', () => 'ended');
  for (let i = 0; i < 50 && (await running()) === 0; i++) await new Promise((r) => setTimeout(r, 100));
  const before = await running();
  abort.abort();
  const end = await slow;
  for (let i = 0; i < 50 && (await running()) > 0; i++) await new Promise((r) => setTimeout(r, 100));
  const after = await running();
  await c.close();
  return [before, end, after];
});
await say('node: ping', async () => (await createClient(options).ping()).success);
await say('node: wrong password', async () => {
  const c = createClient({ ...options, password: 'wrong' });
  return (await c.query({ query: 'SELECT 1', format: 'JSON' })).json();
});
