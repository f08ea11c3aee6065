#ifndef HAUL_JOURNAL_HEAD_H
#define HAUL_JOURNAL_HEAD_H

#include "base/buf.h"
#include "haul/config.h"

/*
 * Appends, as one JSON object, the options that decide what a run's results are: what is asked for,
 * how, and what counts as ok. Secrets stay out: of header fields only the names, of credentials and
 * proxies only that there are some, of URLs on the command line only how many. Pure.
 */
void haul_journal_add_options(struct haul_buf *buf, const struct haul_config *config);

#endif
