#ifndef HAUL_TEST_HOT_JOURNAL_H
#define HAUL_TEST_HOT_JOURNAL_H

/*
 * Writes a journal that SQLite, where it finds it beside a database, plays back
 * (sqlite.org/fileformat2.html, 3): it cuts the database down to one page, and then removes the
 * file `named`, as if that were a super journal; NULL: it names none.
 */
void hot_journal_write(const char *path, const char *named);

#endif
