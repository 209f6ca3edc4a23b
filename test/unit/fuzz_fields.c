/*-------------------------------------------------------------------------
 *
 * fuzz_fields.c
 *		libFuzzer target: cells that become values without an input function.
 *
 * The first byte says of which type a cell is, two more what its column's
 * typmod is.  Either the rest is the cell's text: then what is made of it must
 * print as that text again, and fit the column.  Or the rest is a value: then
 * what PostgreSQL prints of it must be read, as that value.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "backend.h"
#include "scan/quick_input.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD			4
#define EPOCH_DAYS		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define LAST_YEAR		9999	/* with four digits */

/* ---------- what is PostgreSQL's, as it is there ---------- */

const int	day_tab[2][13] =
{
	{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0},
	{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0}
};

int
date2j(int y, int m, int d)
{
	int			century;
	int			julian;

	m += m > 2 ? 1 : 13;
	y += m > 13 ? 4799 : 4800;
	century = y / 100;
	julian = y * 365 - 32167;
	julian += y / 4 - century + century / 4;
	return julian + 7834 * m / 256 + d;
}

text *
cstring_to_text_with_len(const char *s, int len)
{
	text	   *result = palloc(len + VARHDRSZ);

	SET_VARSIZE(result, len + VARHDRSZ);
	memcpy(VARDATA(result), s, len);
	return result;
}

/* Not as it is there: just what it was given. */
static int64 unscaled;
static int	given_scale;

Numeric
int64_div_fast_to_numeric(int64 value, int log10scale)
{
	unscaled = value;
	given_scale = log10scale;
	return palloc(1);
}

/* ---------- values as PostgreSQL prints them ---------- */

/* By the C library, which has its own way to count days. */
static char *
print_date(int64 days)
{
	time_t		seconds = (days + EPOCH_DAYS) * SECS_PER_DAY;
	struct tm	tm;

	gmtime_r(&seconds, &tm);
	return psprintf("%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
					tm.tm_mday);
}

static char *
print_timestamp(int64 value)
{
	int64		days = value / USECS_PER_DAY - (value % USECS_PER_DAY < 0);
	int64		time = value - days * USECS_PER_DAY;
	char	   *text;

	text = psprintf("%s %02d:%02d:%02d.%06d", print_date(days),
					(int) (time / USECS_PER_HOUR),
					(int) (time / USECS_PER_MINUTE % MINS_PER_HOUR),
					(int) (time / USECS_PER_SEC % SECS_PER_MINUTE),
					(int) (time % USECS_PER_SEC));
	for (size_t len = strlen(text); text[len - 1] == '0'; len--)
		text[len - 1] = '\0';
	if (text[strlen(text) - 1] == '.')
		text[strlen(text) - 1] = '\0';
	return text;
}

static char *
print_zone(int offset)
{
	int			left = abs(offset);
	char	   *text = psprintf("%c%02d", offset < 0 ? '-' : '+',
								left / SECS_PER_HOUR);

	left %= SECS_PER_HOUR;
	if (left != 0)
		text = psprintf("%s:%02d", text, left / SECS_PER_MINUTE);
	left %= SECS_PER_MINUTE;
	return left == 0 ? text : psprintf("%s:%02d", text, left);
}

static char *
print_numeric(int64 value, int scale)
{
	char	   *digits = psprintf("%019lld", (long long) (value < 0 ? -value : value));
	int			whole = (int) strlen(digits) - scale;
	char	   *start = digits;

	while (start < digits + whole - 1 && *start == '0')
		start++;
	return psprintf("%s%.*s%s%s", value < 0 ? "-" : "",
					(int) (digits + whole - start), start, scale > 0 ? "." : "",
					digits + whole);
}

/* ---------- texts ---------- */

/* Digits that say nothing, as PostgreSQL prints none of. */
static char *
shorten_number(const char *text)
{
	bool		negative = *text == '-';
	char	   *result;

	text += negative;
	while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
		text++;
	if (strspn(text, "0.") == strlen(text))
		negative = false;
	result = psprintf("%s%s", negative ? "-" : "", text);
	if (result[strlen(result) - 1] == '.')
		result[strlen(result) - 1] = '\0';
	return result;
}

static char *
shorten_fraction(const char *text)
{
	char	   *result = pstrdup(text);
	size_t		len = strlen(result);

	if (strchr(result, '.') == NULL)
		return result;
	while (result[len - 1] == '0')
		result[--len] = '\0';
	if (result[len - 1] == '.')
		result[len - 1] = '\0';
	return result;
}

static int
digit_pair(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* Seconds east of UTC, of a zone that has been read: so it is well-formed. */
static int
zone_offset(const char *zone)
{
	int			offset = digit_pair(zone + 1) * SECS_PER_HOUR;

	if (zone[3] == ':')
		offset += digit_pair(zone + 4) * SECS_PER_MINUTE;
	if (zone[3] == ':' && zone[6] == ':')
		offset += digit_pair(zone + 7);
	return *zone == '-' ? -offset : offset;
}

static void
expect(const char *text, const char *printed)
{
	if (strcmp(text, printed) != 0)
		backend_broken(psprintf("means something else, %s", printed), text);
}

static void
check_numeric(int32 typmod, const char *text)
{
	int			precision = (typmod - VARHDRSZ) >> 16 & 0xffff;
	int			scale = ((typmod - VARHDRSZ) & 0x7ff) ^ 1024;
	int64		limit = 1;

	expect(shorten_number(text), print_numeric(unscaled, given_scale));
	if (typmod < (int32) VARHDRSZ)
		return;
	if (scale - 1024 != given_scale)
		backend_broken("another scale", text);
	for (int i = 0; i < Min(precision, 18); i++)
		limit *= 10;
	if (precision < 18 && (unscaled >= limit || unscaled <= -limit))
		backend_broken("too many digits", text);
}

static void
check_value(NeonQuickInput kind, int32 typmod, const char *text, int len,
			Datum value)
{
	size_t		zone;

	switch (kind)
	{
		case NEON_QUICK_BOOL:
			expect(text, DatumGetBool(value) ? "t" : "f");
			break;
		case NEON_QUICK_INT2:
			expect(shorten_number(text), psprintf("%d", DatumGetInt16(value)));
			break;
		case NEON_QUICK_INT4:
			expect(shorten_number(text), psprintf("%d", DatumGetInt32(value)));
			break;
		case NEON_QUICK_INT8:
			expect(shorten_number(text),
				   psprintf("%lld", (long long) DatumGetInt64(value)));
			break;
		case NEON_QUICK_NUMERIC:
			check_numeric(typmod, text);
			break;
		case NEON_QUICK_TEXT:
			if (VARSIZE(DatumGetPointer(value)) != len + VARHDRSZ ||
				memcmp(VARDATA(DatumGetPointer(value)), text, len) != 0)
				backend_broken("other text", text);
			if (typmod >= (int32) VARHDRSZ && len > typmod - (int32) VARHDRSZ)
				backend_broken("too long", text);
			break;
		case NEON_QUICK_DATE:
			expect(text, print_date(DatumGetDateADT(value)));
			break;
		case NEON_QUICK_TIMESTAMP:
			expect(shorten_fraction(text), print_timestamp(DatumGetInt64(value)));
			break;
		case NEON_QUICK_TIMESTAMPTZ:
			zone = strcspn(text + 10, "+-") + 10;
			expect(shorten_fraction(pnstrdup(text, zone)),
				   print_timestamp(DatumGetInt64(value) +
								   zone_offset(text + zone) * USECS_PER_SEC));
			break;
		case NEON_QUICK_NONE:
			backend_broken("no such way", text);
	}
}

static void
try_text(NeonQuickInput kind, int32 typmod, const char *text)
{
	int			len = (int) strlen(text);
	Datum		value = 0;

	if (neon_quick_input(kind, typmod, text, len, &value))
		check_value(kind, typmod, text, len, value);
}

/* ---------- values ---------- */

static int64
between(uint64 n, int64 low, int64 high)
{
	return low + (int64) (n % (uint64) (high - low + 1));
}

static void
try_value(NeonQuickInput kind, uint64 n, int offset)
{
	const int64 first = (date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE + 1) * USECS_PER_DAY;
	const int64 last = (date2j(LAST_YEAR, 12, 31) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY - 1;
	int64		time = between(n, first, last);
	int64		wanted;
	char	   *text;
	Datum		value = 0;

	switch (kind)
	{
		case NEON_QUICK_INT2:
			text = psprintf("%d", (int) (wanted = (int16) n));
			break;
		case NEON_QUICK_INT4:
			text = psprintf("%d", (int) (wanted = (int32) n));
			break;
		case NEON_QUICK_INT8:
			wanted = between(n, -INT64CONST(999999999999999999),
							 INT64CONST(999999999999999999));
			text = psprintf("%lld", (long long) wanted);
			break;
		case NEON_QUICK_DATE:
			wanted = time / USECS_PER_DAY;
			text = print_date(wanted);
			break;
		case NEON_QUICK_TIMESTAMP:
			text = print_timestamp(wanted = time);
			break;
		case NEON_QUICK_TIMESTAMPTZ:
			wanted = time;
			text = psprintf("%s%s", print_timestamp(time + offset * USECS_PER_SEC),
							print_zone(offset));
			break;
		default:
			return;
	}
	if (!neon_quick_input(kind, -1, text, (int) strlen(text), &value))
		backend_broken("not read", text);
	if ((kind == NEON_QUICK_INT2 ? DatumGetInt16(value) :
		 kind == NEON_QUICK_INT4 || kind == NEON_QUICK_DATE ?
		 DatumGetInt32(value) : DatumGetInt64(value)) != wanted)
		backend_broken("another value", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int	last = NEON_QUICK_TIMESTAMPTZ;
	NeonQuickInput kind;
	int32		typmod = -1;
	uint64		n = 0;

	if (size < HEAD)
		return 0;
	kind = (NeonQuickInput) (1 + data[0] % last);
	if (data[3] & 1)
	{
		memcpy(&n, data + HEAD, Min(size - HEAD, sizeof(n)));
		/* zones that there are, in minutes, or in seconds as of old */
		try_value(kind, n, (data[1] % 31 - 15) * SECS_PER_HOUR +
				  (data[2] % 2 ? data[2] % 60 * 60 : data[2] % 60));
	}
	else
	{
		if (kind == NEON_QUICK_NUMERIC && data[1] > 0)
			typmod = ((data[1] << 16) | (data[2] & 0x7ff)) + VARHDRSZ;
		else if (kind == NEON_QUICK_TEXT && data[1] > 0)
			typmod = data[1] + VARHDRSZ;
		try_text(kind, typmod,
				 pnstrdup((const char *) data + HEAD, size - HEAD));
	}
	backend_reset();
	return 0;
}
