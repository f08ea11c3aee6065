#include "model/ledger.h"

#include <string.h>

#include "base/saturate.h"
#include "base/units.h"
#include "haul/exit.h"

static void add_known(int64_t *sum, int64_t value)
{
    if (value > 0)
        *sum = haul_saturate_add(*sum, value);
}

void haul_ledger_add(struct haul_ledger *ledger, const struct haul_record *rec)
{
    ledger->rows++;
    ledger->count[rec->outcome]++;
    if (rec->outcome == HAUL_OUTCOME_FAILED) {
        if (haul_record_is_transient(rec))
            ledger->failed_transient++;
        else
            ledger->failed_permanent++;
    } else if (haul_outcome_is_failure(rec->outcome, rec->reason)) {
        ledger->given_up++;
    } else if (rec->outcome == HAUL_OUTCOME_SKIPPED && rec->reason == HAUL_REASON_ROBOTS) {
        ledger->disallowed++;
    }
    if (rec->outcome == HAUL_OUTCOME_OK || rec->outcome == HAUL_OUTCOME_UNCHANGED) {
        add_known(&ledger->wire_bytes, rec->size_download);
        add_known(&ledger->body_bytes, rec->size_body);
        if (rec->outcome == HAUL_OUTCOME_UNCHANGED)
            add_known(&ledger->unchanged_bytes, rec->size_body);
        else if (rec->size_method && strcmp(rec->size_method, "get") != 0)
            add_known(&ledger->announced_bytes, rec->size_body);
    } else {
        add_known(&ledger->failed_bytes, rec->size_download);
        if (rec->outcome == HAUL_OUTCOME_SKIPPED)
            add_known(&ledger->skipped_bytes, rec->size_download);
    }
    add_known(&ledger->header_bytes, rec->size_header);
    add_known(&ledger->time_us, rec->time_total_us);
}

void haul_ledger_add_lines(struct haul_ledger *ledger, uint64_t lines)
{
    ledger->lines += lines;
}

void haul_ledger_add_pending(struct haul_ledger *ledger, uint64_t lines)
{
    ledger->lines += lines;
    ledger->rows += lines;
    ledger->count[HAUL_OUTCOME_PENDING] += lines;
}

static uint64_t sum_of_outcomes(const struct haul_ledger *ledger)
{
    uint64_t sum = 0;

    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        sum += ledger->count[i];
    return sum;
}

bool haul_ledger_balances(const struct haul_ledger *ledger)
{
    return ledger->lines == ledger->rows && ledger->rows == sum_of_outcomes(ledger) &&
           ledger->count[HAUL_OUTCOME_FAILED] ==
               ledger->failed_transient + ledger->failed_permanent;
}

bool haul_ledger_is_disallowed(const struct haul_ledger *ledger)
{
    return ledger->disallowed && ledger->disallowed == ledger->rows -
                                                           ledger->count[HAUL_OUTCOME_DUPLICATE] -
                                                           ledger->count[HAUL_OUTCOME_INVALID];
}

int haul_ledger_exit_status(const struct haul_ledger *ledger, const struct haul_ledger_flags *flags)
{
    if (flags->report_failed || flags->nothing_found || !haul_ledger_balances(ledger))
        return HAUL_EXIT_INTERNAL;
    if (flags->signal)
        return HAUL_EXIT_SIGNAL + flags->signal;
    if (flags->usage)
        return HAUL_EXIT_USAGE;
    if (flags->locked)
        return HAUL_EXIT_LOCKED;
    if (flags->budget)
        return HAUL_EXIT_BUDGET;
    if (ledger->failed_permanent || ledger->count[HAUL_OUTCOME_INVALID])
        return HAUL_EXIT_FAILED;
    if (ledger->failed_transient || ledger->given_up || ledger->count[HAUL_OUTCOME_PENDING] ||
        flags->unread)
        return HAUL_EXIT_TEMPFAIL;
    return HAUL_EXIT_OK;
}

/* --- summary ---------------------------------------------------------------------------------- */

static void add_count(struct haul_buf *buf, uint64_t count, const char *one, const char *many)
{
    haul_units_add_grouped(buf, (int64_t)count);
    haul_buf_add_str(buf, count == 1 ? one : many);
}

/* How many times `part` goes into `whole`, in tenths. */
static int64_t tenths_of(int64_t whole, int64_t part)
{
    double tenths = (double)whole / (double)part * 10 + 0.5;

    return tenths < 1e18 ? (int64_t)tenths : 0;
}

static uint64_t urls_tried(const struct haul_ledger *ledger)
{
    return ledger->count[HAUL_OUTCOME_OK] + ledger->count[HAUL_OUTCOME_FAILED] +
           ledger->count[HAUL_OUTCOME_UNCHANGED];
}

static void add_stop(struct haul_buf *buf, const struct haul_ledger *ledger, int64_t elapsed_us)
{
    haul_buf_add_str(buf, "stopped after ");
    haul_units_add_duration_us(buf, elapsed_us);
    haul_buf_add_str(buf, ", before anything was fetched: ");
    add_count(buf, ledger->count[HAUL_OUTCOME_PENDING], " URL is pending\n", " URLs are pending\n");
}

/* How much faster the pool was than one URL after the other would have been; only where it was. */
static void add_times(struct haul_buf *buf, const struct haul_ledger *ledger, int64_t elapsed_us)
{
    int64_t tenths = 0;

    if (elapsed_us > 0)
        tenths = tenths_of(ledger->time_us, elapsed_us);
    add_count(buf, urls_tried(ledger), " URL in ", " URLs in ");
    haul_units_add_duration_us(buf, elapsed_us);
    if (tenths > 10) {
        haul_buf_add_str(buf, "; one after the other ");
        haul_units_add_duration_us(buf, ledger->time_us);
        haul_buf_add_str(buf, ": ");
        haul_units_add_grouped(buf, tenths / 10);
        haul_buf_addf(buf, ".%d times faster", (int)(tenths % 10));
    }
    haul_buf_add_char(buf, '\n');
}

static void add_equation(struct haul_buf *buf, const struct haul_ledger *ledger)
{
    add_count(buf, ledger->lines, " line", " lines");
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        if (i != HAUL_OUTCOME_OK && !ledger->count[i])
            continue;
        haul_buf_add_str(buf, i == HAUL_OUTCOME_OK ? " = " : " + ");
        haul_units_add_grouped(buf, (int64_t)ledger->count[i]);
        haul_buf_addf(buf, " %s", haul_outcome_word((enum haul_outcome)i));
    }
    haul_buf_add_char(buf, '\n');
    if (haul_ledger_balances(ledger))
        return;
    haul_buf_add_str(buf, "the books do not balance: ");
    add_count(buf, ledger->lines, " line read, ", " lines read, ");
    add_count(buf, ledger->rows, " row reported\n", " rows reported\n");
}

/* "1.2 KiB (1,256 bytes)" with text around it; below 1024 the two are the same. */
static void add_bytes(struct haul_buf *buf, const char *before, int64_t bytes, const char *behind)
{
    haul_buf_add_str(buf, before);
    if (bytes < 1024) {
        add_count(buf, (uint64_t)bytes, " byte", " bytes");
    } else {
        haul_units_add_bytes(buf, bytes);
        haul_buf_add_str(buf, " (");
        haul_units_add_grouped(buf, bytes);
        haul_buf_add_str(buf, " bytes)");
    }
    haul_buf_add_str(buf, behind);
}

/*
 * A length that HEAD or a range has told is no body: nothing of it was received, let alone decoded.
 */
static void add_bodies(struct haul_buf *buf, const struct haul_ledger *ledger)
{
    int64_t decoded = ledger->body_bytes - ledger->unchanged_bytes - ledger->announced_bytes;

    add_bytes(buf, "bodies: ", ledger->wire_bytes, " received");
    if (decoded > 0 || !ledger->announced_bytes)
        add_bytes(buf, ", ", decoded, " decoded");
    if (ledger->announced_bytes)
        add_bytes(buf, ", ", ledger->announced_bytes, " announced only");
}

static void add_sizes(struct haul_buf *buf, const struct haul_ledger *ledger)
{
    add_bodies(buf, ledger);
    add_bytes(buf, "; headers: ", ledger->header_bytes, "");
    if (ledger->unchanged_bytes)
        add_bytes(buf, "; unchanged: ", ledger->unchanged_bytes, "");
    if (ledger->skipped_bytes)
        add_bytes(buf, "; of URLs skipped: ", ledger->skipped_bytes, "");
    if (ledger->failed_bytes > ledger->skipped_bytes)
        add_bytes(buf, "; of URLs not ok: ", ledger->failed_bytes - ledger->skipped_bytes, "");
    haul_buf_add_char(buf, '\n');
}

void haul_ledger_summary(const struct haul_ledger *ledger, int64_t elapsed_us, bool stopped,
                         struct haul_buf *buf)
{
    if (!urls_tried(ledger) && (stopped || ledger->count[HAUL_OUTCOME_PENDING]))
        add_stop(buf, ledger, elapsed_us);
    else
        add_times(buf, ledger, elapsed_us);
    add_equation(buf, ledger);
    add_sizes(buf, ledger);
}
