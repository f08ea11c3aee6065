#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/sitemap.h"

/*
 * The entries of a sitemap do not depend on the pieces in which it arrives, and each keeps the
 * promises of its reason. The first byte chooses the pieces, the rest is the sitemap.
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

static void read_in_pieces(const char *bytes, size_t len, size_t piece, struct haul_buf *to)
{
    struct haul_sitemap *sitemap;
    enum haul_err err = haul_sitemap_create(&sitemap);

    require(!err);
    err = HAUL_ERR_END;
    while (len && err == HAUL_ERR_END) {
        size_t part = len < piece ? len : piece;
        char *copy = malloc(part); /* so that a read beyond it is seen */

        require(copy != NULL);
        memcpy(copy, bytes, part);
        haul_sitemap_feed(sitemap, copy, part);
        err = write_down(sitemap, to);
        free(copy);
        bytes += part;
        len -= part;
    }
    if (err == HAUL_ERR_END) {
        haul_sitemap_finish(sitemap);
        err = write_down(sitemap, to);
    }
    require(err == HAUL_ERR_END || err == HAUL_ERR_SYNTAX);
    require((err == HAUL_ERR_SYNTAX) == (haul_sitemap_message(sitemap)[0] != '\0'));
    haul_buf_addf(to, "end %d", (int)err);
    haul_sitemap_free(sitemap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf whole, pieces;
    size_t piece;

    if (!size)
        return 0;
    piece = (size_t)data[0] + 1;
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    read_in_pieces((const char *)data + 1, size - 1, size, &whole);
    read_in_pieces((const char *)data + 1, size - 1, piece, &pieces);
    require(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
