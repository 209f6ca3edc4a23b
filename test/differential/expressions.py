"""Random expressions of a given type.

All that is generated succeeds whatever its arguments are (no overflow, no
division by zero, no cast that fails), since the order in which conditions
are evaluated is not the same for two plans.
"""
import re

from node import Literal, expr, items
from schema import LITERALS, TYPES, WEIGHTS

# {type} is a random expression of that type, {type!} a column or a literal.
PRODUCTIONS = {
    "int4": """
        (({int4} % 10000) + ({int4} % 10000))
        (({int4} % 10000) - {int4!})
        (({int4} % 100) * ({int4} % 10))
        abs({int4})
        (- {int4!})
        (({int4} % 1000) / nullif({int4}, 0))
        ({int4} & 255)
        ({int4!} # 5)
        sign({numeric})::int4
        length({text})
        strpos({text}, {text!})
        ascii({text})
        cardinality({text[]})
        array_length({int4[]}, 1)
        ({int4[]})[1]
        ({int4[]})[abs({int4!} % 3)]
        array_position({text[]}, {text!})
        extract(year FROM {date})::int4
        extract(dow FROM {timestamp})::int4
        extract(hour FROM {timestamptz})::int4
        date_part('day', {date})::int4
        ({date!} - {date!})
        lower({int4range})
        upper({int4range})
        (({jsonb!} ->> 'n')::numeric % 100)::int4
        {bool}::int4
        ({float8!} / 4)::int4
        width_bucket({numeric}, 0, 5000, 10)
        jsonb_array_length(CASE WHEN jsonb_typeof({jsonb!}) = 'array' THEN '[1, 2]'::jsonb END)
        num_nulls({int4}, {text}, {date!})
        octet_length({text})
    """,
    "int8": """
        {int4}::int8
        ({int8!} + {int4})
        ({int8!} * ({int4} % 50))
        ({int8!} % nullif({int4}, 0))
        (({int8} % 1000000) + {int8!})
        abs({int8})
        round({numeric!})::int8
        bit_length({text})::int8
        ({int8!} >> 3)
        extract(epoch FROM {interval!})::int8
    """,
    "numeric": """
        ({numeric} + {numeric})
        ({numeric} - {int4})
        ({numeric!} * ({int4} % 100))
        ({numeric!} * {numeric!})
        round({numeric}, 1)
        round(({numeric!} / nullif({numeric}, 0)), 4)
        trunc({numeric}, 1)
        ceil({numeric})
        floor({numeric!})
        abs({numeric})
        ({numeric!} % 7)
        {int4}::numeric
        {int8!}::numeric(14,2)
        {float8!}::numeric
        extract(epoch FROM {interval})
        extract(quarter FROM {date})
        (({jsonb!} ->> 'n')::numeric + {numeric!})
    """,
    "float8": """
        ({float8} + {float8!})
        ({float8!} * {float8!})
        ({float8!} / nullif({float8}, 0))
        sqrt(abs({float8}))
        {int4}::float8
        {numeric!}::float8
        round({float8})
        floor({float8})
        degrees({float8!})
        extract(epoch FROM {timestamp!})::float8
    """,
    "text": """
        ({text} || {text})
        ({text} || {int4}::text)
        upper({text})
        lower({text})
        initcap({text!})
        left({text}, ({int4} % 5))
        right({text}, {int4!} % 4)
        substr({text}, abs({int4!} % 5), 3)
        substring({text} FROM 2 FOR 3)
        overlay({text!} PLACING '#' FROM 2)
        replace({text}, {text!}, '-')
        btrim({text}, ' ea')
        trim(TRAILING 'x' FROM {text})
        lpad({text}, 8, '*')
        repeat({text!}, abs({int4!} % 3))
        reverse({text})
        md5({text})
        translate({text}, 'aeiou', '12345')
        split_part({text}, ' ', 1)
        regexp_replace({text}, '[aeiou]+', '#', 'g')
        (regexp_match({text}, '(.)(.)'))[2]
        quote_literal({text!})
        {int8}::text
        {bool}::text
        round({numeric}, 2)::text
        {date!}::text
        to_char({timestamp}, 'YYYY-MM-DD HH24:MI')
        to_char({timestamptz!}, 'Dy DD HH24 TZ')
        {mood}::text
        {uuid!}::text
        ({text[]})[1]
        ({jsonb} ->> 'k')
        ({jsonb!} #>> '{{list,0}}')
        array_to_string({text[]}, ',', '?')
        concat({text}, {int4!}, {text!})
        ({text!} COLLATE "C")
        {text!}::varchar(3)::text
        current_setting('timezone')
        format('%s/%L', {int4!}, {text})
        concat_ws('-', {text!}, NULL, {numeric!}, {date!} IS NULL)
        concat({date!}, {bool!})
        array_to_string({text[]}, '|', '?')
        encode(convert_to({text!}, 'UTF8'), 'hex')
    """,
    "bool": """
        ({int4} < {int4})
        ({int4} = {int4!})
        ({int8} >= {int4})
        ({numeric} > {numeric})
        ({numeric!} <= {int4})
        ({float8} <> {float8!})
        ({text} < {text})
        ({text} = {text!})
        ({text} <> {text!})
        ({date} >= {date!})
        ({date!} < {timestamp})
        ({timestamp!} <= {timestamptz!})
        ({timestamptz} > {timestamptz})
        ({interval!} < {interval})
        ({mood} = {mood!})
        ({mood} > {mood!})
        ({uuid!} = {uuid})
        ({jsonb!} = {jsonb})
        ({int4range} && {int4range!})
        ({int4range} @> {int4})
        ({int4!} <@ {int4range!})
        isempty({int4range!})
        ({int4[]} @> {int4[]!})
        ({text[]!} && {text[]})
        ({int4[]!} = {int4[]})
        ({int4!} = ANY ({int4[]}))
        ({text!} <> ALL ({text[]!}))
        ({text} LIKE 'a%')
        ({text} ILIKE '%o%')
        ({text!} NOT LIKE '%' || {text!} || '%' ESCAPE '')
        ({text} ~ '^[A-Z]')
        ({text} ~* 'b')
        ({text!} SIMILAR TO '(a|b)%')
        starts_with({text}, {text!})
        ({jsonb} ? 'n')
        ({jsonb!} @> '{{"k": "x"}}'::jsonb)
        ({jsonb!} @? '$.n ? (@ > 1)')
        ({int4} IS NULL)
        ({text} IS NOT NULL)
        ({date!} IS NULL)
        ({bool} IS NOT TRUE)
        ({bool} IS UNKNOWN)
        ({int4} IS DISTINCT FROM {int4})
        ({text!} IS NOT DISTINCT FROM {text})
        ({int4} BETWEEN {int4!} AND {int4!})
        ({numeric!} NOT BETWEEN SYMMETRIC 10 AND {numeric!})
        ({int4} IN ({int4!}, {int4!}, 3))
        ({text!} NOT IN ('a', {text!}))
        (({int4!}, {text!}) < ({int4!}, {text!}))
        (({int4!}, {int4}) = ({int4}, {int4!}))
        ({date!} + 5, {date!}) OVERLAPS ({date!}, {date!})
        ({bool!} = {bool})
        (NOT {bool})
        ({bool} AND {bool})
        ({bool} OR {bool})
        ({bool} AND {bool} AND {bool!})
        ({date!} < current_date)
        ({timestamptz!} < now())
        ({text!} = current_user)
        (random() < {float8!} + 1000)
    """,
    "date": """
        ({date} + {int4} % 100)
        ({date} - {int4!} % 30)
        {timestamp}::date
        {timestamptz!}::date
        date_trunc('month', {timestamp})::date
        make_date(2000 + abs({int4} % 20), 2, 1 + abs({int4!} % 28))
        ({date!} + interval '1 month')::date
    """,
    "timestamp": """
        ({timestamp} + {interval!})
        {date}::timestamp
        {timestamptz}::timestamp
        ({timestamptz!} AT TIME ZONE 'Asia/Tokyo')
        date_trunc('hour', {timestamp})
        ({date!} + time '12:34')
        date_bin('15 minutes', {timestamp!}, timestamp '2001-01-01')
    """,
    "timestamptz": """
        ({timestamptz} + {interval!})
        ({timestamptz!} - interval '1 day')
        {timestamp}::timestamptz
        {date!}::timestamptz
        ({timestamp!} AT TIME ZONE 'America/New_York')
        date_trunc('day', {timestamptz})
        date_trunc('day', {timestamptz}, 'Europe/Berlin')
    """,
    "interval": """
        make_interval(days => {int4!} % 100, hours => 3)
        ({timestamp!} - {timestamp!})
        ({interval!} + {interval})
        ({interval!} * ({int4} % 4))
        make_interval(hours => {int4} % 48)
        justify_hours({interval!})
        (- {interval})
    """,
    "int4[]": """
        ({int4[]} || {int4!})
        ({int4[]} || {int4[]!})
        array_append({int4[]!}, {int4})
        ARRAY[{int4}, {int4!}]
        ({int4[]})[1:2]
        array_remove({int4[]}, {int4!})
    """,
    "text[]": """
        string_to_array({text}, ' ')
        ARRAY[{text}, {text!}]
        ({text[]} || {text!})
        array_replace({text[]}, {text!}, 'r')
        regexp_split_to_array({text!}, 'o')
    """,
    "jsonb": """
        ({jsonb} -> 'k')
        ({jsonb!} #> '{{list}}')
        jsonb_set('{{"k": 1}}'::jsonb, '{{k}}', coalesce({jsonb!}, 'true'))
        jsonb_strip_nulls({jsonb})
        to_jsonb({int4})
        to_jsonb({text})
        jsonb_build_object('a', {int4!}, 'b', {text})
        jsonb_build_array({text!}, {bool!})
        jsonb_build_object('t', {timestamptz!}, 'd', {date}, 'n', {numeric}, 'a', {int4[]})
        to_jsonb({timestamp})
        to_jsonb({text[]})
        row_to_json(ROW({int4!}, {date!}, {text!}))::jsonb
        json_build_array({float8!}, {interval!}, {jsonb})::jsonb
    """,
    "int4range": """
        ({int4range} * {int4range!})
        int4range(least({int4!}, 5), 5 + abs({int4} % 20))
        int4range(- abs({int4!}), 0, '[]')
    """,
    "mood": """
        CASE WHEN {bool} THEN {mood!} ELSE {mood!} END
    """,
    "uuid": """
        md5({text})::uuid
    """,
}

# Of every type; T is the type itself.
ANY_TYPE = """
    coalesce({T}, {T})
    nullif({T}, {T!})
    CASE WHEN {bool} THEN {T} ELSE {T} END
    CASE WHEN {bool} THEN {T} WHEN {bool} THEN {T!} END
    CASE {int4} WHEN {int4!} THEN {T} WHEN 3 THEN {T!} ELSE {T!} END
    greatest({T}, {T!})
    least({T!}, {T}, {T!})
""".strip().splitlines()

# What only raises in this place, for statements that are to fail.
RISKY = {
    "int4": ["({int4!} / {int4!})", "({text!})::int4",
             "({int4!} * 1000000 * 5000)"],
    "numeric": ["sqrt({numeric!})", "({numeric!} % {int4!})"],
    "text": ["substring({text!} FROM 1 FOR {int4!})", "chr({int4!} - 2)"],
    "date": ["({text!})::date", "make_date({int4!}, 1, 31)"],
}

_HOLE = re.compile(r"(?<!\{)\{([a-z0-9\[\]T]+)(!?)\}(?!\})")
_parsed = {}


def parse(template):
    """[text, (type, leaf), text, ...]"""
    parts = _parsed.get(template)
    if parts is None:
        parts = []
        end = 0
        for match in _HOLE.finditer(template):
            parts.append(template[end:match.start()])
            parts.append((match.group(1), bool(match.group(2))))
            end = match.end()
        parts.append(template[end:])
        _parsed[template] = parts = [
            part.replace("{{", "{").replace("}}", "}")
            if isinstance(part, str) else part for part in parts]
    return parts


def hole_types(template):
    return [part[0] for part in parse(template) if not isinstance(part, str)]


_lists = {name: [line.strip() for line in text.strip().splitlines()]
          for name, text in PRODUCTIONS.items()}


class Expressions:
    """Needs self.random; Queries adds subqueries."""

    risky = False               # may an expression fail?

    def any_type(self):
        return self.random.choices(TYPES, WEIGHTS)[0]

    def literal(self, type):
        if self.random.random() < 0.08:
            return expr(type, "NULL::" + type)
        return Literal(type, self.random.choice(LITERALS[type]))

    def leaf(self, type, scope, direct=False):
        """A column if there is one, else something made of columns."""
        if self.random.random() < 0.12:
            return self.literal(type)
        column = scope.column(self.random, type)
        if column is not None:
            return column
        has = scope.types()
        usable = [] if direct else [
            template for template in _lists.get(type, ())
            if has.intersection(hole_types(template))]
        if usable and self.random.random() < 0.8:
            return self.fill(type, self.random.choice(usable), scope, 0)
        return self.literal(type)

    def fill(self, type, template, scope, depth):
        pieces = []
        for part in parse(template):
            if isinstance(part, str):
                pieces.append(part)
                continue
            wanted = type if part[0] == "T" else part[0]
            if depth <= 0 or part[1]:
                pieces.append(self.leaf(wanted, scope, depth <= 0))
            else:
                pieces.append(self.expression(wanted, scope, depth - 1))
        return expr(type, *pieces)

    def expression(self, type, scope, depth):
        chance = self.random.random()
        if depth <= 0 or chance < 0.3:
            return self.leaf(type, scope)
        if chance < 0.36 and scope.subqueries:
            return self.subquery_expression(type, scope, depth)
        if self.risky and type in RISKY and chance > 0.8:
            return self.fill(type, self.random.choice(RISKY[type]), scope, 1)
        if chance < 0.5 or type == "mood":
            return self.fill(type, self.random.choice(ANY_TYPE).strip(),
                             scope, depth)
        return self.fill(type, self.random.choice(_lists[type]), scope, depth)

    def condition(self, scope, depth=2):
        parts = [self.expression("bool", scope, depth)
                 for _ in range(self.random.choice((1, 1, 1, 1, 2)))]
        return items(parts, " AND ")
