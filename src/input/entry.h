#ifndef HAUL_INPUT_ENTRY_H
#define HAUL_INPUT_ENTRY_H

#include "base/buf.h"
#include "haul/record.h"
#include "input/aria2_list.h"
#include "input/url.h"
#include "model/job.h"
#include "model/redactor.h"

/*
 * From an entry of a list to its URLs: the same for whoever fetches a list and for whoever only
 * asks what became of it.
 */

/* The mirrors of the last entry; memory is kept from one to the next. One thread at a time. */
struct haul_entry_mirrors {
    struct haul_buf text;
    size_t at[HAUL_ENTRY_MIRRORS_MAX][4]; /* where each one's strings begin in text */
    struct haul_mirror mirror[HAUL_ENTRY_MIRRORS_MAX];
    size_t count;
};

/* Makes one that holds nothing; allocates nothing. Frees it. */
void haul_entry_mirrors_init(struct haul_entry_mirrors *mirrors);
void haul_entry_mirrors_done(struct haul_entry_mirrors *mirrors);

/*
 * Reads the entry's URL, and its mirrors into `mirrors`, valid until the next call for either.
 *
 * HAUL_REASON_NONE: both are filled. Otherwise only the URL's display is, and there are no mirrors:
 * the entry's own reason; one of haul_url_parse; BAD_ENTRY, also where a mirror is no URL;
 * NO_MEMORY. *problem gets what is wrong, for people (valid as the entry is), or NULL: the reason
 * says all.
 */
enum haul_reason haul_entry_parse(struct haul_url_parser *urls, const struct haul_list_entry *entry,
                                  struct haul_entry_mirrors *mirrors, struct haul_url *url,
                                  const char **problem) HAUL_MUST_USE;

/* The attached values of the last entry, redacted; memory is kept. One thread at a time. */
struct haul_entry_attached {
    struct haul_buf values;
    struct haul_attached pair[HAUL_ENTRY_COLUMNS_MAX];
};
void haul_entry_attached_init(struct haul_entry_attached *attached);
void haul_entry_attached_done(struct haul_entry_attached *attached);

/*
 * Hides in what `options` attach what `redactor` (or NULL) names, and what of `given` (or NULL: of
 * lists) is given back there: they point into `attached` then, until its next call. False: out of
 * memory.
 */
bool haul_entry_redact(struct haul_entry_attached *attached, const struct haul_redactor *redactor,
                       const struct haul_redactor_secrets *given,
                       struct haul_entry_options *options);

/* The same as earlier versions did, for names of files only (haul_redactor_apply_earlier). */
bool haul_entry_redact_earlier(struct haul_entry_attached *attached,
                               const struct haul_redactor *redactor,
                               struct haul_entry_options *options);

/*
 * Whether the URL holds what may be written nowhere, as it is shown or as it is asked for: a name,
 * a password, what `redactor` (or NULL) hides, one of `given` (or NULL). `room` is for the call.
 */
bool haul_entry_hides_url(const struct haul_url *url, const struct haul_redactor *redactor,
                          const struct haul_redactor_secrets *given, struct haul_buf *room);

#endif
