#include "report/report.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/ci.h"
#include "base/out.h"
#include "report/order.h"
#include "report/row.h"

static const size_t row_max = (size_t)64 << 20;

struct haul_report {
    enum haul_format format;          /* [const after create] */
    struct haul_terminal terminal;    /* [const after create] */
    const struct haul_layout *layout; /* [const after create] or NULL */
    bool is_log;                      /* [const after create] */
    bool is_verbose;                  /* [const after create] */
    bool has_header;                  /* is added, or there is none */
    bool is_changed;                  /* for a log, in what it says */
    struct haul_out *out;
    struct haul_order_queue *order; /* or NULL: rows go out as they come */
    struct haul_buf row;            /* the row being made; kept for its memory */
    enum haul_err err;              /* sticky */
};

static enum haul_err emit(void *context, const char *bytes, size_t len)
{
    struct haul_report *report = context;

    haul_out_add(report->out, bytes, len);
    return haul_out_error(report->out) ? HAUL_ERR_IO : HAUL_OK;
}

bool haul_report_is_in_input_order(enum haul_order order, enum haul_format format)
{
    if (order == HAUL_ORDER_AUTO)
        return format == HAUL_FORMAT_TEXT;
    return order == HAUL_ORDER_INPUT;
}

enum haul_err haul_report_create(struct haul_report **report,
                                 const struct haul_report_options *options)
{
    struct haul_report *made = calloc(1, sizeof *made);
    enum haul_err err = HAUL_OK;

    *report = NULL;
    if (!made)
        return HAUL_ERR_NOMEM;
    made->format = options->format;
    made->terminal = options->terminal;
    made->layout = options->layout;
    made->is_log = options->is_log;
    made->is_verbose = options->is_verbose;
    haul_buf_init(&made->row, row_max);
    made->out = haul_out_create(options->fd);
    if (!made->out)
        err = HAUL_ERR_NOMEM;
    if (!err && haul_report_is_in_input_order(options->order, options->format))
        err = haul_order_create(&made->order, options->memory_max, emit, made);
    if (err)
        haul_report_free(made);
    else
        *report = made;
    return err;
}

void haul_report_wait_until(struct haul_report *report, struct haul_patience *patience)
{
    haul_out_wait_until(report->out, patience);
}

void haul_report_free(struct haul_report *report)
{
    if (!report)
        return;
    haul_order_free(report->order);
    haul_out_free(report->out);
    haul_buf_done(&report->row);
    free(report);
}

/* What is in `row` goes to a log. Text is escaped for one as it is made, and may be several lines.
 * */
static void break_commands(struct haul_report *report)
{
    if (!report->is_log || report->format == HAUL_FORMAT_TEXT)
        return;
    if (report->format == HAUL_FORMAT_JSONL)
        haul_ci_break_text(&report->row, 0, "\\u0023");
    else
        report->is_changed |= haul_ci_break_row(&report->row, 0);
}

/* Before the first row, since the layout may grow until then. */
static enum haul_err add_header(struct haul_report *report)
{
    if (report->has_header)
        return HAUL_OK;
    report->has_header = true;
    haul_buf_clear(&report->row);
    haul_row_header(&report->row, report->format, report->layout);
    break_commands(report);
    return report->row.err ? report->row.err
                           : emit(report, haul_buf_str(&report->row), report->row.len);
}

static void render(struct haul_report *report, const struct haul_record *rec)
{
    haul_buf_clear(&report->row);
    switch (report->format) {
    case HAUL_FORMAT_TEXT:
        haul_row_text(&report->row, rec, &report->terminal);
        if (report->is_verbose)
            haul_row_attempts(&report->row, rec);
        break;
    case HAUL_FORMAT_CSV:
        haul_row_csv(&report->row, rec, report->layout);
        break;
    case HAUL_FORMAT_TSV:
        haul_row_tsv(&report->row, rec, report->layout);
        break;
    case HAUL_FORMAT_JSONL:
        haul_row_jsonl(&report->row, rec, report->layout);
        break;
    default:
        assert(false && "a format with rows");
    }
}

enum haul_err haul_report_add(struct haul_report *report, const struct haul_record *rec)
{
    if (!report->err)
        report->err = add_header(report);
    if (report->err)
        return report->err;
    render(report, rec);
    break_commands(report);
    if (report->row.err)
        report->err = report->row.err;
    else if (report->order)
        report->err = haul_order_add(report->order, rec->seq, report->row.data, report->row.len);
    else
        report->err = emit(report, report->row.data, report->row.len);
    return report->err;
}

enum haul_err haul_report_flush(struct haul_report *report)
{
    enum haul_err err = haul_out_flush(report->out);

    if (!report->err)
        report->err = err;
    return report->err;
}

enum haul_err haul_report_finish(struct haul_report *report, uint64_t *gaps)
{
    enum haul_err err = add_header(report);

    if (gaps)
        *gaps = 0;
    if (report->order && !err)
        err = haul_order_finish(report->order, gaps);
    if (!report->err)
        report->err = err;
    return haul_report_flush(report);
}

bool haul_report_is_changed(const struct haul_report *report)
{
    return report->is_changed;
}

int haul_report_errno(const struct haul_report *report)
{
    int error = haul_out_error(report->out);

    return error || !report->order ? error : haul_order_errno(report->order);
}
