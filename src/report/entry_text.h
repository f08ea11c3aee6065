#ifndef HAUL_REPORT_ENTRY_TEXT_H
#define HAUL_REPORT_ENTRY_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/record.h"
#include "model/job.h"
#include "model/redactor.h"

/*
 * What a list has to say to ask for an entry again. --save-failed writes it, and journals keep it
 * of what has failed, as `entry` of a record:
 *
 *   ""       the record's URL says it all
 *   "#"      it cannot be said, for a secret belongs to it
 *   "#long"  it has become longer than a line may be
 *   else     lines, each with its newline: the URL with its mirrors and labels, and its keys (as
 *            input/aria2_list.h reads them)
 *
 * Where the name of its file is not what the entry alone makes ({n} is another number in another
 * list; and what two URLs are called alike is the second one's only with a hash), it ends in a
 * comment that says so, and `out` with the name that it was given. What is known of a name only
 * when the body is whole ({type-ext}, {sha256:N}) can be no `out`: then the comment is all.
 *
 * Of a row of a table it is the line of the URL, and such an ending: the cells are in `attached`,
 * and `url_column` and `url_place` say which column is missing there.
 *
 * Pure, any thread; failure is the buffer's sticky error.
 */

/*
 * Whether the entry holds what may be written nowhere: a password, a header field that tells who
 * asks (in doubt it does), a URL with a name or password in any of its texts, or what `redactor`
 * (or NULL) hides in anything but what is attached.
 * `options`: with the mirrors; or NULL. The URL itself is not looked at. `room`: for the call.
 * True, too, if memory runs out.
 */
bool haul_entry_text_has_secret(const struct haul_entry_options *options,
                                const struct haul_redactor *redactor, struct haul_buf *room);

/* Whether such a URL is in a text: "://NAME@". */
bool haul_entry_text_has_userinfo(const char *text);

/*
 * Fills `entry`, `url_column` and `url_place` of a record. `text` is emptied, and gets the entry;
 * `rec` then points into it and into `options` (or NULL). `url` is what is asked for; it stands
 * where the record's URL cannot stand on a line. If `has_secret`, the entry is "#". `name`: that of
 * the file (sink/name.h), if more than the entry decides on it, or NULL.
 *
 * Of what the record's `entry` was before, that of a journal, two things stay, whatever the list
 * says by now: that there is a secret; and, if `name` is NULL, how it ends. A name belongs to one
 * URL for the life of a journal.
 */
void haul_entry_text_note(struct haul_record *rec, const char *url,
                          const struct haul_entry_options *options, bool has_secret,
                          const char *name, struct haul_buf *text);

/* The same of a job. */
void haul_entry_text_note_job(struct haul_job *job, struct haul_buf *text);

/* Of an entry, or NULL: what it says of the name of its file. */
enum haul_entry_name {
    HAUL_ENTRY_NAME_OWN, /* nothing: it makes the name itself */
    HAUL_ENTRY_NAME_SAID,
    HAUL_ENTRY_NAME_UNSAID /* that it cannot be said */
};
enum haul_entry_name haul_entry_text_name(const char *entry);

/* Whether a URL stands on a line of a list and is read there as it is. */
bool haul_entry_text_stands_alone(const char *url);

#endif
