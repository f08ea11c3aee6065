#include <string.h>

#include "base/ci.h"
#include "base/escape.h"
#include "base/units.h"
#include "report/entry_text.h"
#include "report/row.h"

enum {
    URL_WIDTH = 30,         /* of the ancestor's report; scripts may rely on it */
    URL_WIDTH_MAX = 72,     /* wider makes the eye lose the line */
    LENGTH_WIDTH = 10,      /* "12,345,678" */
    BESIDE_URL = 18,        /* " : ", the length, and room for one that is longer */
    COLUMNS_DEFAULT = 80,   /* of a terminal that does not say */
    MESSAGE_WIDTH = 100,    /* an error message is a hint, not a document */
    MESSAGE_WIDTH_MIN = 16, /* less of it says nothing */
};

static int columns_of(const struct haul_terminal *term)
{
    return term->columns > 0 ? term->columns : COLUMNS_DEFAULT;
}

static int url_width(const struct haul_terminal *term)
{
    int width;

    if (!term->is_terminal)
        return URL_WIDTH;
    width = columns_of(term) - BESIDE_URL;
    if (width > URL_WIDTH_MAX)
        width = URL_WIDTH_MAX;
    return width < URL_WIDTH ? URL_WIDTH : width;
}

/* Columns of a number with its separators. */
static size_t grouped_width(int64_t value)
{
    size_t digits = 1;

    for (; value >= 10; value /= 10)
        digits++;
    return digits + (digits - 1) / 3;
}

static void add_length(struct haul_buf *buf, int64_t length)
{
    size_t width = length < 0 ? 1 : grouped_width(length);

    if (width < LENGTH_WIDTH)
        haul_buf_pad(buf, ' ', LENGTH_WIDTH - width);
    if (length < 0)
        haul_buf_add_char(buf, '-');
    else
        haul_units_add_grouped(buf, length);
}

/* The message, if there is room and it says more than the reason's word: a status says it all. */
static void add_message(struct haul_buf *buf, const struct haul_record *rec,
                        const struct haul_terminal *term, size_t used)
{
    size_t room = MESSAGE_WIDTH, columns = (size_t)columns_of(term);

    if (!rec->errormsg || !*rec->errormsg || rec->reason == HAUL_REASON_HTTP_STATUS)
        return;
    if (term->is_terminal)
        room = columns > used + 3 ? columns - used - 3 : 0;
    if (room < MESSAGE_WIDTH_MIN)
        return;
    haul_buf_add_str(buf, " (");
    haul_escape_terminal(buf, rec->errormsg, strlen(rec->errormsg), term->utf8,
                         room < MESSAGE_WIDTH ? room : MESSAGE_WIDTH);
    haul_buf_add_char(buf, ')');
}

static void add_reason(struct haul_buf *buf, const struct haul_record *rec)
{
    char word[HAUL_REASON_WORD_MAX];

    if (rec->reason == HAUL_REASON_NONE)
        return;
    haul_buf_add_str(buf, ": ");
    haul_buf_add_str(buf, haul_reason_word(rec, word));
}

/* `used`: columns of this line so far. */
static void add_words(struct haul_buf *buf, const struct haul_record *rec,
                      const struct haul_terminal *term, size_t used)
{
    size_t start = buf->len;

    haul_buf_add_str(buf, haul_outcome_word(rec->outcome));
    if (rec->outcome == HAUL_OUTCOME_INVALID) {
        haul_buf_add_str(buf, rec->source ? ": line " : ": argument ");
        haul_buf_add_u64(buf, rec->line);
    }
    add_reason(buf, rec);
    add_message(buf, rec, term, used + (buf->len - start));
}

void haul_row_text(struct haul_buf *buf, const struct haul_record *rec,
                   const struct haul_terminal *term)
{
    size_t width = (size_t)url_width(term), start = buf->len;
    size_t used = haul_escape_terminal_middle(buf, rec->url, strlen(rec->url), term->utf8,
                                              term->is_terminal ? width : 0);

    used += haul_ci_break_line(buf, start);
    if (used < width) {
        haul_buf_pad(buf, ' ', width - used);
        used = width;
    }
    haul_buf_add_str(buf, " : ");
    if (rec->outcome == HAUL_OUTCOME_OK || rec->outcome == HAUL_OUTCOME_UNCHANGED)
        add_length(buf, rec->size_body);
    else
        add_words(buf, rec, term, used + 3);
    haul_buf_add_char(buf, '\n');
}

/* ---- attempts ---- */

static void add_attempt(struct haul_buf *buf, int number, int64_t at_us, const char *word)
{
    haul_buf_addf(buf, "    attempt %d, at %.3f s: %s\n", number, (double)at_us / 1e6, word);
}

static int count_attempts(const struct haul_record *rec)
{
    int count = 0;

    for (size_t i = 0; i < rec->tried_count; i++)
        count += !rec->tried[i].is_step;
    return count;
}

void haul_row_attempts(struct haul_buf *buf, const struct haul_record *rec)
{
    int left_out = rec->attempts - 1 - count_attempts(rec), number = 0;
    char word[HAUL_REASON_WORD_MAX];

    if (left_out + 1 == rec->attempts || left_out < 0)
        return;
    for (size_t i = 0; i < rec->tried_count; i++) {
        const struct haul_tried *tried = &rec->tried[i];
        const struct haul_record then = {.reason = tried->reason, .http_code = tried->http_code};

        if (i == HAUL_TRIED_HALF && left_out) {
            haul_buf_addf(buf, "    %d more attempts\n", left_out);
            number += left_out;
        }
        if (!tried->is_step)
            add_attempt(buf, ++number, tried->at_us, haul_reason_word(&then, word));
    }
    add_attempt(buf, rec->attempts, rec->time_elapsed_us - rec->time_total_us,
                rec->reason == HAUL_REASON_NONE ? haul_outcome_word(rec->outcome)
                                                : haul_reason_word(rec, word));
}

/* ---- --save-failed ---- */

static void add_escaped(struct haul_buf *buf, const char *text)
{
    haul_escape_terminal(buf, text, strlen(text), true, 0);
}

static void add_comment(struct haul_buf *buf, const struct haul_record *rec)
{
    haul_buf_add_str(buf, "# ");
    haul_buf_add_str(buf, haul_outcome_word(rec->outcome));
    add_reason(buf, rec);
    if (rec->source) {
        haul_buf_add_str(buf, ": ");
        add_escaped(buf, rec->source);
        haul_buf_add_char(buf, ':');
        haul_buf_add_u64(buf, rec->line);
    }
}

bool haul_row_is_saved(const struct haul_record *rec)
{
    return haul_outcome_is_failure(rec->outcome, rec->reason) ||
           rec->outcome == HAUL_OUTCOME_PENDING;
}

/* Journals of earlier versions do not tell; what they have hidden is no URL any more. */
bool haul_row_has_secret(const struct haul_record *rec)
{
    return rec->entry ? strcmp(rec->entry, "#") == 0 : strstr(rec->url, "***") != NULL;
}

static bool is_unsayable(const struct haul_record *rec)
{
    return haul_row_has_secret(rec) || (rec->entry && *rec->entry == '#');
}

bool haul_row_is_list_line(const struct haul_record *rec)
{
    return haul_entry_text_stands_alone(rec->url);
}

static bool has_lines(const struct haul_record *rec)
{
    return haul_row_is_saved(rec) && !is_unsayable(rec) &&
           ((rec->entry && *rec->entry) || haul_row_is_list_line(rec));
}

void haul_row_save_failed(struct haul_buf *buf, const struct haul_record *rec)
{
    if (!haul_row_is_saved(rec) && rec->outcome != HAUL_OUTCOME_INVALID)
        return;
    add_comment(buf, rec);
    if (!has_lines(rec)) {
        if (haul_row_is_saved(rec) && is_unsayable(rec))
            haul_buf_add_str(buf, haul_row_has_secret(rec)
                                      ? ": not written, for it holds a secret"
                                      : ": not written, for it is longer than a line may be");
        haul_buf_add_str(buf, ": ");
        add_escaped(buf, rec->url);
        haul_buf_add_char(buf, '\n');
    } else if (rec->entry && *rec->entry) {
        haul_buf_add_char(buf, '\n');
        haul_buf_add_str(buf, rec->entry);
    } else {
        haul_buf_addf(buf, "\n%s\n", rec->url);
    }
}
