// What pgjdbc sends; see ../drivers_check.py.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

class Drivers {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Drivers(Connection connection) {
        this.connection = connection;
    }

    // One object for each text: pgjdbc prepares it after five uses.
    private PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql.replaceAll("\\$\\d", "?"));
            statements.put(sql, statement);
        }
        return statement;
    }

    private void one(String[] fields) throws SQLException {
        PreparedStatement statement = statement(fields[1]);
        for (int i = 2; i < fields.length; i++) {
            if (fields[i].matches("-?\\d+")) {
                statement.setInt(i - 1, Integer.parseInt(fields[i]));
            } else {
                statement.setString(i - 1, fields[i]);
            }
        }
        statement.execute();
    }

    private void many(String sql, int count) throws SQLException {
        connection.setAutoCommit(false);
        PreparedStatement statement = statement(sql);
        for (int key = 0; key < count; key++) {
            statement.setInt(1, 100000 + key);
            statement.setString(2, "name " + key);
            statement.setInt(3, key);
            statement.addBatch();
        }
        statement.executeBatch();
        connection.commit();
        connection.setAutoCommit(true);
    }

    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("PGUSER"));
        properties.setProperty("options", System.getenv("PGOPTIONS"));
        properties.setProperty("sslmode", "disable");
        properties.setProperty("reWriteBatchedInserts",
            String.valueOf(arguments.length > 0));
        properties.setProperty("socketFactory",
            "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        properties.setProperty("socketFactoryArg", System.getenv("PGHOST")
            + "/.s.PGSQL." + System.getenv("PGPORT"));
        Drivers drivers = new Drivers(DriverManager.getConnection(
            "jdbc:postgresql://localhost/" + System.getenv("PGDATABASE"),
            properties));
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in));
        String line;
        while ((line = input.readLine()) != null) {
            String[] fields = line.split("\t");
            try {
                if (fields[0].equals("one")) {
                    drivers.one(fields);
                } else {
                    drivers.many(fields[1], Integer.parseInt(fields[2]));
                }
                System.out.println("ok");
            } catch (SQLException error) {
                System.out.println("error: "
                    + error.getMessage().replace("\n", " "));
            }
        }
    }
}
