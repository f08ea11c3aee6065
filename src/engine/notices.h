#ifndef HAUL_ENGINE_NOTICES_H
#define HAUL_ENGINE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "engine/resultq.h"
#include "model/job.h"
#include "model/notice.h"

/*
 * What is told of origins, once for each of them and for a few of them only: whoever runs transfers
 * takes it from their jobs and passes on what he has not passed on before, by the results queue;
 * the collector, who hears all of them, tells it. One for each thread, never shared.
 */
enum { HAUL_NOTICES_TOLD_MAX = 10 };

struct haul_notices {
    struct {
        char *origin[HAUL_NOTICES_TOLD_MAX];
        size_t count;   /* of these */
        bool has_ended; /* there were more, which was said, too */
    } of[HAUL_NOTICE_COUNT];
};

/* All zero is one that has seen nothing. */
void haul_notices_done(struct haul_notices *notices);

/* Takes what an attempt has left in its job. Without memory it may be passed on again, or not. */
void haul_notices_pass_on(struct haul_notices *passed, struct haul_job *job,
                          struct haul_resultq *resultq);

/* Appends what is to be said of one (a HAUL_NOTE_NOTICE), a line without newline and unescaped; or
 * nothing, if it was. */
void haul_notices_add_words(struct haul_notices *told, const char *text, struct haul_buf *message);

#endif
