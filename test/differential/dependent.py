"""Tables, and transactions whose statements depend on each other, for "ties"."""
TABLES = """
CREATE TABLE plain (id int PRIMARY KEY, n int, txt text);
CREATE TABLE pair (a int, b text, n int, PRIMARY KEY (a, b));
CREATE TABLE uniq (id int PRIMARY KEY, email text UNIQUE, n int);
CREATE TABLE lower (id int PRIMARY KEY, email text, n int);
CREATE UNIQUE INDEX ON lower (lower(email));
CREATE TABLE parent (id int PRIMARY KEY, n int);
CREATE TABLE child (id int PRIMARY KEY, n int,
  parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE strict (id int PRIMARY KEY, parent int REFERENCES parent);
CREATE TABLE serial (id serial PRIMARY KEY, n int);
CREATE TABLE excl (id int PRIMARY KEY, r int4range, n int,
  EXCLUDE USING gist (r WITH &&));
CREATE TABLE made (id int PRIMARY KEY, n int,
  g int GENERATED ALWAYS AS (n * 2) STORED UNIQUE);
CREATE TABLE seen (id int PRIMARY KEY, n int, total int);
CREATE TABLE ruled (id int PRIMARY KEY, n int);
CREATE TABLE parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (100);
CREATE TABLE base (id int PRIMARY KEY, n int);
CREATE TABLE heir (more int) INHERITS (base);
CREATE TABLE checked (id int PRIMARY KEY, n int);
CREATE FUNCTION late_of(int) RETURNS int LANGUAGE plpgsql IMMUTABLE
  AS 'BEGIN RETURN $1; END';
CREATE TABLE guarded (id int PRIMARY KEY, n int);
CREATE VIEW view AS SELECT id, n FROM plain;

CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
  UPDATE SCHEMA.seen SET total = total + 1 WHERE id = 1; RETURN NEW; END$$;
CREATE TABLE loud (id int PRIMARY KEY, n int);
CREATE TRIGGER count_up AFTER INSERT OR UPDATE ON loud FOR EACH ROW
  EXECUTE FUNCTION count_up();
CREATE FUNCTION sum_up() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
  NEW.total := (SELECT sum(n) FROM SCHEMA.plain); RETURN NEW; END$$;
CREATE TRIGGER sum_up BEFORE UPDATE ON seen FOR EACH ROW
  EXECUTE FUNCTION sum_up();
CREATE RULE also AS ON UPDATE TO ruled DO ALSO
  UPDATE SCHEMA.plain SET n = NEW.n WHERE id = NEW.id;
CREATE FUNCTION below_sum(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
  RETURN $1 <= (SELECT sum(n) FROM SCHEMA.plain); END$$;
ALTER TABLE checked ADD CHECK (SCHEMA.below_sum(n));
CREATE DOMAIN small AS int CHECK (SCHEMA.below_sum(VALUE));
CREATE TABLE domains (id int PRIMARY KEY, n small);
CREATE FUNCTION sum_of_plain() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN
  RETURN (SELECT sum(n) FROM SCHEMA.plain); END$$;
CREATE DOMAIN total AS bigint DEFAULT SCHEMA.sum_of_plain();
CREATE TABLE totals (id int PRIMARY KEY, n total);
CREATE DOMAIN tame AS int CHECK (VALUE > -1000000);
CREATE TABLE tames (id int PRIMARY KEY, n int, d tame);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON guarded USING (n <= (SELECT sum(n) FROM SCHEMA.plain));
"""

ROWS = """
INSERT INTO plain SELECT g, g, 'row ' || g FROM generate_series(1, 40) g;
INSERT INTO pair SELECT g, 'b' || g, g FROM generate_series(1, 9) g;
INSERT INTO uniq SELECT g, 'm' || g, g FROM generate_series(1, 9) g;
INSERT INTO lower SELECT g, 'm' || g, g FROM generate_series(1, 9) g;
INSERT INTO parent SELECT g, g FROM generate_series(1, 9) g;
INSERT INTO child SELECT g, g, g FROM generate_series(1, 5) g;
INSERT INTO excl SELECT g, int4range(10 * g, 10 * g + 5), g
  FROM generate_series(1, 5) g;
INSERT INTO made SELECT g, g FROM generate_series(1, 9) g;
INSERT INTO seen SELECT g, g, 0 FROM generate_series(1, 3) g;
INSERT INTO ruled SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO loud SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO parts SELECT g, g FROM generate_series(1, 20) g;
INSERT INTO base SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO heir SELECT g, g, g FROM generate_series(11, 13) g;
INSERT INTO checked SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO domains SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO tames SELECT g, g FROM generate_series(1, 3) g;
INSERT INTO guarded SELECT g, g FROM generate_series(1, 3) g;
"""

NAMES = ("plain pair uniq lower parent child strict serial excl made seen"
         " ruled parts base checked domains totals tames guarded loud").split()

SCENARIOS = {
    "one row twice": [
        "UPDATE plain SET n = n + 1 WHERE id = 1",
        "UPDATE plain SET n = n * 10 WHERE id = 1 RETURNING n"],
    "one row twice, another number type": [
        "UPDATE plain SET n = 7 WHERE id = 1::bigint",
        "UPDATE plain SET n = n * 10 WHERE id = 1::smallint AND n = 7"],
    "a key of two columns": [
        "UPDATE pair SET n = 50 WHERE a = 1 AND b = 'b1'",
        "UPDATE pair SET n = 60 WHERE b = 'b1' AND a = 1 AND n = 50",
        "UPDATE pair SET n = 70 WHERE a = 2 AND b = 'b1'"],
    "a part of the key": [
        "UPDATE pair SET n = 50 WHERE a = 1",
        "UPDATE pair SET n = 60 WHERE a = 1 AND b = 'b1' AND n = 50"],
    "rows by a condition, then one of them": [
        "UPDATE plain SET n = 0 WHERE id < 5",
        "UPDATE plain SET n = n + 1 WHERE id = 3 RETURNING n"],
    "one row, then several": [
        "UPDATE plain SET n = 100 WHERE id = 3",
        "UPDATE plain SET n = n + 1 WHERE n > 40"],
    "insert, update, delete": [
        "INSERT INTO plain VALUES (100, 1, 'new')",
        "UPDATE plain SET n = 2 WHERE id = 100 RETURNING n",
        "DELETE FROM plain WHERE id = 100 RETURNING n",
        "INSERT INTO plain VALUES (100, 3, 'again')",
        "UPDATE plain SET n = n + 1 WHERE id = 100"],
    "the same key among several": [
        "INSERT INTO plain VALUES (100, 1), (101, 1), (102, 1)",
        "INSERT INTO plain VALUES (103, 1), (102, 2)"],
    "a row of several": [
        "INSERT INTO plain VALUES (100, 1), (101, 1), (102, 1)",
        "UPDATE plain SET n = n + 5 WHERE id = 101 RETURNING n",
        "INSERT INTO plain (n, id) VALUES (7, 103), (8, 104)",
        "DELETE FROM plain WHERE id = 104 RETURNING n"],
    "the same key among many": [
        "INSERT INTO plain VALUES " + ", ".join(
            "(%d, 1, 'x')" % i for i in range(100, 160)),
        "INSERT INTO plain (id) VALUES (200), (159)"],
    "the same key twice": [
        "INSERT INTO plain VALUES (100, 1)",
        "INSERT INTO plain VALUES (100, 2)"],
    "a key that becomes free": [
        "DELETE FROM plain WHERE id = 1",
        "INSERT INTO plain VALUES (1, 5)"],
    "a key that moves": [
        "UPDATE plain SET id = 200 WHERE id = 1",
        "UPDATE plain SET n = 9 WHERE id = 200",
        "UPDATE plain SET n = 9 WHERE id = 1",
        "INSERT INTO plain VALUES (1, 1)",
        "INSERT INTO plain VALUES (200, 1)"],
    "keys of the remote": [
        "INSERT INTO serial (n) VALUES (1)",
        "INSERT INTO serial (n) VALUES (2)",
        "UPDATE serial SET n = n + 10 WHERE id < 1000"],
    "a unique column": [
        "INSERT INTO uniq VALUES (100, 'x', 1)",
        "INSERT INTO uniq VALUES (101, 'x', 1)"],
    "a unique column is set": [
        "UPDATE uniq SET email = 'x' WHERE id = 1",
        "UPDATE uniq SET email = 'x' WHERE id = 2"],
    "unique values are swapped": [
        "UPDATE uniq SET email = 'tmp' WHERE id = 1",
        "UPDATE uniq SET email = 'm1' WHERE id = 2",
        "UPDATE uniq SET email = 'm2' WHERE id = 1"],
    "a unique expression": [
        "UPDATE lower SET email = 'X' WHERE id = 1",
        "UPDATE lower SET email = 'x' WHERE id = 2"],
    "an exclusion constraint": [
        "UPDATE excl SET r = '[100,110)' WHERE id = 1",
        "UPDATE excl SET r = '[105,115)' WHERE id = 2"],
    "a generated column that is unique": [
        "UPDATE made SET n = 100 WHERE id = 1",
        "UPDATE made SET n = 100 WHERE id = 2"],
    "parent, then child": [
        "INSERT INTO parent VALUES (100, 1)",
        "INSERT INTO child VALUES (100, 1, 100)",
        "INSERT INTO strict VALUES (100, 100)"],
    "a child of none": [
        "DELETE FROM parent WHERE id = 8",
        "INSERT INTO strict VALUES (100, 8)"],
    "a child that is moved": [
        "INSERT INTO parent VALUES (100, 1)",
        "UPDATE child SET parent = 100 WHERE id = 1"],
    "a parent that is needed": [
        "INSERT INTO strict VALUES (100, 8)",
        "DELETE FROM parent WHERE id = 8"],
    "a deletion that cascades": [
        "DELETE FROM parent WHERE id = 1",
        "UPDATE child SET n = 5 WHERE id = 1"],
    "an update that cascades": [
        "UPDATE parent SET id = 100 WHERE id = 1",
        "UPDATE child SET n = 5 WHERE id = 1 AND parent = 100"],
    "an upsert of a parent's key that cascades": [
        "INSERT INTO parent VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET id = 100",
        "UPDATE child SET n = 5 WHERE id = 1 AND parent = 100"],
    "upserts": [
        "INSERT INTO plain VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = 77",
        "UPDATE plain SET n = n + 1 WHERE id = 1 AND n = 77",
        "INSERT INTO plain VALUES (300, 1) ON CONFLICT (id) DO NOTHING",
        "INSERT INTO plain VALUES (300, 1) ON CONFLICT (id) DO NOTHING"],
    "a trigger that writes elsewhere": [
        "UPDATE loud SET n = 5 WHERE id = 1",
        "UPDATE seen SET n = n + 100 WHERE id = 1 AND total > 0"],
    "a trigger that reads elsewhere": [
        "UPDATE plain SET n = 1000 WHERE id = 1",
        "UPDATE seen SET n = 5 WHERE id = 2 RETURNING total"],
    "a rule": [
        "UPDATE ruled SET n = 500 WHERE id = 1",
        "UPDATE plain SET txt = 'ruled' WHERE id = 1 AND n = 500"],
    "a check that reads elsewhere": [
        "UPDATE plain SET n = 100000 WHERE id = 1",
        "UPDATE checked SET n = 50000 WHERE id = 1"],
    "a domain that reads elsewhere": [
        "UPDATE plain SET n = 100000 WHERE id = 1",
        "UPDATE domains SET n = 50000 WHERE id = 1"],
    "a domain's default that reads elsewhere": [
        "UPDATE plain SET n = 100000 WHERE id = 1",
        "INSERT INTO totals (id) VALUES (1) RETURNING n",
        "UPDATE plain SET n = 200000 WHERE id = 2",
        "INSERT INTO totals (id) VALUES (2) RETURNING n"],
    "a policy that reads elsewhere": [
        "UPDATE plain SET n = -100000 WHERE id = 1",
        "UPDATE guarded SET n = 1 WHERE id = 1"],
    "partitions": [
        "UPDATE parts SET id = 15 + 50 WHERE id = 5",
        "UPDATE parts SET n = 7 WHERE id = 65 RETURNING n"],
    "children by inheritance": [
        "UPDATE base SET n = 100 WHERE id = 11",
        "UPDATE base SET n = n + 1 WHERE id = 11 RETURNING n"],
    "a view": [
        "UPDATE view SET n = 100 WHERE id = 1",
        "UPDATE plain SET n = n + 1 WHERE id = 1 RETURNING n"],
    "a read between": [
        "UPDATE plain SET n = 100 WHERE id = 1",
        "SELECT n FROM plain WHERE id = 1",
        "UPDATE uniq SET n = 50 WHERE id = 1",
        "SELECT sum(n) FROM plain",
        "UPDATE plain SET n = n + 1 WHERE id = 2"],
    "a savepoint that is rolled back": [
        "UPDATE plain SET n = 100 WHERE id = 1",
        "SAVEPOINT a",
        "UPDATE plain SET n = 200 WHERE id = 1",
        "INSERT INTO plain VALUES (100, 1)",
        "ROLLBACK TO a",
        "INSERT INTO plain VALUES (100, 2)",
        "UPDATE plain SET n = n + 1 WHERE id = 1 RETURNING n"],
    "an error in a savepoint": [
        "INSERT INTO plain VALUES (100, 1)",
        "SAVEPOINT a",
        "INSERT INTO plain VALUES (100, 2)",
        "ROLLBACK TO a",
        "UPDATE plain SET n = n + 1 WHERE id = 100 RETURNING n"],
    "a row that is not there": [
        "UPDATE plain SET n = 1 WHERE id = 4711",
        "DELETE FROM plain WHERE id = 4711",
        "UPDATE plain SET n = 2 WHERE id = 1"],
    "a key that is null": [
        "UPDATE plain SET n = 1 WHERE id = NULL::int",
        "DELETE FROM plain WHERE id = NULL::int"],
    "many rows of many tables": [
        sql % i for i in range(1, 7) for sql in (
            "UPDATE plain SET n = n + 1 WHERE id = %d",
            "UPDATE uniq SET n = n + 1 WHERE id = %d",
            "INSERT INTO pair VALUES (%d, 'new', 1)",
            "DELETE FROM child WHERE id = %d")],
}

# Transactions whose statements do not depend on each other.
INDEPENDENT = {
    "updates": ["UPDATE plain SET n = n + 1 WHERE id = %d" % i
                for i in range(1, 40)],
    "updates that return": ["UPDATE plain SET n = n + 1 WHERE id = %d"
                            " RETURNING n" % i for i in range(1, 40)],
    "inserts with keys": ["INSERT INTO plain VALUES (%d, 1, 'x')" % i
                          for i in range(100, 140)],
    "inserts without keys": ["INSERT INTO serial (n) VALUES (%d)"
                             " RETURNING n" % i for i in range(100, 140)],
    "pairs": [sql % i for i in range(1, 30) for sql in (
        "UPDATE plain SET n = n + 1 WHERE id = %d",
        "INSERT INTO pair VALUES (%d, 'new', 1)")],
    "inserts of several rows": [
        "INSERT INTO plain VALUES " + ", ".join(
            "(%d, 1, 'x')" % (3 * i + j) for j in range(3))
        for i in range(100, 130)],
    "inserts of many rows": [
        "INSERT INTO plain VALUES " + ", ".join(
            "(%d, 1, 'x')" % (60 * i + j) for j in range(60))
        for i in range(100, 110)],
    "children of parents that are there": [
        "INSERT INTO strict VALUES (%d, %d)" % (i, i % 9 + 1)
        for i in range(100, 140)],
    "columns that are not unique": [
        "UPDATE uniq SET n = 0 WHERE id = %d" % i for i in range(1, 40)],
}

# A statement on a table with such a rule is refused where it would have to be
# checked (0A000, said in docs/transactions.md).
REFUSED = {"a rule"}

# In a pipeline nobody has seen what a savepoint takes back.
UNSEEN = {("an error in a savepoint", "pipeline")}

# What another client does to a table between two statements of a transaction
# that relies on what the table was like.
CHANGES = {
    "a trigger": "CREATE TRIGGER late AFTER UPDATE ON plain FOR EACH ROW"
                 " EXECUTE FUNCTION count_up()",
    "a rule": "CREATE RULE late AS ON UPDATE TO plain DO ALSO NOTHING",
    "a unique constraint": "CREATE UNIQUE INDEX late_index ON plain (n)",
    "a function in an index": "CREATE INDEX late_index ON plain (late_of(n))",
    "a function in a check": "ALTER TABLE plain ADD CONSTRAINT late"
                             " CHECK (below_sum(n)) NOT VALID",
    "a column": "ALTER TABLE plain ADD late int DEFAULT 5",
    "a default": "ALTER TABLE plain ALTER n SET DEFAULT 5",
    "a child": "CREATE TABLE late () INHERITS (plain)",
    "a parent": "CREATE TABLE late (id int); ALTER TABLE plain INHERIT late",
    "a foreign key": "CREATE TABLE late (plain int REFERENCES plain (id));"
                     "CREATE UNIQUE INDEX ON plain (n);"
                     "ALTER TABLE late ADD FOREIGN KEY (plain)"
                     " REFERENCES plain (n)",
    "a policy": "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;"
                "ALTER TABLE plain FORCE ROW LEVEL SECURITY;"
                "CREATE POLICY late ON plain USING (n > 0)",
    "a constraint of a domain": "ALTER DOMAIN tame ADD CONSTRAINT late"
                                " CHECK (below_sum(VALUE)) NOT VALID",
    "a row that is gone": "DELETE FROM plain WHERE id = 1",
}

# After these what was relied on holds all the same.
NO_CHANGES = {
    "statistics": "ANALYZE plain",
    "a table that was vacuumed": "VACUUM (FREEZE) plain",
    "an index of no consequence": "CREATE INDEX late_index ON plain (txt)",
    "a table with other statistics": "ALTER TABLE plain ALTER n"
                                     " SET STATISTICS 50",
}

# Of these not even the catalog's rows are others.
UNSEEN_CHANGES = ("statistics", "a table that was vacuumed")

UNDO = ("DROP TRIGGER IF EXISTS late ON plain;"
        "DROP RULE IF EXISTS late ON plain;"
        "DROP INDEX IF EXISTS late_index;"
        "ALTER TABLE plain DROP CONSTRAINT IF EXISTS late;"
        "DO 'BEGIN ALTER TABLE plain NO INHERIT late;"
        " EXCEPTION WHEN OTHERS THEN END';"
        "DROP TABLE IF EXISTS late; DROP INDEX IF EXISTS plain_n_idx;"
        "ALTER TABLE plain DROP IF EXISTS late;"
        "ALTER TABLE plain ALTER n DROP DEFAULT;"
        "ALTER DOMAIN tame DROP CONSTRAINT IF EXISTS late;"
        "DROP POLICY IF EXISTS late ON plain;"
        "ALTER TABLE plain DISABLE ROW LEVEL SECURITY;"
        "ALTER TABLE plain NO FORCE ROW LEVEL SECURITY;")
