#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/lines.h"

/*
 * The entries of a list do not depend on the pieces in which it arrives, and each keeps the
 * promises of its reason. The first byte chooses the pieces, the rest is the list.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool has_control(const struct haul_list_entry *entry)
{
    for (size_t i = 0; i < entry->len; i++)
        if ((unsigned char)entry->text[i] < 0x20 || entry->text[i] == 0x7f)
            return true;
    return false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void check_entry(const struct haul_list_entry *entry, uint64_t line_before)
{
    require(entry->source == NULL && entry->line > line_before);
    require(entry->len == 0 || (*entry->text != '#' && !is_blank(*entry->text)));
    require(entry->len == 0 || !memchr(entry->text, '\n', entry->len));
    if (entry->reason == HAUL_REASON_LINE_TOO_LONG) {
        require(entry->len <= HAUL_LINE_EXCERPT_MAX);
        return;
    }
    require(entry->len > 0 && entry->len <= HAUL_LINE_MAX);
    require(!is_blank(entry->text[entry->len - 1]));
    require(entry->reason ==
            (has_control(entry) ? HAUL_REASON_CONTROL_CHARACTER : HAUL_REASON_NONE));
}

static void write_down(struct haul_lines *lines, struct haul_buf *to)
{
    struct haul_list_entry entry;
    uint64_t line = 0;
    enum haul_err err;

    while ((err = haul_lines_next(lines, &entry)) == HAUL_OK) {
        check_entry(&entry, line);
        line = entry.line;
        haul_buf_addf(to, "%llu %d %zu ", (unsigned long long)entry.line, (int)entry.reason,
                      entry.len);
        haul_buf_add(to, entry.text, entry.len);
    }
    require(err == HAUL_ERR_END);
}

static void split(const char *text, size_t len, size_t piece, struct haul_buf *to)
{
    struct haul_lines lines;

    haul_lines_init(&lines);
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&lines.feed, text + at, len - at < piece ? len - at : piece);
        write_down(&lines, to);
        require(lines.held.len <= HAUL_LINE_MAX + 8);
    }
    haul_feed_finish(&lines.feed);
    write_down(&lines, to);
    haul_lines_done(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf whole, pieces;

    if (size < 1)
        return 0;
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    split((const char *)data + 1, size - 1, SIZE_MAX / 2, &whole);
    split((const char *)data + 1, size - 1, (size_t)data[0] + 1, &pieces);
    require(whole.len == pieces.len);
    require(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
