#ifndef HAUL_INPUT_LIST_H
#define HAUL_INPUT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/opener.h"
#include "haul/config.h"
#include "haul/err.h"
#include "input/lines.h"
#include "input/setting.h"
#include "input/table.h"
#include "input/walk.h"

/*
 * All the inputs of a run, read one after the other as one stream of entries. The lists are never
 * held whole, and at most one of them is open at a time.
 */
struct haul_list;

/*
 * Checks every source and makes a reader over them, in their order. A list, or a sitemap that is a
 * local file, must exist, be readable and be no directory: a wrong name is found here, before
 * anything is fetched. Standard input may be a source once. Regular files are opened and closed
 * again for the check, pipes and devices are not touched. `source` is not copied and must outlive
 * the list.
 *
 * `form` NULL, or with no column: lists are one URL a line, with mirrors and keys as aria2_list.h
 * has them, or reports of haul's own (entries.h). Otherwise they are tables of this form, which is
 * copied but for its strings; the header line of a regular file is looked at here. Either may be
 * compressed (unpack.h), or UTF-16 with a mark (charset.h). `rules`: what the keys of lists may do
 * (setting.h), NULL: as SAFE without --dir; copied but for its string.
 *
 * On success *out is the list, to be freed with haul_list_free. On failure *out is NULL and
 * `message` (which may not be NULL) has been appended one line without newline that names the
 * source and the cause; names in it are not escaped.
 *
 * HAUL_ERR_USAGE: a source cannot be used. HAUL_ERR_NOMEM. HAUL_ERR_SYSTEM: no descriptors left for
 * what haul_list_interrupt and haul_list_nudge need (base/wake.h; for the life of the list).
 */
enum haul_err haul_list_create(const struct haul_source *source, size_t count,
                               const struct haul_table_form *form,
                               const struct haul_setting_rules *rules, struct haul_list **out,
                               struct haul_buf *message) HAUL_MUST_USE;

/*
 * Gives the list what its sources of kind SITEMAP and ROBOTS need: `walk`, which stays the caller's
 * and outlives the list. Before the first haul_list_next; without it such a source is refused
 * there.
 */
void haul_list_use_walk(struct haul_list *list, struct haul_walk *walk);

/*
 * Gives the list who opens what this process may not (base/opener.h), for it has entered a sandbox
 * since; the caller's, which outlives the list. NULL: nobody does. Before the first haul_list_next.
 */
void haul_list_use_opener(struct haul_list *list, const struct haul_opener *opener);

/*
 * Gives `add` the name of each column that tables which are regular files attach to their entries,
 * in their order: what haul_list_create has seen of them, which is the header line, or the first
 * object of JSON Lines. A name may come several times. Returns
 * what `add` does, if that is no HAUL_OK. Main thread, between create and the first
 * haul_list_next.
 */
typedef enum haul_err haul_list_column_fn(void *arg, const char *name);
HAUL_MUST_USE enum haul_err haul_list_columns(const struct haul_list *list,
                                              haul_list_column_fn *add, void *arg);

/* Closes and frees everything. No other call may be under way. NULL is fine. */
void haul_list_free(struct haul_list *list);

/*
 * Gives the next entry: of a list (aria2_list.h or table.h say what one is), of a sitemap (walk.h),
 * or a URL of the command line, which is always an entry and whose `line` is its number among those
 * URLs. What `out` points to is valid until the next call. What has arrived is given at once: an
 * endless standard input is worked on as it comes. Only the last line that has arrived is held
 * back, for its keys may follow: for a second, or in a list that had keys before, until they or the
 * next line come.
 *
 * One thread, the dispatcher. Blocks while a pipe, terminal or device has nothing to give;
 * haul_list_interrupt wakes it, and so does haul_list_nudge.
 *
 * HAUL_OK: `out` is filled; for every other value it is not.
 * HAUL_ERR_END: all sources are read; every later call says so again.
 * HAUL_ERR_CLOSED: interrupted. The rest of the source that was being waited for is given up; its
 *   half line, if any, is not given. The next call goes on with the next source, unless the
 *   interrupt was an abort: then every later call returns CLOSED.
 * HAUL_ERR_AGAIN: nudged while it was waiting for a list, or there is a warning about a list that
 *   had no entry to go with it, or haul_list_nothing has something to say; the next call goes on.
 * HAUL_ERR_IO: a list could not be opened or read on, haul_list_message says why. What came before
 *   has been given, a half line is not; the next call goes on with the next source.
 * HAUL_ERR_NOMEM: nothing more can be read.
 */
enum haul_err haul_list_next(struct haul_list *list, struct haul_list_entry *out) HAUL_MUST_USE;

/*
 * After HAUL_ERR_IO: what failed, as one line without newline that names list, line and cause;
 * names in it are not escaped. Otherwise "". Valid until the next call to haul_list_next; same
 * thread.
 */
const char *haul_list_message(const struct haul_list *list);

/*
 * After haul_list_next, whatever it has returned: what is to be said about the list or the entry,
 * though they can be used, as one line without newline, unescaped, that names the list and its
 * line: a key that means nothing to haul, a header line that looks like a row. Otherwise "". Valid
 * until the next call to haul_list_next; same thread.
 */
const char *haul_list_warning(const struct haul_list *list);

/* Whether that warning says that entries are missing, for they were passed over (walk.h). The same
 * thread, as long. */
bool haul_list_has_lost(const struct haul_list *list);

/*
 * After haul_list_next has returned HAUL_ERR_AGAIN: that a list has come to its end, or a sitemap,
 * and gave no entry, as one line without newline, unescaped, that names it and says why. Otherwise
 * "". Once for each list; for sitemaps as walk.h has it. What is given up, or cannot be read to its
 * end, is told otherwise. Valid until the next call to haul_list_next; same thread.
 */
const char *haul_list_nothing(const struct haul_list *list);

/*
 * Ends the reading. Without `abort`: a source that can keep its reader waiting (pipe, terminal,
 * device, socket) gives the whole lines that were already read and then CLOSED; regular files and
 * the command line are still read to their end, so that every line can be accounted for. With
 * `abort`: the next call, or the one under way, returns CLOSED as soon as it can.
 *
 * Any thread, at any time between create and free, more than once; async-signal-safe; never blocks.
 * An abort is not taken back by a later call without.
 */
void haul_list_interrupt(struct haul_list *list, bool abort);

/*
 * Has whoever waits in haul_list_next come back for something else: AGAIN, from this call or from
 * the next one that would wait for a list. A sitemap that is fetched (engine/document.h has a wake
 * of its own) or read from a pipe is waited for all the same. Any thread, at any time between
 * create and free; never blocks.
 */
void haul_list_nudge(struct haul_list *list);

#endif
