"""Asks a ClickHouse by clickhouse-driver (native) and clickhouse-connect (HTTP), and prints what they say as JSON.

Each line that it prints is [name, value]; the test knows what a server answers.
"""
import json
import sys
import threading
import time

import clickhouse_connect
import clickhouse_driver
import pandas

native, http, password = sys.argv[1:4]
host, port = native.split(":")
http_port = int(http.split(":")[1])


def say(name, ask):
    try:
        value = ask()
    except Exception as e:  # what a client makes of an error is part of what it says
        code = getattr(e, "code", None)
        value = f"{type(e).__name__} {code}" if code else f"{type(e).__name__}: {str(e)[:300]}"
    print(json.dumps([name, value], default=str), flush=True)


texts = ["x'y", "back\\slash", "new\nline", "tab\t", "门店", "", "\\'", '"', "{a:String}"]

for compression in (False, "lz4", "zstd"):
    c = clickhouse_driver.Client(host, port=int(port), password=password, compression=compression, settings={"max_block_size": 1000}, send_receive_timeout=20)
    served = clickhouse_driver.Client(host, port=int(port), password=password, compression=compression, settings={"server_side_params": True})
    name = f"driver {compression}: "
    say(name + "types", lambda: c.execute("SELECT 1 AS n, 'a' AS s, [1, 2] AS l, toDate('2026-03-01') AS d WHERE n = 1", with_column_types=True))
    say(name + "types of nothing", lambda: c.execute("SELECT 1 AS n, 'a' AS s WHERE 0", with_column_types=True))
    say(name + "types of SHOW", lambda: c.execute("EXISTS TABLE system.one", with_column_types=True))
    say(name + "data frame", lambda: c.query_dataframe("SELECT number AS n, toString(number) AS s FROM numbers(3)").to_dict("list"))
    say(name + "empty data frame", lambda: c.query_dataframe("SELECT number AS n FROM numbers(3) WHERE 0").to_dict("list"))
    say(name + "many blocks", lambda: sum(r[0] for r in c.execute_iter("SELECT number FROM numbers(100000)")))
    c.execute("DROP TABLE IF EXISTS by_driver")
    c.execute("CREATE TABLE by_driver (n UInt64, s String, x Nullable(Float64), d DateTime('UTC')) ENGINE = MergeTree ORDER BY n")
    say(name + "insert", lambda: c.execute("INSERT INTO by_driver (n, s, x, d) VALUES", [(1, "x'y", None, 1772359200), (2, "b", 0.5, 1772359201)]))
    say(name + "insert a data frame", lambda: clickhouse_driver.Client(host, port=int(port), password=password, settings={"use_numpy": True}).insert_dataframe("INSERT INTO by_driver (n, s) VALUES", pandas.DataFrame({"n": [3, 4], "s": ["c", "d"]})))
    say(name + "insert a bad row", lambda: c.execute("INSERT INTO by_driver (n, s) VALUES", [("not a number", "x")], types_check=True))
    say(name + "inserted", lambda: c.execute("SELECT n, s, x, toUnixTimestamp(d) FROM by_driver ORDER BY n"))
    say(name + "parameters", lambda: [c.execute("SELECT %(a)s", {"a": t})[0][0] for t in texts] == texts)
    say(name + "server's parameters", lambda: [served.execute("SELECT {a:String}, length({a:String})", {"a": t})[0] for t in texts] == [(t, len(t.encode())) for t in texts])
    say(name + "error", lambda: c.execute("SELECT * FROM no_such"))
    say(name + "after an error", lambda: c.execute("SELECT 2"))
    say(name + "setting", lambda: c.execute("SELECT getSetting('max_block_size')", settings={"max_block_size": 77}))

    def progress():
        answer = c.execute_with_progress("SELECT sum(ignore(sleepEachRow(0.1))) FROM numbers(12)", settings={"max_block_size": 1, "max_threads": 1})
        told = [rows for rows, total in answer]
        return [len(told) > 2, told == sorted(told), max(told) <= 12, answer.get_result()]

    say(name + "progress while it runs", progress)
    c.disconnect()

say("driver: wrong password", lambda: clickhouse_driver.Client(host, port=int(port), password="wrong").execute("SELECT 1"))

for compress in (False, "lz4", "zstd", "gzip"):
    c = clickhouse_connect.get_client(host=host, port=http_port, username="default", password=password, compress=compress)
    name = f"connect {compress}: "
    say(name + "rows", lambda: c.query("SELECT number, toString(number) FROM numbers(3)").result_rows)
    say(name + "columns of nothing", lambda: [c.query("SELECT 1 AS n WHERE 0").column_names, [t.name for t in c.query("SELECT 1 AS n WHERE 0").column_types]])
    say(name + "many rows", lambda: sum(r[0] for r in c.query("SELECT number FROM numbers(300000)").result_rows))
    c.command("DROP TABLE IF EXISTS by_connect")
    c.command("CREATE TABLE by_connect (n UInt64, s String, x Nullable(Float64)) ENGINE = MergeTree ORDER BY n")
    say(name + "insert", lambda: c.insert("by_connect", [[1, "x'y", None], [2, "b", 0.5]], column_names=["n", "s", "x"]).written_rows)
    say(name + "insert a data frame", lambda: c.insert_df("by_connect", pandas.DataFrame({"n": [3, 4], "s": ["c", "d"]})).written_rows)
    say(name + "inserted", lambda: c.query("SELECT * FROM by_connect ORDER BY n").result_rows)
    say(name + "data frame", lambda: c.query_df("SELECT n, s FROM by_connect ORDER BY n").to_dict("list"))
    say(name + "parameters", lambda: [c.query("SELECT {a:String}", parameters={"a": t}).result_rows[0][0] for t in texts] == texts)
    say(name + "client's parameters", lambda: [c.query("SELECT %(a)s", parameters={"a": t}).result_rows[0][0] for t in texts if "%" not in t] == texts)
    say(name + "session", lambda: [c.command("CREATE TEMPORARY TABLE kept (x UInt8)") and None, c.insert("kept", [[7]], column_names=["x"]).written_rows, c.query("SELECT x FROM kept").result_rows])
    say(name + "setting of a session", lambda: [c.command("SET max_block_size = 77") and None, c.command("SELECT getSetting('max_block_size')")])
    say(name + "query id", lambda: c.query("SELECT 1", settings={"query_id": "an id " + str(compress)}).query_id)
    say(name + "error", lambda: c.query("SELECT * FROM no_such"))
    c.close()

say("connect: wrong password", lambda: clickhouse_connect.get_client(host=host, port=http_port, username="default", password="wrong").query("SELECT 1").result_rows)


def killed():
    slow = clickhouse_connect.get_client(host=host, port=http_port, username="default", password=password, autogenerate_session_id=False)
    other = clickhouse_connect.get_client(host=host, port=http_port, username="default", password=password)
    ended = []

    def run():
        begun = time.time()
        try:
            slow.query("SELECT sleepEachRow(1) FROM numbers(20)", settings={"query_id": "the slow one", "max_block_size": 1})
            ended.append("not killed")
        except Exception as e:
            ended.append([time.time() - begun < 10, type(e).__name__, getattr(e, "code", str(e))])

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(100):
        if other.command("SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE '%system.processes%'") > 0:
            break
        time.sleep(0.1)
    other.command("KILL QUERY WHERE query_id = 'the slow one'")
    thread.join()
    return ended


say("connect: KILL QUERY by query id", killed)
