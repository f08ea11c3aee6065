#include "input/lines.h"

#include <assert.h>
#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";
enum {
    BYTE_ORDER_MARK_LEN = 3,
    /* One byte more than the longest line that may still be fine, whatever of byte order mark and
     * CR surrounds it: a line that fills this is too long, wherever the pieces were cut. */
    HELD_MAX = BYTE_ORDER_MARK_LEN + HAUL_LINE_MAX + 2
};

void haul_lines_init(struct haul_lines *lines)
{
    *lines = (struct haul_lines){0};
    haul_buf_init(&lines->held, HELD_MAX);
}

void haul_lines_done(struct haul_lines *lines)
{
    haul_buf_done(&lines->held);
}

void haul_lines_feed(struct haul_lines *lines, const char *bytes, size_t len)
{
    assert(lines->at == lines->end && !lines->finished);
    if (!len)
        return;
    lines->at = bytes;
    lines->end = bytes + len;
}

void haul_lines_finish(struct haul_lines *lines)
{
    assert(lines->at == lines->end);
    lines->finished = true;
}

/* Keeps what may still matter of a line that runs on; the rest of an endless one is forgotten. */
static enum haul_err hold(struct haul_lines *lines, size_t len)
{
    size_t room = HELD_MAX - lines->held.len;

    haul_buf_add(&lines->held, lines->at, len < room ? len : room);
    return lines->held.err;
}

static enum haul_err take_held(struct haul_lines *lines, const char **line, size_t *len)
{
    *line = haul_buf_str(&lines->held);
    *len = lines->held.len;
    lines->spans = false;
    lines->spent = true;
    return HAUL_OK;
}

static enum haul_err hold_rest(struct haul_lines *lines)
{
    size_t len = (size_t)(lines->end - lines->at);
    enum haul_err err = len ? hold(lines, len) : HAUL_OK;

    if (err)
        return err;
    lines->spans = lines->spans || len;
    lines->at = lines->end;
    return HAUL_ERR_END;
}

/* The next raw line, from its first byte to before its newline. */
static enum haul_err take_line(struct haul_lines *lines, const char **line, size_t *len)
{
    size_t left = (size_t)(lines->end - lines->at);
    const char *newline = left ? memchr(lines->at, '\n', left) : NULL;
    enum haul_err err = HAUL_OK;

    if (lines->spent) {
        haul_buf_clear(&lines->held);
        lines->spent = false;
    }
    if (!newline)
        return lines->finished && lines->spans ? take_held(lines, line, len) : hold_rest(lines);
    *len = (size_t)(newline - lines->at);
    if (lines->spans) {
        err = hold(lines, *len);
        if (!err)
            err = take_held(lines, line, len);
    } else {
        *line = lines->at;
    }
    lines->at = newline + 1;
    return err;
}

static void skip_byte_order_mark(const char **line, size_t *len)
{
    if (*len < BYTE_ORDER_MARK_LEN || memcmp(*line, byte_order_mark, BYTE_ORDER_MARK_LEN) != 0)
        return;
    *line += BYTE_ORDER_MARK_LEN;
    *len -= BYTE_ORDER_MARK_LEN;
}

enum haul_err haul_lines_next(struct haul_lines *lines, struct haul_list_entry *out)
{
    const char *line = NULL;
    size_t len = 0;

    do {
        enum haul_err err = take_line(lines, &line, &len);

        if (err)
            return err;
        if (!lines->line++)
            skip_byte_order_mark(&line, &len);
    } while (!haul_lines_classify(line, len, out));
    out->source = NULL;
    out->line = lines->line;
    return HAUL_OK;
}

static const uint64_t each_byte = 0x0101010101010101U;
static const uint64_t high_bits = 0x8080808080808080U;

/* Eight bytes at a time (Bit Twiddling Hacks, "byte less than n"): this runs over every list byte.
 */
static bool has_control(const char *text, size_t len)
{
    uint64_t found = 0;
    size_t i = 0;

    for (; i + sizeof found <= len; i += sizeof found) {
        uint64_t word, del;

        memcpy(&word, text + i, sizeof word);
        del = word ^ each_byte * 0x7f;
        found |= (word - each_byte * 0x20) & ~word;
        found |= (del - each_byte) & ~del;
    }
    if (found & high_bits)
        return true;
    for (; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return true;
    return false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void trim(struct haul_list_entry *entry)
{
    while (entry->len && is_blank(*entry->text)) {
        entry->text++;
        entry->len--;
    }
    while (entry->len &&
           (is_blank(entry->text[entry->len - 1]) || entry->text[entry->len - 1] == '\r'))
        entry->len--;
}

/* Looks at the first HAUL_LINE_MAX bytes only: more of the line may not have been held. */
static void shorten(struct haul_list_entry *entry)
{
    entry->reason = HAUL_REASON_LINE_TOO_LONG;
    entry->len = HAUL_LINE_MAX;
    trim(entry);
    if (entry->len > HAUL_LINE_EXCERPT_MAX)
        entry->len = HAUL_LINE_EXCERPT_MAX;
}

bool haul_lines_classify(const char *line, size_t len, struct haul_list_entry *out)
{
    *out =
        (struct haul_list_entry){.text = line, .len = len, .is_indented = len && is_blank(*line)};
    if (len && line[len - 1] == '\r')
        out->len--;
    if (out->len > HAUL_LINE_MAX) {
        shorten(out);
        return !out->len || *out->text != '#';
    }
    trim(out);
    if (!out->len)
        return false;
    if (has_control(out->text, out->len))
        out->reason = HAUL_REASON_CONTROL_CHARACTER;
    return *out->text != '#';
}
