#include "base/clock.h"
#include "command/command.h"
#include "history/store.h"
#include "summary/budget_eval.h"
#include "summary/query.h"
#include "verb_world.h"

/*
 * Any bytes as a history, through everything that reads one: it ends with a result or with a
 * message, what is printed is plain, and a second look says the same. The first byte chooses what
 * is done; the rest is the file.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {"h", "h-wal", "h-shm", "h-journal", "h-lock", "out", "err"};

static const enum haul_format formats[] = {HAUL_FORMAT_TEXT, HAUL_FORMAT_CSV, HAUL_FORMAT_TSV,
                                           HAUL_FORMAT_JSONL};

static void read_twice(int (*verb)(const struct haul_config *), const struct haul_config *style,
                       const char *name, const char *second)
{
    struct said one = say(verb, style, name, second), other = say(verb, style, name, second);

    require(one.status >= 0 && one.status <= 3 && one.status == other.status);
    require((one.status == 2 || one.status == 3) == (*one.text[1] != '\0'));
    require(strcmp(one.text[0], other.text[0]) == 0 && strcmp(one.text[1], other.text[1]) == 0);
    said_done(&one);
    said_done(&other);
}

/* ---- a run that adds to it ---- */

static void add(struct haul_store *store, const char *url, uint64_t seq, enum haul_outcome outcome)
{
    const struct haul_key key = {.high = 1, .low = seq};
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = url;
    rec.seq = seq;
    rec.outcome = outcome;
    rec.reason = outcome == HAUL_OUTCOME_FAILED ? HAUL_REASON_TIMEOUT : HAUL_REASON_NONE;
    rec.size_body = rec.size_download = INT64_MAX / 2;
    rec.worker = 1;
    rec.started_us = rec.time_total_us = INT64_MAX / 2;
    (void)!haul_store_add(store, &rec, &key, false);
}

static void summarise(struct haul_store *store)
{
    static const char *const budget[] = {"growth<1%", "growth:type:**<1%", "total<1k",
                                         "count:tag:a=*<5", "p90:type:**<1M"};
    const struct haul_strings budgets = {(const char **)(uintptr_t)budget,
                                         sizeof budget / sizeof *budget};
    const struct haul_summary_options options = {
        .version = "0", .workers = 1, .streams = 1, .group_by = "tag:a"};
    struct haul_summary summary;

    haul_summary_init(&summary);
    if (!haul_summary_make(store, &options, &summary))
        require(haul_budget_evaluate(haul_store_db(store), &budgets, HAUL_BUDGET_EMPTY_WARN,
                                     &summary) != HAUL_ERR_USAGE);
    haul_summary_done(&summary);
}

static void run(void)
{
    const struct haul_store_options options = {.path = world_path("h")};
    const struct haul_store_run begin = {.started_us = 1, .version = "0", .options = "{}"};
    const struct haul_store_keep keep = {.runs = 1};
    struct haul_ledger ledger = {.lines = 2};
    const struct haul_store_end end = {.ledger = &ledger, .ended_us = 2, .complete = true};
    struct haul_store *store = NULL;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    if (haul_store_open(&options, &store, &message)) {
        require(message.len > 0);
    } else if (!haul_store_begin(store, &begin)) {
        add(store, "http://h/1", 0, HAUL_OUTCOME_OK);
        add(store, "http://h/2", 1, HAUL_OUTCOME_FAILED);
        if (!haul_store_finish(store, &end)) {
            summarise(store);
            (void)!haul_store_set_status(store, 0);
            (void)!haul_store_prune(store, &keep);
        }
    }
    haul_store_free(store);
    haul_buf_done(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_config style;
    char last[160];

    if (!size)
        return 0;
    haul_config_init(&style);
    style.sandbox = HAUL_CONFINE_OFF; /* there is no way out of it */
    style.format = formats[data[0] / 8 % 4];
    style.group_by = data[0] / 32 % 2 ? "tag:a" : NULL;
    world_write("h", data + 1, size - 1);
    snprintf(last, sizeof last, "%s@1", world_path("h"));
    switch (data[0] % 4) {
    case 0:
        read_twice(haul_command_history, &style, world_path("h"), NULL);
        break;
    case 1:
        read_twice(haul_command_history, &style, world_path("h"), "http://h/1");
        break;
    case 2:
        read_twice(haul_command_diff, &style, last, world_path("h"));
        break;
    default:
        run();
    }
    world_clear(files, sizeof files / sizeof *files);
    haul_config_done(&style);
    return 0;
}
