/*-------------------------------------------------------------------------
 *
 * modify/stored_defaults.h
 *		DEFAULT in statements that are stored: rules, bodies of functions.
 *
 * Nothing in a stored statement has a place in a text, so a NULL that the
 * rewriter has put in the place of DEFAULT looks like one that was written.
 * But the catalogs still have the statement as it was written.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_STORED_DEFAULTS_H
#define NEON_MODIFY_STORED_DEFAULTS_H

#include "nodes/parsenodes.h"

/*
 * Throws if the statement, or a WITH query of it, writes to a table of ours,
 * comes from a catalog, and has NULL for a column for which a rule or function
 * says DEFAULT.
 */
extern void neon_refuse_stored_defaults(Query *query);

#endif							/* NEON_MODIFY_STORED_DEFAULTS_H */
