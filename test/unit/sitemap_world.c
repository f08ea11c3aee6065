#include "sitemap_world.h"

#include <string.h>

struct haul_buf got;
enum haul_err ending;
char cause[200];
uint64_t cause_line;
char told[400];
struct haul_buf made;

void begin_sitemap(void)
{
    haul_buf_init(&got, 0);
}

void end_sitemap(void)
{
    haul_buf_done(&got);
}

static const char *reason_word(enum haul_reason reason)
{
    static char word[HAUL_REASON_WORD_MAX];
    const struct haul_record rec = {.reason = reason};

    return haul_reason_word(&rec, word);
}

static enum haul_err take_all(struct haul_sitemap *sitemap)
{
    struct haul_sitemap_entry found;
    enum haul_err err;

    while ((err = haul_sitemap_next(sitemap, &found)) == HAUL_OK) {
        haul_buf_addf(&got, "%s%llu %.*s", found.is_sitemap ? "> " : "",
                      (unsigned long long)found.entry.line,
                      found.entry.len > 100 ? 3 : (int)found.entry.len, found.entry.text);
        if (found.entry.reason)
            haul_buf_addf(&got, " [%s]", reason_word(found.entry.reason));
        if (found.lastmod)
            haul_buf_addf(&got, " @%s", found.lastmod);
        haul_buf_add_char(&got, '\n');
    }
    return err;
}

void read_pieces(const char *bytes, size_t len, size_t piece)
{
    struct haul_sitemap *sitemap;
    struct haul_buf slips;

    haul_buf_clear(&got);
    ck_assert_int_eq(haul_sitemap_create(&sitemap), HAUL_OK);
    ending = HAUL_ERR_END;
    for (size_t at = 0; at < len && ending == HAUL_ERR_END; at += piece) {
        haul_sitemap_feed(sitemap, bytes + at, len - at < piece ? len - at : piece);
        ending = take_all(sitemap);
    }
    if (ending == HAUL_ERR_END) {
        haul_sitemap_finish(sitemap);
        ending = take_all(sitemap);
    }
    memset(cause, 0, sizeof cause);
    memset(told, 0, sizeof told);
    strncpy(cause, haul_sitemap_message(sitemap), sizeof cause - 1);
    cause_line = haul_sitemap_line(sitemap);
    haul_buf_init(&slips, 0);
    haul_sitemap_add_slips(sitemap, &slips);
    strncpy(told, haul_buf_str(&slips), sizeof told - 1);
    haul_buf_done(&slips);
    haul_sitemap_free(sitemap);
}

void make(const char *text, size_t times)
{
    while (times--)
        haul_buf_add_str(&made, text);
}

void read_made(size_t piece)
{
    read_pieces(haul_buf_str(&made), made.len, piece);
    haul_buf_done(&made);
}
