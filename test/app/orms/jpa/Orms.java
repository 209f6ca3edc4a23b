// Hibernate and jOOQ on the tables of ../../orms_check.py.
//
//   java -cp 'JARS/*:CLASSES' Orms TOOL         what it does with rows
//   java -cp 'JARS/*:CLASSES' Orms TOOL sync    has it make the tables as it
//                                               wants them
//
// The server comes from PGHOST and so on.  Each line is a step and, after a
// tab, its outcome.
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.multiset;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.rowNumber;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.LockModeType;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.DynamicInsert;
import org.hibernate.cfg.Configuration;
import org.hibernate.dialect.PostgreSQLEnumJdbcType;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

class Orms {
    enum Genre { novel, essay }

    @Entity(name = "Author") @Table(name = "authors")
    static class Author {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Integer id;
        String name;
        @OneToMany(mappedBy = "author", cascade = CascadeType.ALL)
        List<Book> books = new ArrayList<>();
    }

    @Entity(name = "Book") @Table(name = "books") @DynamicInsert
    static class Book {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        @ManyToOne @JoinColumn(name = "author_id") Author author;
        String title;
        @Enumerated(EnumType.STRING) @JdbcType(PostgreSQLEnumJdbcType.class)
        @Column(columnDefinition = "genre") Genre genre;
        @Column(precision = 8, scale = 2) BigDecimal price;
    }

    static void step(String name, Callable<Object> work) {
        String outcome;
        try {
            outcome = String.valueOf(work.call());
        } catch (Exception error) {
            error.printStackTrace();
            outcome = "error " + state(error);
        }
        System.out.println(name + "\t" + outcome);
    }

    static String state(Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof SQLException && ((SQLException) e).getSQLState()
                    != null) {
                return ((SQLException) e).getSQLState();
            }
        }
        return error.getClass().getSimpleName();
    }

    static Properties server() {
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("PGUSER"));
        if (System.getenv("PGPASSWORD") != null) {
            properties.setProperty("password", System.getenv("PGPASSWORD"));
        }
        properties.setProperty("sslmode", "disable");
        if (System.getenv("PGHOST").startsWith("/")) {
            properties.setProperty("socketFactory",
                "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
            properties.setProperty("socketFactoryArg", System.getenv("PGHOST")
                + "/.s.PGSQL." + System.getenv("PGPORT"));
        }
        return properties;
    }

    static String url() {
        String host = System.getenv("PGHOST");
        return "jdbc:postgresql://" + (host.startsWith("/") ? "localhost"
            : host) + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE");
    }

    static EntityManagerFactory factory(String schemaTool) {
        Configuration configuration = new Configuration()
            .addAnnotatedClass(Author.class).addAnnotatedClass(Book.class)
            .setProperty("hibernate.connection.url", url())
            .setProperty("hibernate.jdbc.batch_size", "20")
            // without it Hibernate does not see foreign tables
            .setProperty("hibernate.hbm2ddl.extra_physical_table_types",
                "FOREIGN TABLE")
            .setProperty("hibernate.hbm2ddl.auto", schemaTool);
        server().forEach((name, value) -> configuration.setProperty(
            "hibernate.connection." + (name.equals("user") ? "username"
            : name), (String) value));
        return configuration.buildSessionFactory();
    }

    static void inTransaction(EntityManagerFactory factory,
            Consumer<EntityManager> work) {
        try (EntityManager manager = factory.createEntityManager()) {
            manager.getTransaction().begin();
            try {
                work.accept(manager);
                manager.getTransaction().commit();
            } catch (RuntimeException error) {
                if (manager.getTransaction().isActive()) {
                    manager.getTransaction().rollback();
                }
                throw error;
            }
        }
    }

    static void hibernate() {
        EntityManagerFactory factory = factory("none");
        step("validation of the schema", () -> {
            factory("validate").close();
            return "valid";
        });
        step("persist a graph", () -> {
            Author ada = new Author();
            ada.name = "Ada";
            for (String title : List.of("One", "Two")) {
                Book book = new Book();
                book.title = title;
                book.author = ada;
                book.genre = title.equals("Two") ? Genre.essay : Genre.novel;
                ada.books.add(book);
            }
            inTransaction(factory, manager -> manager.persist(ada));
            return ada.id > 0 && ada.books.get(1).id > 0;
        });
        step("fetch join", () -> {
            List<String> titles = new ArrayList<>();
            inTransaction(factory, manager -> manager.createQuery(
                "from Author a join fetch a.books b order by b.title",
                Author.class).getResultList().get(0).books.forEach(
                    book -> titles.add(book.title + " " + book.genre)));
            return titles;
        });
        step("dirty checking, with a lock", () -> {
            inTransaction(factory, manager -> manager.createQuery(
                "from Book where title = 'Two'", Book.class)
                .setLockMode(LockModeType.PESSIMISTIC_WRITE).getSingleResult()
                .price = new BigDecimal("12.50"));
            List<Object> found = new ArrayList<>();
            inTransaction(factory, manager -> found.addAll(manager.createQuery(
                "select price, avg(price) over () from Book where price > 1",
                Object[].class).getResultList().get(0)[0].equals(
                    new BigDecimal("12.50")) ? List.of("12.50") : List.of()));
            return found;
        });
        step("rollback", () -> {
            try {
                inTransaction(factory, manager -> {
                    manager.createQuery("delete from Book").executeUpdate();
                    throw new IllegalStateException();
                });
            } catch (IllegalStateException error) {
                // as it should be
            }
            List<Object> found = new ArrayList<>();
            inTransaction(factory, manager -> found.add(manager.createQuery(
                "select count(*) from Book").getSingleResult()));
            return found;
        });
        step("unique violation", () -> {
            try {
                inTransaction(factory, manager -> {
                    Author again = new Author();
                    again.name = "Ada";
                    manager.persist(again);
                });
                return "no error";
            } catch (RuntimeException error) {
                return state(error);
            }
        });
        step("remove with what belongs to it", () -> {
            List<Object> found = new ArrayList<>();
            inTransaction(factory, manager -> manager.remove(
                manager.createQuery("from Author", Author.class)
                    .getSingleResult()));
            inTransaction(factory, manager -> found.add(manager.createQuery(
                "select count(*) from Book").getSingleResult()));
            return found;
        });
        factory.close();
    }

    static void jooq() throws SQLException {
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        var authors = table(name("authors"));
        var books = table(name("books"));
        var id = field(name("authors", "id"), Integer.class);
        var author = field(name("authors", "name"), String.class);
        var authorId = field(name("books", "author_id"), Integer.class);
        var title = field(name("books", "title"), String.class);
        var price = field(name("books", "price"), BigDecimal.class);
        try (Connection connection = DriverManager.getConnection(url(),
                server())) {
            DSLContext sql = DSL.using(connection, SQLDialect.POSTGRES);
            step("insert, returning", () -> sql.insertInto(authors,
                field(name("name"), String.class)).values("Ada").values("Bo")
                .returning(field(name("name"))).fetch(0));
            step("insert from a select", () -> sql.insertInto(books,
                field(name("author_id"), Integer.class),
                field(name("title"), String.class),
                field(name("price"), BigDecimal.class)).select(select(id,
                    DSL.concat(DSL.inline("By "), author),
                    DSL.val(new BigDecimal("2.50"))).from(authors)).execute());
            step("multiset", () -> sql.select(author, multiset(select(title)
                .from(books).where(authorId.eq(id)).orderBy(title)))
                .from(authors).orderBy(author).fetch(
                    row -> row.value1() + row.value2().getValues(title)));
            step("window function", () -> sql.select(title, rowNumber().over()
                .orderBy(title)).from(books).fetch(
                    row -> row.value1() + row.value2()));
            step("upsert", () -> sql.insertInto(authors, field(name("name"),
                String.class)).values("Ada").onConflict(field(name("name")))
                .doUpdate().set(field(name("born")),
                    DSL.date("1815-12-10")).execute());
            step("rollback of a nested transaction", () -> {
                sql.transaction(outer -> {
                    try {
                        outer.dsl().transaction(inner -> {
                            inner.dsl().deleteFrom(books).execute();
                            throw new IllegalStateException();
                        });
                    } catch (IllegalStateException error) {
                        // as it should be
                    }
                    outer.dsl().update(books).set(field(name("price"),
                        BigDecimal.class), new BigDecimal("3"))
                        .where(title.eq("By Bo")).execute();
                });
                return sql.select(price).from(books).orderBy(title)
                    .fetch(price);
            });
            step("unique violation", () -> {
                try {
                    sql.insertInto(authors, field(name("name"), String.class))
                        .values("Ada").execute();
                    return "no error";
                } catch (RuntimeException error) {
                    return state(error);
                }
            });
            step("delete, returning", () -> sql.deleteFrom(books).returning(
                field(name("title"), String.class)).fetch().size());
        }
    }

    public static void main(String[] arguments) throws Exception {
        java.util.logging.Logger.getLogger("").setLevel(
            java.util.logging.Level.SEVERE);
        if (arguments.length > 1) {
            step("sync", () -> {
                factory("update").close();
                return "done";
            });
        } else if (arguments[0].equals("jooq")) {
            jooq();
        } else {
            hibernate();
        }
    }
}
