#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "audit/number.h"
#include "audit/render.h"
#include "base/escape.h"

enum {
    LIST_MAX = 100, /* rows of a list of URLs: for all of them there is the report */
};

/*
 * A text as a JSON value. jansson takes only well-formed UTF-8; haul_escape_json writes anything,
 * in the way that the other formats do, so its text is read back.
 */
static json_t *text_value(const char *text)
{
    struct haul_buf buf;
    json_t *value = NULL;

    if (!text)
        return json_null();
    haul_buf_init(&buf, 0);
    haul_buf_add_char(&buf, '"');
    haul_escape_json(&buf, text, strlen(text));
    haul_buf_add_char(&buf, '"');
    if (!buf.err)
        value = json_loadb(buf.data, buf.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    haul_buf_done(&buf);
    return value;
}

/* JSON has no infinity and what is not a number. */
static json_t *real_value(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* null for what is unknown. */
static json_t *number_value(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *count_value(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* Of a text that may be missing, "" means so. */
static json_t *word_value(const char *text)
{
    return text && *text ? text_value(text) : json_null();
}

static json_t *time_value(int64_t us)
{
    struct haul_buf buf;
    json_t *value;

    haul_buf_init(&buf, 0);
    haul_audit_add_timestamp(&buf, us);
    value = us < 0 ? json_null() : json_string(haul_buf_str(&buf));
    haul_buf_done(&buf);
    return value;
}

static json_t *seconds_value(int64_t us)
{
    return us < 0 ? json_null() : json_real((double)us / 1e6);
}

/* The array of what `value` makes of each of `count` items of `size` bytes; NULL: no memory. */
static json_t *list_value(const void *first, size_t count, size_t size,
                          json_t *(*value)(const void *item))
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(list, value((const char *)first + i * size)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

#define LIST(of, count, value) list_value((of), (count), sizeof *(of), (value))

static json_t *offender_value(const void *item)
{
    const char *const *text = item;

    return text_value(*text);
}

static json_t *budget_value(const void *item)
{
    const struct haul_summary_budget *budget = item;
    bool is_known = budget->state != HAUL_BUDGET_UNKNOWN;

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "budget",
                     text_value(budget->expression), "state", haul_audit_budget_word(budget->state),
                     "actual", is_known ? real_value(budget->actual) : json_null(), "limit",
                     real_value(budget->limit), "unit", text_value(budget->unit), "note",
                     text_value(budget->note), "offenders",
                     LIST(budget->offender, budget->offender_count, offender_value),
                     "offenders_total", count_value(budget->offender_total));
}

static json_t *group_value(const void *item)
{
    const struct haul_summary_group *group = item;

    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", text_value(group->name), "urls",
                     count_value(group->count), "failed", count_value(group->failed), "size",
                     number_value(group->size), "size_before", number_value(group->size_before));
}

static json_t *page_value(const void *item)
{
    const struct haul_summary_page *page = item;

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "url", text_value(page->url),
                     "outcome", haul_outcome_word(page->outcome), "reason",
                     word_value(page->reason), "http_code", number_value(page->http_code),
                     "content_type", word_value(page->type), "size", number_value(page->size),
                     "size_before", number_value(page->size_before), "time",
                     seconds_value(page->time_us), "line", count_value(page->line));
}

static json_t *mover_value(const void *item)
{
    const struct haul_summary_mover *mover = item;

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "url", text_value(mover->url), "change",
                     haul_audit_change_word(mover->change), "size_before",
                     number_value(mover->before), "size", number_value(mover->after),
                     "content_type_before", word_value(mover->type_before), "content_type",
                     word_value(mover->type_after));
}

static json_t *bin_value(const void *item)
{
    const struct haul_summary_bin *bin = item;

    return json_pack("{s:o, s:o, s:o, s:o}", "from", number_value(bin->from), "to",
                     number_value(bin->to), "urls", count_value(bin->count), "size",
                     number_value(bin->size));
}

static json_t *past_value(const void *item)
{
    const struct haul_summary_past *past = item;

    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "run", number_value(past->run), "started",
                     time_value(past->started_us), "size", number_value(past->size), "urls",
                     count_value(past->count), "failed", count_value(past->failed));
}

static size_t at_most(size_t count)
{
    return count < LIST_MAX ? count : LIST_MAX;
}

static json_t *outcomes_value(const struct haul_summary *summary)
{
    json_t *object = json_object();

    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        json_object_set_new(object, haul_outcome_word((enum haul_outcome)i),
                            count_value(summary->outcome[i]));
    return object;
}

static json_t *changes_value(const struct haul_summary *summary)
{
    json_t *object = json_object();

    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        json_object_set_new(object, haul_audit_change_word((enum haul_change)i),
                            json_pack("{s:o, s:I}", "urls", count_value(summary->change[i]), "size",
                                      (json_int_t)summary->change_size[i]));
    return object;
}

static json_t *before_value(const struct haul_summary *summary)
{
    if (!summary->has_before)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o}", "started", time_value(summary->before_started_us), "size",
        number_value(summary->before_size), "urls", count_value(summary->before_count), "failed",
        count_value(summary->before_failed), "changes", changes_value(summary), "movers",
        LIST(summary->mover, at_most(summary->mover_count), mover_value));
}

static void add_run(json_t *root, const struct haul_summary *summary)
{
    json_object_set_new(root, "title", text_value(summary->title));
    json_object_set_new(root, "version", text_value(summary->version));
    json_object_set_new(root, "started", time_value(summary->started_us));
    json_object_set_new(root, "duration", seconds_value(summary->duration_us));
    json_object_set_new(root, "time_serial", seconds_value(summary->serial_us));
    json_object_set_new(root, "workers", json_integer(summary->workers));
    json_object_set_new(root, "streams", json_integer(summary->streams));
    json_object_set_new(root, "exit_status", json_integer(summary->exit_status));
    json_object_set_new(root, "complete", json_boolean(summary->complete));
    json_object_set_new(root, "lines", count_value(summary->lines));
    json_object_set_new(root, "outcomes", outcomes_value(summary));
    json_object_set_new(root, "size", number_value(summary->size));
    json_object_set_new(root, "size_download", number_value(summary->wire));
    json_object_set_new(root, "size_unknown", count_value(summary->size_unknown));
}

static void add_parts(json_t *root, const struct haul_summary *summary)
{
    json_object_set_new(root, "budgets",
                        LIST(summary->budget, summary->budget_count, budget_value));
    json_object_set_new(root, "before", before_value(summary));
    json_object_set_new(root, "hosts", LIST(summary->host, summary->host_count, group_value));
    json_object_set_new(root, "types", LIST(summary->type, summary->type_count, group_value));
    json_object_set_new(root, "group_by", text_value(summary->group_by));
    json_object_set_new(root, "groups", LIST(summary->group, summary->group_count, group_value));
    json_object_set_new(root, "largest",
                        LIST(summary->page, at_most(summary->page_count), page_value));
    json_object_set_new(root, "failed",
                        LIST(summary->failed, at_most(summary->failed_count), page_value));
    json_object_set_new(root, "histogram", LIST(summary->bin, summary->bin_count, bin_value));
    json_object_set_new(root, "history", LIST(summary->past, summary->past_count, past_value));
}

static int add_to_out(const char *bytes, size_t len, void *out)
{
    haul_out_add(out, bytes, len);
    return 0;
}

/* What had no memory is a member that is missing, or NULL inside: nothing is written then. */
enum { MEMBERS = 24 };

void haul_audit_write_json(struct haul_out *out, const struct haul_summary *summary)
{
    json_t *root = json_object();

    add_run(root, summary);
    add_parts(root, summary);
    if (json_object_size(root) != MEMBERS ||
        json_dump_callback(root, add_to_out, out, JSON_INDENT(1)) != 0)
        haul_out_fail(out, ENOMEM);
    else
        haul_out_add(out, "\n", 1);
    json_decref(root);
}
