#include "base/out.h"

#include <stdlib.h>
#include <string.h>

struct haul_out {
    int fd;                          /* [const after create] the caller's */
    struct haul_patience *patience;  /* or NULL */
    bool is_log;                     /* haul_out_set_log */
    int error;                       /* errno of the first failure, 0: none */
    size_t len;                      /* bytes in data */
    char data[HAUL_OUT_BUFFER_SIZE]; /* added, not written yet */
};

struct haul_out *haul_out_create(int fd)
{
    struct haul_out *out = malloc(sizeof *out);

    if (!out)
        return NULL;
    out->fd = fd;
    out->patience = NULL;
    out->is_log = false;
    out->error = 0;
    out->len = 0;
    return out;
}

void haul_out_free(struct haul_out *out)
{
    free(out);
}

void haul_out_wait_until(struct haul_out *out, struct haul_patience *patience)
{
    out->patience = patience;
}

void haul_out_set_log(struct haul_out *out, bool is_log)
{
    out->is_log = is_log;
}

bool haul_out_is_log(const struct haul_out *out)
{
    return out->is_log;
}

static void write_all(struct haul_out *out, const char *bytes, size_t len)
{
    if (!out->error)
        out->error = haul_io_write_until(out->fd, bytes, len, out->patience);
}

static void write_buffered(struct haul_out *out)
{
    write_all(out, out->data, out->len);
    out->len = 0;
}

void haul_out_add(struct haul_out *out, const void *bytes, size_t len)
{
    if (out->error || !len)
        return;
    if (len > sizeof out->data - out->len)
        write_buffered(out);
    if (len >= sizeof out->data) {
        write_all(out, bytes, len);
        return;
    }
    memcpy(out->data + out->len, bytes, len);
    out->len += len;
}

enum haul_err haul_out_flush(struct haul_out *out)
{
    write_buffered(out);
    return out->error ? HAUL_ERR_IO : HAUL_OK;
}

void haul_out_fail(struct haul_out *out, int error)
{
    if (!out->error)
        out->error = error;
}

int haul_out_error(const struct haul_out *out)
{
    return out->error;
}
