#include "input/sitemap_file.h"

#include <stdlib.h>

#include "base/span.h"
#include "input/text.h"

enum haul_err haul_sitemap_file_create(const char *name, uint64_t key, int64_t size_max,
                                       struct haul_sitemap_file **out)
{
    struct haul_sitemap_file *file = malloc(sizeof *file);

    *out = NULL;
    if (!file)
        return HAUL_ERR_NOMEM;
    file->name = name;
    file->key = key;
    file->size = 0;
    file->size_max = size_max;
    file->has_given = false;
    file->sent = NULL;
    haul_buf_init(&file->url, 0);
    haul_buf_init(&file->link, 0);
    haul_reader_init(&file->reader);
    if (haul_sitemap_create(&file->sitemap)) {
        free(file);
        return HAUL_ERR_NOMEM;
    }
    *out = file;
    return HAUL_OK;
}

void haul_sitemap_file_free(struct haul_sitemap_file *file)
{
    if (!file)
        return;
    haul_reader_close(&file->reader);
    haul_sitemap_free(file->sitemap);
    haul_buf_done(&file->url);
    haul_buf_done(&file->link);
    free(file);
}

/* Gives the parser more to read. END: it was told that there is no more. */
static enum haul_err read_more(struct haul_sitemap_file *file, struct haul_buf *cause)
{
    const char *bytes;
    size_t len;
    enum haul_err err = haul_reader_next(&file->reader, -1, &bytes, &len);

    if (err == HAUL_ERR_IO)
        haul_reader_add_fault(&file->reader, cause);
    else if (err == HAUL_ERR_END)
        haul_sitemap_finish(file->sitemap);
    if (err)
        return err;
    file->size += (int64_t)len;
    if (file->size_max && file->size > file->size_max) {
        haul_buf_addf(cause, "larger than %lld bytes (--sitemap-max-size)",
                      (long long)file->size_max);
        return HAUL_ERR_IO;
    }
    haul_sitemap_feed(file->sitemap, bytes, len);
    return HAUL_OK;
}

enum haul_err haul_sitemap_file_next(struct haul_sitemap_file *file, struct haul_sitemap_entry *out,
                                     struct haul_buf *cause)
{
    enum haul_err err = haul_sitemap_next(file->sitemap, out);
    bool finished = false;

    while (err == HAUL_ERR_END && !finished) {
        err = read_more(file, cause);
        finished = err == HAUL_ERR_END;
        if (err && !finished)
            return err;
        err = haul_sitemap_next(file->sitemap, out);
    }
    out->entry.source = file->name;
    file->has_given = file->has_given || !err;
    if (err != HAUL_ERR_SYNTAX)
        return err;
    haul_buf_add_str(cause, haul_sitemap_message(file->sitemap));
    return HAUL_ERR_IO;
}

/* What links are relative to. BAD_URL: that is not known. */
static enum haul_reason find_base(const struct haul_sitemap_file *file,
                                  struct haul_url_parser *urls, const char *said,
                                  struct haul_url *out)
{
    const struct haul_span base = haul_span_of(said);

    if (file->url.len && base.len)
        return haul_url_join(urls, haul_buf_str(&file->url), base.at, base.len, out);
    if (file->url.len)
        return haul_url_parse(urls, haul_buf_str(&file->url), file->url.len, out);
    return base.len && haul_text_scheme_length(base) ? haul_url_parse(urls, base.at, base.len, out)
                                                     : HAUL_REASON_BAD_URL;
}

void haul_sitemap_file_resolve(struct haul_sitemap_file *file, struct haul_url_parser *urls,
                               struct haul_sitemap_entry *found)
{
    struct haul_list_entry *entry = &found->entry;
    enum haul_reason reason;
    struct haul_url url;

    if (!found->is_link || entry->reason != HAUL_REASON_BAD_URL || !entry->len)
        return;
    reason = find_base(file, urls, found->base, &url);
    if (!reason)
        reason = haul_url_join(urls, url.url, entry->text, entry->len, &url);
    if (!reason) {
        haul_buf_clear(&file->link);
        haul_buf_add(&file->link, url.url, url.url_len);
        reason = file->link.err ? HAUL_REASON_NO_MEMORY : reason;
    }
    if (reason == HAUL_REASON_NO_MEMORY)
        entry->reason = reason;
    if (reason)
        return;
    entry->reason = HAUL_REASON_NONE;
    entry->text = haul_buf_str(&file->link);
    entry->len = file->link.len;
}
