#include "engine/notices.h"

#include <stdlib.h>
#include <string.h>

void haul_notices_done(struct haul_notices *notices)
{
    for (int i = 0; i < HAUL_NOTICE_COUNT; i++) {
        for (size_t j = 0; j < notices->of[i].count; j++)
            free(notices->of[i].origin[j]);
        notices->of[i].count = 0;
    }
}

enum news { OLD, NEW, ONE_TOO_MANY };

/* One that is new is remembered, as far as there is room. */
static enum news note(struct haul_notices *notices, const char *text)
{
    const char *origin = haul_notice_origin(text);
    enum haul_notice notice = haul_notice_of(text);
    size_t *count = &notices->of[notice].count;
    char **known = notices->of[notice].origin;

    if (notices->of[notice].has_ended)
        return OLD;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(known[i], origin) == 0)
            return OLD;
    if (*count == HAUL_NOTICES_TOLD_MAX) {
        notices->of[notice].has_ended = true;
        return ONE_TOO_MANY;
    }
    known[*count] = strdup(origin);
    *count += known[*count] != NULL;
    return NEW;
}

void haul_notices_pass_on(struct haul_notices *passed, struct haul_job *job,
                          struct haul_resultq *resultq)
{
    const char *at = haul_notice_first(&job->notices);

    for (; at; at = haul_notice_next(&job->notices, at))
        if (note(passed, at) != OLD)
            haul_resultq_tell(resultq, HAUL_NOTE_NOTICE, at);
    haul_buf_done(&job->notices);
}

static const struct {
    const char *of_one, *of_more;
} words[HAUL_NOTICE_COUNT] = {
    [HAUL_NOTICE_EXPOSED] = {"credentials go there over plain http, for all on the way to read; "
                             "those of a section [host \"https://...\"] go over https only",
                             "credentials go to further hosts over plain http, which are not named "
                             "any more"},
    [HAUL_NOTICE_COOKIES] = {"not all cookies that --cookie has for it are sent: a request carries "
                             "100 of them and 8190 bytes at most",
                             "further hosts are not sent all cookies that --cookie has for them, "
                             "and are not named any more"}};

void haul_notices_add_words(struct haul_notices *told, const char *text, struct haul_buf *message)
{
    enum haul_notice notice = haul_notice_of(text);

    switch (note(told, text)) {
    case NEW:
        haul_buf_addf(message, "%s: %s", haul_notice_origin(text), words[notice].of_one);
        break;
    case ONE_TOO_MANY:
        haul_buf_add_str(message, words[notice].of_more);
        break;
    case OLD:
        break;
    }
}
