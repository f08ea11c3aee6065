#include "input/robots_file.h"

#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 65536 };

void haul_robots_file_init(struct haul_robots_file *file)
{
    *file = (struct haul_robots_file){.rest = {0}};
    haul_buf_init(&file->bytes, 2 * HAUL_ROBOTS_MAX);
}

void haul_robots_file_done(struct haul_robots_file *file)
{
    haul_buf_done(&file->bytes);
}

enum haul_err haul_robots_file_read(struct haul_robots_file *file, int fd, bool was_cut)
{
    struct haul_buf *bytes = &file->bytes;
    ssize_t len = 1;
    char *to;

    haul_buf_clear(bytes);
    while (len > 0 && (to = haul_buf_reserve(bytes, READ_SIZE))) {
        len = read(fd, to, READ_SIZE);
        if (len > 0)
            haul_buf_grew(bytes, (size_t)len);
    }
    if (bytes->err || len < 0)
        return bytes->err == HAUL_ERR_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
    while (was_cut && bytes->len && !strchr("\r\n", bytes->data[bytes->len - 1]))
        bytes->len--;
    file->rest =
        (struct haul_robots){.at = haul_buf_str(bytes), .end = haul_buf_str(bytes) + bytes->len};
    return HAUL_OK;
}
