#ifndef HAUL_SINK_NAMING_H
#define HAUL_SINK_NAMING_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/job.h"
#include "model/key.h"

/*
 * Gives each URL a name of its own for its file, in the order of the lists: the plain one
 * (sink/name.h) if no other URL has it, else its first variant that none has. A directory that has
 * the name of another URL's file gets a hash, too. The same URL has the same name again. So the
 * names depend on the lists alone, not on which transfer ends first, and two runs over the same
 * lists name alike.
 *
 * A name belongs to one URL for the life of a journal: a run that goes on with one says first which
 * names its records have (haul_naming_claim), and gives none of these to another URL, however the
 * list was edited meanwhile. URLs are told apart by their keys (model/key.h).
 *
 * However many a list makes want one name, each is given one in the same time on average
 * (sink/name_search.h).
 *
 * What earlier versions have called otherwise has two names: the one that it is given now, and the
 * one that it had. That is given to no other URL either, whose file would be taken for this one's.
 *
 * Remembered are 64 bits of a keyed hash (base/hash.h) for each file and each directory, with
 * another 64 that say whose it is: 20 to 40 bytes for each (base/keyset.h). Two names with one hash
 * only cost the second one its plain form. With {sha256} in the form nothing is remembered: what
 * has the same name then is the same. With {type-ext} it is another one or two for each file that
 * ends in an extension of its table, or will: names that could be the same once it is known are
 * told apart like names that are.
 *
 * One thread: the dispatcher.
 */
struct haul_naming;

/*
 * `config` must outlive it. With `folds_case`, names that differ in the case of ASCII letters only
 * are the same. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_naming_create(const struct haul_config *config, bool folds_case,
                                               struct haul_naming **out);
void haul_naming_free(struct haul_naming *naming);

/*
 * Says that the file of that name is the URL's with this key, and its directories everybody's.
 * Before the first name is given. Who says so last has it: the file is what was saved last.
 * HAUL_ERR_NOMEM: the name may be given to another one.
 */
HAUL_MUST_USE enum haul_err haul_naming_claim(struct haul_naming *naming, const char *name,
                                              const struct haul_key *key);

/* Whether the file of that name is the URL's with this key, as far as was claimed and given. */
bool haul_naming_owns(struct haul_naming *naming, const char *name, const struct haul_key *key);

/* Whether a name can be made for `job`: as haul_naming_give, but nothing is given. */
enum haul_reason haul_naming_check(const struct haul_naming *naming, const struct haul_job *job,
                                   const char *shown);

/*
 * Appends the name for `job`, whose key is set, to `name`, which must be empty. It may hold marks
 * (sink/name_late.h). `shown` is its URL without what --redact hides: only that goes into the name,
 * and of what is attached to the job, what its record has. NONE; BAD_NAME (haul_name_build);
 * NO_MEMORY.
 */
enum haul_reason haul_naming_give(struct haul_naming *naming, const struct haul_job *job,
                                  const char *shown, struct haul_buf *name);

/* What names have of a job, without what --redact hides: now, and in earlier versions
 * (haul_redactor_apply_earlier). */
struct haul_naming_shown {
    const char *now, *earlier;            /* its URL */
    const struct haul_attached *attached; /* what is attached to it, as these hid it; or NULL: as
                                             the job has it */
};

/*
 * What earlier versions called the job's file, if that is another name than the one of today:
 * appends it to `name`, which must be empty. They let characters stay that are encoded now
 * (sink/name.h), and hid less. Nothing is appended where that name is another URL's, or may become
 * that; nor where it is known only when the body is whole (sink/name_late.h): nobody could tell by
 * now which file that is. As haul_naming_give, after that, and once for each.
 */
enum haul_reason haul_naming_find_earlier(struct haul_naming *naming, const struct haul_job *job,
                                          const struct haul_naming_shown *shown,
                                          struct haul_buf *name);

/* Whether the name that was given last is the plain one: no other URL had it. */
bool haul_naming_is_plain(const struct haul_naming *naming);

/* Whether the rest of the list decides on it, too: another URL had it, or the form has {n} or
 * {line}. Then another list with the same entry gives it another name. */
bool haul_naming_is_by_list(const struct haul_naming *naming);

#endif
