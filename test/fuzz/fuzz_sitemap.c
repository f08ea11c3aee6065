#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/sitemap.h"

/*
 * The entries of a sitemap do not depend on the pieces in which it arrives, and each keeps the
 * promises of its reason. What the strict reader accepts the tolerant one reads equally, from its
 * beginning or from any event on. The first byte chooses the pieces, the second the event, the rest
 * is the sitemap.
 */

/* How a sitemap is read, and what came of it. */
struct reading {
    size_t piece;
    bool is_tolerant;
    uint64_t strict_events;
    struct haul_buf entries; /* written down, and how it ended */
    enum haul_err err;
    bool is_clean; /* it was read to its end, and by the strict reader */
};

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

static void check_entry(const struct haul_list_entry *entry)
{
    require(!entry->source && !entry->options && entry->line > 0);
    require(entry->len <= HAUL_LINE_MAX);
    if (entry->reason == HAUL_REASON_LINE_TOO_LONG)
        require(entry->len <= HAUL_LINE_EXCERPT_MAX);
    else
        require((entry->reason == HAUL_REASON_CONTROL_CHARACTER) == has_control(entry));
    if (entry->reason == HAUL_REASON_NONE)
        require(memchr(entry->text, ':', entry->len) != NULL);
}

static enum haul_err write_down(struct haul_sitemap *sitemap, struct haul_buf *to)
{
    struct haul_sitemap_entry found;
    enum haul_err err;

    while ((err = haul_sitemap_next(sitemap, &found)) == HAUL_OK) {
        check_entry(&found.entry);
        haul_buf_addf(to, "%d %llu %d %s ", found.is_sitemap, (unsigned long long)found.entry.line,
                      (int)found.entry.reason, found.lastmod ? found.lastmod : "-");
        haul_buf_add(to, found.entry.text, found.entry.len);
    }
    return err;
}

static void conclude(struct haul_sitemap *sitemap, struct reading *to)
{
    struct haul_sitemap_summary summary;

    haul_sitemap_sum_up(sitemap, &summary);
    require(to->err == HAUL_ERR_END || to->err == HAUL_ERR_SYNTAX);
    require((to->err == HAUL_ERR_SYNTAX) == (haul_sitemap_message(sitemap)[0] != '\0'));
    require(summary.saved <= summary.entries && (summary.slips != 0) == (*summary.slip != '\0'));
    to->is_clean = to->err == HAUL_ERR_END && !summary.is_tolerant;
    haul_buf_addf(&to->entries, "end %d, %llu passed over", (int)to->err,
                  (unsigned long long)summary.passed_over);
    if (!to->is_tolerant)
        haul_buf_addf(&to->entries, ", %llu slips, %llu: %s", (unsigned long long)summary.slips,
                      (unsigned long long)summary.slip_line, summary.slip);
}

static void read_in_pieces(const char *bytes, size_t len, struct reading *to)
{
    struct haul_sitemap *sitemap;

    haul_buf_init(&to->entries, 0);
    require(haul_sitemap_create(&sitemap) == HAUL_OK);
    if (to->is_tolerant)
        haul_sitemap_read_tolerantly(sitemap, to->strict_events);
    to->err = HAUL_ERR_END;
    while (len && to->err == HAUL_ERR_END) {
        size_t part = len < to->piece ? len : to->piece;
        char *copy = malloc(part); /* so that a read beyond it is seen */

        require(copy != NULL);
        memcpy(copy, bytes, part);
        haul_sitemap_feed(sitemap, copy, part);
        to->err = write_down(sitemap, &to->entries);
        free(copy);
        bytes += part;
        len -= part;
    }
    if (to->err == HAUL_ERR_END) {
        haul_sitemap_finish(sitemap);
        to->err = write_down(sitemap, &to->entries);
    }
    conclude(sitemap, to);
    haul_sitemap_free(sitemap);
}

static bool are_equal(const struct haul_buf *one, const struct haul_buf *other)
{
    return one->len == other->len && memcmp(one->data, other->data, one->len) == 0;
}

/* Up to what only the strict reader counts. */
static void check_tolerant(const char *bytes, size_t len, size_t piece, uint64_t strict_events,
                           const struct haul_buf *wanted)
{
    struct reading tolerant = {.piece = piece, .is_tolerant = true, .strict_events = strict_events};

    read_in_pieces(bytes, len, &tolerant);
    require(tolerant.entries.len <= wanted->len &&
            memcmp(tolerant.entries.data, wanted->data, tolerant.entries.len) == 0);
    haul_buf_done(&tolerant.entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole = {.piece = size}, pieces = {.piece = 1};
    const char *bytes = (const char *)data + 2;

    if (size < 2)
        return 0;
    size -= 2;
    pieces.piece += data[0];
    read_in_pieces(bytes, size, &whole);
    read_in_pieces(bytes, size, &pieces);
    require(are_equal(&whole.entries, &pieces.entries));
    if (whole.is_clean) {
        check_tolerant(bytes, size, pieces.piece, 0, &whole.entries);
        check_tolerant(bytes, size, pieces.piece, data[1] + 1U, &whole.entries);
    }
    haul_buf_done(&whole.entries);
    haul_buf_done(&pieces.entries);
    return 0;
}
