#include "history/sql_record.h"

#include <string.h>

static const char *const reason_words[HAUL_REASON_COUNT] = {
#define REASON_WORD(name, word, transient, text) word,
    HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
};

enum haul_outcome haul_sql_outcome(const char *word)
{
    int outcome = 0;

    while (outcome < HAUL_OUTCOME_COUNT - 1 &&
           strcmp(word, haul_outcome_word((enum haul_outcome)outcome)) != 0)
        outcome++;
    return (enum haul_outcome)outcome;
}

/* A word that has a number in it ("http-404") is that of no reason here: none of them matters. */
static enum haul_reason reason_of(const char *word)
{
    int reason = HAUL_REASON_COUNT - 1;

    while (reason > 0 && strcmp(word, reason_words[reason]) != 0)
        reason--;
    return (enum haul_reason)reason;
}

static void is_failure(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *outcome = (const char *)sqlite3_value_text(value[0]);
    const char *reason = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    sqlite3_result_int(context,
                       outcome && reason &&
                           haul_outcome_is_failure(haul_sql_outcome(outcome), reason_of(reason)));
}

enum haul_err haul_sql_record_register(sqlite3 *db)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    return sqlite3_create_function_v2(db, "haul_is_failure", 2, flags, NULL, is_failure, NULL, NULL,
                                      NULL)
               ? HAUL_ERR_NOMEM
               : HAUL_OK;
}
