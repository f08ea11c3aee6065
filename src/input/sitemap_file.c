#include "input/sitemap_file.h"

#include <stdlib.h>

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
