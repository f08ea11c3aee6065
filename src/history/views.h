#ifndef HAUL_HISTORY_VIEWS_H
#define HAUL_HISTORY_VIEWS_H

/*
 * The views of a history, for those who ask it with other programs: the manual (HISTORY) says what
 * their columns are, and these stay as they are; new ones come behind them. haul does not use them,
 * and its connections run no views (sql.h). They need no function of haul's.
 *
 * A later step of the schema that renames or alters what they name has to drop them first, and make
 * them anew.
 */

/* Statements that make them. */
extern const char haul_views_sql[];

#endif
