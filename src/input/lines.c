#include "input/lines.h"

#include <assert.h>
#include <string.h>

#include "base/ascii.h"
#include "base/visible.h"
#include "input/text.h"

/*
 * One byte more than the longest line that may still be fine, whatever of byte order mark and CR
 * surrounds it: a line that fills this is too long, wherever the pieces were cut.
 */
enum { HELD_MORE = HAUL_TEXT_MARK_LEN + 2 };

void haul_feed_add(struct haul_feed *feed, const char *bytes, size_t len)
{
    assert(feed->at == feed->end && !feed->finished);
    if (!len)
        return;
    feed->at = bytes;
    feed->end = bytes + len;
}

void haul_feed_finish(struct haul_feed *feed)
{
    assert(feed->at == feed->end);
    feed->finished = true;
}

void haul_lines_init(struct haul_lines *lines)
{
    *lines = (struct haul_lines){0};
    haul_lines_limit(lines, HAUL_LINE_MAX);
}

void haul_lines_limit(struct haul_lines *lines, size_t max)
{
    lines->max = max;
    haul_buf_init(&lines->held, max + HELD_MORE);
}

void haul_lines_done(struct haul_lines *lines)
{
    haul_buf_done(&lines->held);
}

/* Keeps what may still matter of a line that runs on; the rest of an endless one is forgotten. */
static enum haul_err hold(struct haul_lines *lines, size_t len)
{
    size_t room = lines->max + HELD_MORE - lines->held.len;

    if (len)
        haul_buf_add(&lines->held, lines->feed.at, len < room ? len : room);
    lines->spans = lines->spans || len;
    return lines->held.err;
}

/* The next raw line, from its first byte to before its newline. */
static enum haul_err take_line(struct haul_lines *lines, struct haul_span *line)
{
    struct haul_feed *feed = &lines->feed;
    size_t left = (size_t)(feed->end - feed->at);
    const char *newline = left ? memchr(feed->at, '\n', left) : NULL;
    size_t len = newline ? (size_t)(newline - feed->at) : left;

    if (lines->spent) {
        haul_buf_clear(&lines->held);
        lines->spent = lines->spans = false;
    }
    if (newline && !lines->spans) {
        *line = (struct haul_span){feed->at, len};
        feed->at = newline + 1;
        return HAUL_OK;
    }
    if (hold(lines, len))
        return lines->held.err;
    feed->at = newline ? newline + 1 : feed->end;
    lines->spent = newline || (feed->finished && lines->spans);
    *line = (struct haul_span){haul_buf_str(&lines->held), lines->held.len};
    return lines->spent ? HAUL_OK : HAUL_ERR_END;
}

enum haul_err haul_lines_take(struct haul_lines *lines, struct haul_span *line)
{
    enum haul_err err = take_line(lines, line);

    if (!err && !lines->feed.line++)
        *line = haul_text_skip_mark(*line);
    return err;
}

enum haul_err haul_lines_next(struct haul_lines *lines, struct haul_list_entry *out)
{
    struct haul_span line;

    do {
        enum haul_err err = haul_lines_take(lines, &line);

        if (err)
            return err;
    } while (!haul_lines_classify(line.at, line.len, out));
    out->line = lines->feed.line;
    return HAUL_OK;
}

static void trim(struct haul_list_entry *entry)
{
    while (entry->len && haul_ascii_is_blank(*entry->text)) {
        entry->text++;
        entry->len--;
    }
    while (entry->len && (haul_ascii_is_blank(entry->text[entry->len - 1]) ||
                          entry->text[entry->len - 1] == '\r'))
        entry->len--;
}

static void trim_unseen(struct haul_list_entry *entry)
{
    struct haul_span text;

    entry->whole = (struct haul_span){entry->text, entry->len};
    text = haul_visible_trim(entry->whole, &entry->trimmed);
    entry->text = text.at;
    entry->len = text.len;
}

/* Looks at the first HAUL_LINE_MAX bytes only: more of the line may not have been held. */
static void shorten(struct haul_list_entry *entry)
{
    entry->reason = HAUL_REASON_LINE_TOO_LONG;
    entry->len = HAUL_LINE_MAX;
    trim(entry);
    if (entry->len > HAUL_LINE_EXCERPT_MAX)
        entry->len = HAUL_LINE_EXCERPT_MAX;
    entry->whole = (struct haul_span){entry->text, entry->len};
}

bool haul_lines_classify(const char *line, size_t len, struct haul_list_entry *out)
{
    *out = (struct haul_list_entry){
        .text = line, .len = len, .is_indented = len && haul_ascii_is_blank(*line)};
    if (len && line[len - 1] == '\r')
        out->len--;
    if (out->len > HAUL_LINE_MAX) {
        shorten(out);
        return !out->len || *out->text != '#';
    }
    trim(out);
    trim_unseen(out);
    if (!out->len)
        return false;
    if (haul_text_has_control((struct haul_span){out->text, out->len}))
        out->reason = HAUL_REASON_CONTROL_CHARACTER;
    return *out->text != '#';
}
