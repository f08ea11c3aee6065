#ifndef HAUL_MODEL_RECORD_HIDE_H
#define HAUL_MODEL_RECORD_HIDE_H

#include "haul/record.h"
#include "model/asked.h"
#include "model/redactor.h"

/*
 * Hides in a record what --redact names: in every text that comes from a list, a server or a
 * journal, for a journal of a run without --redact shows all of it. What is hidden in a URL that
 * was asked for, as far as the record tells it, is hidden in all other texts, too, wherever a
 * server has given it back. Memory is kept from record to record. One thread at a time.
 */
struct haul_record_hider {
    const struct haul_redactor *redactor; /* or NULL: nothing is hidden; the caller's */
    struct haul_redactor_secrets secrets;
    struct haul_buf text;
    struct haul_attached *attached; /* that of the last record */
    size_t attached_max;
};

/* Makes one, allocating nothing. */
void haul_record_hider_init(struct haul_record_hider *hider, const struct haul_redactor *redactor);
void haul_record_hider_done(struct haul_record_hider *hider);

/*
 * Does so; the texts of `rec` then point into `hider`, until the next call. An entry
 * (report/entry_text.h) in which there is something to be hidden becomes "#", one that cannot be
 * said. `asked`: what was asked for, as it is, for the record's URL may lack by now what is looked
 * for in the rest; or NULL. HAUL_ERR_NOMEM: the record is as it was, and must not be shown.
 */
HAUL_MUST_USE enum haul_err haul_record_hide(struct haul_record_hider *hider,
                                             struct haul_record *rec,
                                             const struct haul_asked *asked);

/* The same of the name of its file alone: of a record that was made with the same redactor, but for
 * that, which a resumed run needs as it is. */
HAUL_MUST_USE enum haul_err haul_record_hide_file(struct haul_record_hider *hider,
                                                  struct haul_record *rec);

#endif
