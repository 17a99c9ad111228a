import java.sql.*;
import java.util.*;

/** Asks a ClickHouse by JDBC and prints what it says: lines of a name, a tab and a value. */
public class Clients {
  interface Ask { Object ask() throws Exception; }

  static void say(String name, Ask a) {
    Object value;
    try {
      value = a.ask();
    } catch (SQLException e) {
      value = "SQLException " + e.getMessage().replaceFirst("(?s)^(Code: \\d+)\\..*", "$1");
    } catch (Exception e) {
      value = e.toString();
    }
    System.out.println(name + "\t" + String.valueOf(value).replace("\n", "\\n"));
    System.out.flush();
  }

  static String rows(ResultSet r) throws SQLException {
    List<String> all = new ArrayList<>();
    int n = r.getMetaData().getColumnCount();
    for (int i = 1; i <= n; i++) all.add(r.getMetaData().getColumnName(i) + " " + r.getMetaData().getColumnTypeName(i));
    while (r.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= n; i++) row.add(String.valueOf(r.getObject(i)));
      all.add(String.join(",", row));
    }
    return String.join("|", all);
  }

  static long running(Connection c) throws SQLException {
    try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE '%system.processes%'")) {
      r.next();
      return r.getLong(1);
    }
  }

  public static void main(String[] args) throws Exception {
    String url = "jdbc:ch:http://" + args[0] + "/default";
    Properties p = new Properties();
    p.setProperty("user", "default");
    p.setProperty("password", args[1]);
    for (String compress : new String[] {"false", "true"}) {
      p.setProperty("compress", compress);
      try (Connection c = DriverManager.getConnection(url, p); Statement s = c.createStatement()) {
        String n = "jdbc compress=" + compress + ": ";
        say(n + "rows", () -> rows(s.executeQuery("SELECT number AS n, toString(number) AS s FROM numbers(3)")));
        say(n + "columns of nothing", () -> rows(s.executeQuery("SELECT 1 AS n WHERE 0")));
        say(n + "many rows", () -> { long sum = 0; try (ResultSet r = s.executeQuery("SELECT number FROM numbers(300000)")) { while (r.next()) sum += r.getLong(1); } return sum; });
        s.execute("DROP TABLE IF EXISTS by_jdbc");
        s.execute("CREATE TABLE by_jdbc (n UInt64, s String, x Nullable(Float64)) ENGINE = MergeTree ORDER BY n");
        say(n + "insert", () -> {
          try (PreparedStatement i = c.prepareStatement("INSERT INTO by_jdbc (n, s, x) VALUES (?, ?, ?)")) {
            i.setLong(1, 1); i.setString(2, "x'y"); i.setNull(3, Types.DOUBLE); i.addBatch();
            i.setLong(1, 2); i.setString(2, "back\\slash"); i.setDouble(3, 0.5); i.addBatch();
            return Arrays.toString(i.executeBatch());
          }
        });
        say(n + "inserted", () -> rows(s.executeQuery("SELECT * FROM by_jdbc ORDER BY n")));
        say(n + "parameter", () -> {
          try (PreparedStatement q = c.prepareStatement("SELECT ? AS a, length(?) AS l")) {
            q.setString(1, "x'y\\n"); q.setString(2, "x'y\\n");
            return rows(q.executeQuery());
          }
        });
        say(n + "error", () -> s.executeQuery("SELECT * FROM no_such"));
        say(n + "tables", () -> { try (ResultSet r = c.getMetaData().getTables(null, "default", "by_jdbc", null)) { r.next(); return r.getString("TABLE_NAME"); } });
      }
    }
    try (Connection c = DriverManager.getConnection(url, p); Connection other = DriverManager.getConnection(url, p)) {
      say("jdbc: cancel stops the query", () -> {
        Statement s = c.createStatement();
        String[] end = {""};
        Thread t = new Thread(() -> {
          try {
            s.executeQuery("SELECT sum(sleepEachRow(1)) FROM numbers(30) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0");
            end[0] = "answered";
          } catch (SQLException e) {
            end[0] = "ended";
          }
        });
        t.start();
        for (int i = 0; i < 50 && running(other) == 0; i++) Thread.sleep(100);
        long before = running(other);
        s.cancel();
        t.join(8000);
        for (int i = 0; i < 30 && running(other) > 0; i++) Thread.sleep(100);
        return before + " ran, " + running(other) + " runs, " + (t.isAlive() ? "hangs" : end[0]);
      });
      say("jdbc: a statement over its time", () -> {
        try (Statement s = c.createStatement()) {
          return rows(s.executeQuery("SELECT sum(sleepEachRow(0.5)) FROM numbers(30) SETTINGS max_block_size = 1, max_execution_time = 1, function_sleep_max_microseconds_per_block = 0"));
        }
      });
    }
    try (Connection c = DriverManager.getConnection(url, p)) {
      say("jdbc: the driver's timeout", () -> {
        try (Statement s = c.createStatement()) {
          s.setQueryTimeout(1);
          return rows(s.executeQuery("SELECT sum(sleepEachRow(0.5)) AS s FROM numbers(6) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0"));
        }
      });
    }
    p.setProperty("password", "wrong");
    say("jdbc: wrong password", () -> rows(DriverManager.getConnection(url, p).createStatement().executeQuery("SELECT 1")));
  }
}
