/*-------------------------------------------------------------------------
 *
 * schema/import_typmod.c
 *		Can a built-in type have this modifier?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "option/remote_type.h"
#include "schema/import_typmod.h"

/* A modifier of numeric has the precision in its upper half. */
static bool
is_valid_numeric(int32 typmod)
{
	int32		precision = ((typmod - VARHDRSZ) >> 16) & 0xFFFF;

	return typmod >= VARHDRSZ && precision > 0 &&
		precision <= NUMERIC_MAX_PRECISION;
}

/* The sets of fields that SQL can give to an interval. */
static bool
is_valid_interval(int32 typmod)
{
	static const int32 ranges[] = {
		INTERVAL_FULL_RANGE,
		INTERVAL_MASK(YEAR), INTERVAL_MASK(MONTH), INTERVAL_MASK(DAY),
		INTERVAL_MASK(HOUR), INTERVAL_MASK(MINUTE), INTERVAL_MASK(SECOND),
		INTERVAL_MASK(YEAR) | INTERVAL_MASK(MONTH),
		INTERVAL_MASK(DAY) | INTERVAL_MASK(HOUR),
		INTERVAL_MASK(DAY) | INTERVAL_MASK(HOUR) | INTERVAL_MASK(MINUTE),
		INTERVAL_MASK(DAY) | INTERVAL_MASK(HOUR) | INTERVAL_MASK(MINUTE) |
		INTERVAL_MASK(SECOND),
		INTERVAL_MASK(HOUR) | INTERVAL_MASK(MINUTE),
		INTERVAL_MASK(HOUR) | INTERVAL_MASK(MINUTE) | INTERVAL_MASK(SECOND),
		INTERVAL_MASK(MINUTE) | INTERVAL_MASK(SECOND)
	};
	int32		precision = INTERVAL_PRECISION(typmod);

	if (precision > MAX_INTERVAL_PRECISION &&
		precision != INTERVAL_FULL_PRECISION)
		return false;
	for (int i = 0; i < lengthof(ranges); i++)
	{
		if (INTERVAL_RANGE(typmod) == ranges[i])
			return true;
	}
	return false;
}

bool
neon_typmod_is_valid(Oid type, int32 typmod)
{
	Oid			element = get_element_type(type);

	if (OidIsValid(element))
		type = element;
	if (typmod == -1 || !neon_is_builtin(type))
		return true;
	if (typmod < 0)
		return false;
	switch (type)
	{
		case BPCHAROID:
		case VARCHAROID:
			return typmod > VARHDRSZ && typmod <= VARHDRSZ + MaxAttrSize;
		case BITOID:
		case VARBITOID:
			return typmod > 0 && typmod <= MaxAttrSize * BITS_PER_BYTE;
		case NUMERICOID:
			return is_valid_numeric(typmod);
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return typmod <= MAX_TIMESTAMP_PRECISION;
		case INTERVALOID:
			return is_valid_interval(typmod);
		default:
			return false;
	}
}
