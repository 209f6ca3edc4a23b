/*-------------------------------------------------------------------------
 *
 * scan/quick_input.c
 *		Values of common types, without their input functions.
 *
 * Input functions take what people write: timestamptz_in() looks words up,
 * and costs more than all else that is done for a cell.  What the remote
 * prints under the settings of the guard has one form only; whatever has
 * another is left to the input function.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "scan/quick_input.h"

/* An int64 holds all numbers of so many digits. */
#define MAX_DIGITS	18

/* Time zones are less than 16 hours from UTC, see MAX_TZDISP_HOUR. */
#define MAX_HOURS_FROM_UTC	15

NeonQuickInput
neon_quick_input_kind(Oid type, int32 typmod)
{
	if (type == VARCHAROID)
		return NEON_QUICK_TEXT;
	if (type == NUMERICOID)
		return NEON_QUICK_NUMERIC;
	if (typmod >= 0)
		return NEON_QUICK_NONE;
	switch (type)
	{
		case BOOLOID:
			return NEON_QUICK_BOOL;
		case INT2OID:
			return NEON_QUICK_INT2;
		case INT4OID:
			return NEON_QUICK_INT4;
		case INT8OID:
			return NEON_QUICK_INT8;
		case TEXTOID:
			return NEON_QUICK_TEXT;
		case DATEOID:
			return NEON_QUICK_DATE;
		case TIMESTAMPOID:
			return NEON_QUICK_TIMESTAMP;
		case TIMESTAMPTZOID:
			return NEON_QUICK_TIMESTAMPTZ;
		default:
			return NEON_QUICK_NONE;
	}
}

/* Reads all of the text as an integer. */
static inline bool
read_integer(const char *p, int len, int64 *value)
{
	bool		negative = *p == '-';
	int64		n = 0;

	if (negative)
	{
		p++;
		len--;
	}
	if (len < 1 || len > MAX_DIGITS)
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (*p - '0');
	*value = negative ? -n : n;
	return *p == '\0';
}

/*
 * The parts of times are read often enough that a call for each would cost
 * more than the reading.
 */
static pg_attribute_always_inline bool
read_two_digits(const char **p, int *value)
{
	unsigned int tens = (unsigned char) (*p)[0] - '0';
	unsigned int ones;

	if (tens > 9)
		return false;
	ones = (unsigned char) (*p)[1] - '0';
	if (ones > 9)
		return false;
	*value = tens * 10 + ones;
	*p += 2;
	return true;
}

/* A separator and two digits below a limit. */
static pg_attribute_always_inline bool
read_pair(const char **p, char separator, int limit, int *value)
{
	return *(*p)++ == separator && read_two_digits(p, value) &&
		*value < limit;
}

/* YYYY-MM-DD, as days since 2000-01-01. */
static pg_attribute_always_inline bool
read_date(const char **p, int *days)
{
	int			century;
	int			year;
	int			month;
	int			day;

	if (!read_two_digits(p, &century) || !read_two_digits(p, &year))
		return false;
	year += century * 100;
	if (year == 0 ||
		!read_pair(p, '-', MONTHS_PER_YEAR + 1, &month) || month == 0 ||
		!read_pair(p, '-', 32, &day) || day == 0 ||
		day > day_tab[isleap(year)][month - 1])
		return false;
	*days = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/* YYYY-MM-DD HH:MM:SS, perhaps with up to six digits of a fraction. */
static pg_attribute_always_inline bool
read_timestamp(const char **p, int64 *value)
{
	int			days;
	int			hour;
	int			minute;
	int			second;
	int			fraction = 0;

	if (!read_date(p, &days) ||
		!read_pair(p, ' ', HOURS_PER_DAY, &hour) ||
		!read_pair(p, ':', MINS_PER_HOUR, &minute) ||
		!read_pair(p, ':', SECS_PER_MINUTE, &second))
		return false;
	if (**p == '.')
	{
		int			scale = USECS_PER_SEC;

		for ((*p)++; **p >= '0' && **p <= '9'; (*p)++)
		{
			scale /= 10;
			if (scale == 0)
				return false;
			fraction += (**p - '0') * scale;
		}
	}
	*value = days * USECS_PER_DAY + hour * USECS_PER_HOUR +
		minute * USECS_PER_MINUTE + second * USECS_PER_SEC + fraction;
	return true;
}

/* The rest of a timestamptz: how far east of UTC it is, +HH[:MM[:SS]]. */
static pg_attribute_always_inline bool
read_zone(const char **p, int64 *offset)
{
	bool		west = **p == '-';
	int			hour;
	int			minute = 0;
	int			second = 0;

	if (!read_pair(p, west ? '-' : '+', MAX_HOURS_FROM_UTC + 1, &hour) ||
		(**p == ':' && !read_pair(p, ':', MINS_PER_HOUR, &minute)) ||
		(**p == ':' && !read_pair(p, ':', SECS_PER_MINUTE, &second)))
		return false;
	*offset = hour * USECS_PER_HOUR + minute * USECS_PER_MINUTE +
		second * USECS_PER_SEC;
	if (west)
		*offset = -*offset;
	return true;
}

/*
 * Each kind has a function of its own, not to be inlined: so the choice among
 * them is a jump, and no kind pays for what another one keeps on the stack.
 */
static pg_noinline bool
quick_integer(NeonQuickInput kind, const char *text, int len, Datum *value)
{
	int64		n;

	if (!read_integer(text, len, &n))
		return false;
	if (kind == NEON_QUICK_INT8)
		*value = Int64GetDatum(n);
	else if (kind == NEON_QUICK_INT4 && n >= PG_INT32_MIN && n <= PG_INT32_MAX)
		*value = Int32GetDatum((int32) n);
	else if (kind == NEON_QUICK_INT2 && n >= PG_INT16_MIN && n <= PG_INT16_MAX)
		*value = Int16GetDatum((int16) n);
	else
		return false;
	return true;
}

/*
 * Precision and scale of a numeric column, as numeric_in() reads its typmod;
 * without one any value fits.
 */
static bool
fits_numeric(int32 typmod, int whole, int scale)
{
	int			column_precision;
	int			column_scale;

	if (typmod < (int32) VARHDRSZ)
		return true;
	column_precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
	column_scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	return scale == column_scale && whole + scale <= column_precision;
}

static pg_noinline bool
quick_numeric(int32 typmod, const char *p, Datum *value)
{
	bool		negative = *p == '-';
	int64		n = 0;
	int			whole = 0;
	int			scale = 0;

	if (negative)
		p++;
	for (; *p >= '0' && *p <= '9' && whole < MAX_DIGITS; p++, whole++)
		n = n * 10 + (*p - '0');
	if (whole == 0)
		return false;
	if (*p == '.')
	{
		for (p++; *p >= '0' && *p <= '9' && whole + scale < MAX_DIGITS; p++, scale++)
			n = n * 10 + (*p - '0');
	}
	if (*p != '\0' || !fits_numeric(typmod, whole, scale))
		return false;
	*value = NumericGetDatum(int64_div_fast_to_numeric(negative ? -n : n,
													   scale));
	return true;
}

static pg_noinline bool
quick_text(int32 typmod, const char *text, int len, Datum *value)
{
	/* as many bytes as characters are allowed are not too many characters */
	if (typmod >= (int32) VARHDRSZ && len > typmod - (int32) VARHDRSZ)
		return false;
	*value = PointerGetDatum(cstring_to_text_with_len(text, len));
	return true;
}

static pg_noinline bool
quick_date(const char *p, Datum *value)
{
	int			days;

	if (!read_date(&p, &days))
		return false;
	*value = DateADTGetDatum(days);
	return *p == '\0';
}

static pg_noinline bool
quick_timestamp(const char *p, bool zone, Datum *value)
{
	int64		time;
	int64		offset = 0;

	if (!read_timestamp(&p, &time) || (zone && !read_zone(&p, &offset)))
		return false;
	*value = Int64GetDatum(time - offset);
	return *p == '\0';
}

bool
neon_quick_input(NeonQuickInput kind, int32 typmod, const char *text, int len,
				 Datum *value)
{
	switch (kind)
	{
		case NEON_QUICK_BOOL:
			*value = BoolGetDatum(*text == 't');
			return len == 1 && (*text == 't' || *text == 'f');
		case NEON_QUICK_INT2:
		case NEON_QUICK_INT4:
		case NEON_QUICK_INT8:
			return quick_integer(kind, text, len, value);
		case NEON_QUICK_TEXT:
			return quick_text(typmod, text, len, value);
		case NEON_QUICK_NUMERIC:
			return quick_numeric(typmod, text, value);
		case NEON_QUICK_DATE:
			return quick_date(text, value);
		case NEON_QUICK_TIMESTAMP:
			return quick_timestamp(text, false, value);
		case NEON_QUICK_TIMESTAMPTZ:
			return quick_timestamp(text, true, value);
		case NEON_QUICK_NONE:
			break;
	}
	return false;
}
