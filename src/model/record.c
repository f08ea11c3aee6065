#include "haul/record.h"

#include <stdio.h>

static const struct reason_row {
    const char *word, *text;
    bool transient;
} reasons[HAUL_REASON_COUNT] = {
#define HAUL_REASON_ROW(name, word, transient, text) {word, text, transient},
    HAUL_REASONS(HAUL_REASON_ROW)
#undef HAUL_REASON_ROW
};

static const char *const outcome_words[HAUL_OUTCOME_COUNT] = {
#define HAUL_OUTCOME_ROW(name, word) word,
    HAUL_OUTCOMES(HAUL_OUTCOME_ROW)
#undef HAUL_OUTCOME_ROW
};

void haul_record_init(struct haul_record *rec)
{
    *rec = (struct haul_record){
        .content_length = -1,
        .size_download = -1,
        .size_body = -1,
        .size_header = -1,
        .size_request = -1,
        .time_namelookup_us = -1,
        .time_connect_us = -1,
        .time_appconnect_us = -1,
        .time_pretransfer_us = -1,
        .time_starttransfer_us = -1,
        .time_redirect_us = -1,
        .time_total_us = -1,
        .time_elapsed_us = -1,
        .url = "",
    };
}

const char *haul_outcome_word(enum haul_outcome outcome)
{
    return outcome_words[outcome];
}

bool haul_outcome_is_failure(enum haul_outcome outcome, enum haul_reason reason)
{
    bool is_given_up = reason == HAUL_REASON_HOST_DOWN || reason == HAUL_REASON_THROTTLED ||
                       reason == HAUL_REASON_HOST_THROTTLED;

    return outcome == HAUL_OUTCOME_FAILED || (outcome == HAUL_OUTCOME_SKIPPED && is_given_up);
}

const char *haul_reason_text(enum haul_reason reason)
{
    return reasons[reason].text;
}

const char *haul_reason_word(const struct haul_record *rec, char word[HAUL_REASON_WORD_MAX])
{
    if (rec->reason == HAUL_REASON_HTTP_STATUS)
        snprintf(word, HAUL_REASON_WORD_MAX, "http-%03d", rec->http_code);
    else
        snprintf(word, HAUL_REASON_WORD_MAX, "%s", reasons[rec->reason].word);
    return word;
}

/* curl(1), --retry; and what is of no class is to be taken for a 500 (RFC 9110, 15). */
const struct haul_status_set haul_transient_statuses = {
    .range = {{408, 408}, {429, 429}, {500, 500}, {502, 504}, {522, 522}, {524, 524}, {600, 999}},
    .count = 7};

bool haul_status_set_has(const struct haul_status_set *set, int status)
{
    for (size_t i = 0; i < set->count; i++)
        if (status >= set->range[i].first && status <= set->range[i].last)
            return true;
    return false;
}

bool haul_record_is_transient(const struct haul_record *rec)
{
    if (rec->reason == HAUL_REASON_HTTP_STATUS)
        return haul_status_set_has(&haul_transient_statuses, rec->http_code);
    return reasons[rec->reason].transient;
}
