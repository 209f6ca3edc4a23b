// What Hibernate sends; see ../drivers_check.py.
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;

class Hibernate {
    @Entity
    @Table(name = "t")
    public static class Row {
        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "t_seq")
        @SequenceGenerator(name = "t_seq", sequenceName = "t_seq", allocationSize = 50)
        public Integer id;
        public String name;
        public Integer n;
    }

    private static void many(SessionFactory factory, int count) {
        factory.inTransaction(session -> {
            for (int key = 0; key < count; key++) {
                Row row = new Row();
                row.name = "name " + key;
                row.n = key;
                session.persist(row);
            }
        });
    }

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("org.hibernate").setLevel(Level.SEVERE);
        Configuration configuration = new Configuration();
        configuration.addAnnotatedClass(Row.class);
        configuration.setProperty("hibernate.connection.url",
            "jdbc:postgresql://localhost/" + System.getenv("PGDATABASE"));
        configuration.setProperty("hibernate.connection.username",
            System.getenv("PGUSER"));
        configuration.setProperty("hibernate.connection.options",
            System.getenv("PGOPTIONS"));
        configuration.setProperty("hibernate.connection.sslmode", "disable");
        configuration.setProperty("hibernate.connection.reWriteBatchedInserts",
            String.valueOf(arguments.length > 0));
        configuration.setProperty("hibernate.connection.socketFactory",
            "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        configuration.setProperty("hibernate.connection.socketFactoryArg",
            System.getenv("PGHOST") + "/.s.PGSQL." + System.getenv("PGPORT"));
        configuration.setProperty("hibernate.connection.pool_size", "1");
        configuration.setProperty("hibernate.jdbc.batch_size", "50");
        try (SessionFactory factory = configuration.buildSessionFactory()) {
            BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in));
            String line;
            while ((line = input.readLine()) != null) {
                String[] fields = line.split("\t");
                try {
                    many(factory, Integer.parseInt(fields[2]));
                    System.out.println("ok");
                } catch (RuntimeException error) {
                    System.out.println("error: "
                        + error.getMessage().replace("\n", " "));
                }
            }
        }
    }
}
