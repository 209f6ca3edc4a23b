"""The tables of tables.sql, as the generator sees them."""


class Table:
    def __init__(self, name, key, /, **columns):
        self.name = name
        self.key = key          # names of columns, or None
        self.columns = columns  # name: type


TABLES = [
    Table("people", ["id"], id="int4", boss="int4", name="text", city="text",
          born="date", height="float8", salary="numeric", active="bool",
          feels="mood", tags="text[]", info="jsonb", code="bpchar",
          ref="uuid"),
    Table("items", ["id"], id="int8", owner="int4", kind="text",
          price="numeric", qty="int2", made="timestamptz", sizes="int4[]",
          span="int4range", weight="float8"),
    Table("events", ["a", "b"], a="int4", b="text", at="timestamp",
          took="interval", ok="bool", feels="mood", n="int8",
          payload="jsonb"),
    Table("links", None, src="int4", dst="int4", w="numeric", note="text",
          since="date"),
    Table("nothing", ["id"], id="int4", t="text", d="date", n="numeric"),
]

# Types of results and of expressions.
TYPES = ["int4", "int8", "numeric", "float8", "text", "bool", "date",
         "timestamp", "timestamptz", "interval", "int4[]", "text[]", "jsonb",
         "int4range", "mood", "uuid"]
WEIGHTS = [12, 5, 6, 4, 12, 6, 4, 3, 3, 2, 2, 2, 3, 2, 3, 1]

# Columns of these types are used as another one only.
USED_AS = {"int2": "int4", "bpchar": "text"}

# Literals: values that meet those of the tables.
LITERALS = {
    "int4": ["0", "1", "2", "3", "5", "7", "10", "17", "-1", "40"],
    "int8": ["0", "1", "4", "12", "100003", "-7"],
    "numeric": ["0", "0.25", "1.5", "100", "-3.75", "999.99"],
    "float8": ["0", "0.125", "2.5", "-8", "40"],
    "text": ["", "a", "box", "Ada", "rome", "%", "it's", "back\\slash", "e1",
             "Köln", "$1", "nn", '"q"'],
    "bool": ["true", "false"],
    "date": ["1970-01-01", "1985-06-15", "2025-01-01", "2024-12-31"],
    "timestamp": ["2025-10-26 02:30:00", "2025-01-01 00:00:00",
                  "2025-03-30 02:30:00"],
    "timestamptz": ["2025-03-30 01:00:00+00", "2025-10-26 00:30:00+00",
                    "2025-04-01 12:00:00-04"],
    "interval": ["00:10:00", "26:00:00", "-01:30:00", "00:00:00"],
    "int4[]": ["{}", "{1,NULL,3}", "{2}"],
    "text[]": ["{}", '{a,NULL,"c,d"}', "{b}"],
    "jsonb": ["{}", "null", '{"n": 2, "k": "x"}', '[1, "x"]', "7"],
    "int4range": ["empty", "[2,5)", "(,4)", "[0,100)"],
    "mood": ["sad", "ok", "happy", 'it\'s "odd"'],
    "uuid": ["c4ca4238-a0b9-2382-0dcc-509a6f75849b"],
}
