#include "engine/console.h"

#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/saturate.h"

enum {
    INVALID_SHOWN_MAX = 10, /* invalid lines that get a message of their own */
    HELD_LINES_MAX = 20,    /* messages of a run with --quiet-unless that are said */
    URL_WIDTH_MAX = 200,    /* columns */
    CAUSE_WIDTH_MAX = 500
};

void haul_console_init(struct haul_console *c, const struct haul_config *config,
                       const struct haul_terminal *term, struct haul_patience *patience)
{
    *c = (struct haul_console){
        .config = config, .term = *term, .patience = patience, .begun_us = haul_clock_us()};
    c->is_holding = config->quiet_unless != 0;
    haul_buf_init(&c->line, 0);
    haul_buf_init(&c->held, 0);
}

void haul_console_done(struct haul_console *c)
{
    haul_buf_done(&c->line);
    haul_buf_done(&c->held);
}

/* ---- lines ---- */

static void write_out(struct haul_console *c, const char *bytes, size_t len)
{
    if (!c->is_unheard)
        c->is_unheard = !haul_message_write_until(bytes, len, c->patience);
}

/* A line, or a progress line. */
static void print(struct haul_console *c, const char *bytes, size_t len)
{
    if (!c->is_holding)
        write_out(c, bytes, len);
    else if (c->held_lines++ < HELD_LINES_MAX)
        haul_buf_add(&c->held, bytes, len);
}

void haul_console_erase_progress(struct haul_console *c)
{
    if (c->shows_progress)
        print(c, HAUL_PROGRESS_ERASE, sizeof HAUL_PROGRESS_ERASE - 1);
    c->shows_progress = false;
}

static void begin_line(struct haul_console *c)
{
    haul_buf_clear(&c->line);
    haul_buf_add_str(&c->line, "haul: ");
}

static void print_line(struct haul_console *c)
{
    size_t len;
    const char *bytes = haul_message_bytes(&c->line, &len);

    haul_console_erase_progress(c);
    print(c, bytes, len);
}

static void end_line(struct haul_console *c)
{
    haul_buf_add_char(&c->line, '\n');
    print_line(c);
}

static void add_escaped(struct haul_console *c, const char *text)
{
    haul_escape_terminal(&c->line, text, strlen(text), c->term.utf8, URL_WIDTH_MAX);
}

static void say(struct haul_console *c, const char *text, size_t len)
{
    haul_buf_clear(&c->line);
    haul_message_add(&c->line, &c->term, text, len);
    print_line(c);
}

void haul_console_say(struct haul_console *c, const char *text)
{
    say(c, text, strlen(text));
}

void haul_console_say_always(struct haul_console *c, const char *text)
{
    if (!c->is_holding || c->always_lines == HELD_LINES_MAX) {
        haul_console_say(c, text);
        return;
    }
    haul_message_add(&c->held, &c->term, text, strlen(text));
    c->always_lines++;
}

void haul_console_say_lines(struct haul_console *c, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        say(c, text, len);
        text += len + (text[len] == '\n');
    }
}

void haul_console_say_of(struct haul_console *c, const char *name, const char *text,
                         const char *cause, const char *end)
{
    begin_line(c);
    add_escaped(c, name);
    haul_buf_addf(&c->line, ": %s", text);
    haul_escape_terminal(&c->line, cause, strlen(cause), c->term.utf8, CAUSE_WIDTH_MAX);
    haul_buf_add_str(&c->line, end);
    end_line(c);
}

void haul_console_say_held(struct haul_console *c)
{
    uint64_t more = c->held_lines > HELD_LINES_MAX ? c->held_lines - HELD_LINES_MAX : 0;
    size_t len;

    write_out(c, haul_buf_str(&c->held), c->held.len);
    if (c->held.err) {
        const char *lost = haul_message_bytes(&c->held, &len);

        write_out(c, lost, len);
    }
    if (!more)
        return;
    begin_line(c);
    haul_buf_addf(&c->line, "%llu more messages", (unsigned long long)more);
    end_line(c);
}

/* ---- records ---- */

/* haul: urls.txt:12: the scheme is neither http nor https: 'ftp://x' (skipped) */
void haul_console_say_invalid(struct haul_console *c, const struct haul_record *rec)
{
    if (c->config->quiet || c->invalid_shown++ >= INVALID_SHOWN_MAX)
        return;
    begin_line(c);
    if (rec->source) {
        add_escaped(c, strcmp(rec->source, "-") == 0 ? "standard input" : rec->source);
        haul_buf_addf(&c->line, ":%llu: ", (unsigned long long)rec->line);
    }
    add_escaped(c, rec->errormsg ? rec->errormsg : haul_reason_text(rec->reason));
    haul_buf_add_str(&c->line, ": '");
    add_escaped(c, rec->url);
    haul_buf_add_str(&c->line, "' (skipped)");
    end_line(c);
}

void haul_console_say_invalid_rest(struct haul_console *c)
{
    if (c->invalid_shown <= INVALID_SHOWN_MAX)
        return;
    begin_line(c);
    haul_buf_addf(&c->line, "%llu more lines are no URLs: the report names each",
                  (unsigned long long)(c->invalid_shown - INVALID_SHOWN_MAX));
    end_line(c);
}

/* haul: worker 3: GET http://x/ 200, 1256 bytes, 0.012 s, 127.0.0.1:80 */
void haul_console_say_disallowed(struct haul_console *console, const struct haul_ledger *ledger)
{
    if (haul_ledger_is_disallowed(ledger))
        haul_console_say_always(console, "robots.txt allows none of the URLs, so nothing was "
                                         "measured (--robots obey)");
}

void haul_console_say_record(struct haul_console *c, const struct haul_record *rec)
{
    char text[HAUL_REASON_WORD_MAX];
    const char *word = haul_reason_word(rec, text);

    begin_line(c);
    haul_buf_addf(&c->line, "worker %d: %s ", rec->worker, rec->method ? rec->method : "-");
    add_escaped(c, rec->url);
    haul_buf_addf(&c->line, " %s %s%s%d, %lld bytes, %.3f s", haul_outcome_word(rec->outcome), word,
                  *word ? " " : "", rec->http_code, (long long)rec->size_body,
                  (double)rec->time_total_us / 1e6);
    if (rec->remote_ip) {
        haul_buf_add_str(&c->line, ", ");
        add_escaped(c, rec->remote_ip);
        haul_buf_addf(&c->line, ":%d", rec->remote_port);
    }
    end_line(c);
}

/* ---- the progress line ---- */

void haul_console_draw_progress(struct haul_console *c, const struct haul_ledger *ledger,
                                const struct haul_status *status)
{
    const struct haul_terminal *term = &c->term;
    struct haul_progress_view view = {
        .done = ledger->rows,
        .total = ledger->lines,
        .failed = ledger->count[HAUL_OUTCOME_FAILED] + ledger->given_up +
                  ledger->count[HAUL_OUTCOME_INVALID],
        .in_flight = status->running,
        .parked = status->parked,
        .window_full = status->is_starved,
        .left_us = status->left_us,
        .bytes = (uint64_t)haul_saturate_add(ledger->wire_bytes, ledger->failed_bytes),
        .elapsed_us = haul_clock_us() - c->begun_us,
        .oldest_url = *status->url ? status->url : NULL,
        .oldest_us = status->oldest_us};

    haul_progress_update(&c->meter, &view);
    haul_buf_clear(&c->line);
    if (c->config->progress == HAUL_PROGRESS_PLAIN) {
        haul_progress_render_plain(&c->line, &c->meter, &view, term->utf8);
    } else {
        haul_buf_add_str(&c->line, HAUL_PROGRESS_ERASE);
        haul_progress_render(&c->line, &c->meter, &view, term->columns, term->utf8);
        c->shows_progress = true;
    }
    print(c, haul_buf_str(&c->line), c->line.len);
}
