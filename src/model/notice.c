#include "model/notice.h"

#include <string.h>

static const char letters[HAUL_NOTICE_COUNT] = {
    [HAUL_NOTICE_EXPOSED] = 'e', [HAUL_NOTICE_COOKIES] = 'c'};

enum haul_notice haul_notice_of(const char *text)
{
    enum haul_notice notice = 0;

    while (notice < HAUL_NOTICE_COUNT - 1 && letters[notice] != *text)
        notice++;
    return notice;
}

const char *haul_notice_origin(const char *text)
{
    return text + 1;
}

const char *haul_notice_first(const struct haul_buf *notices)
{
    return notices->len ? haul_buf_str(notices) : NULL;
}

const char *haul_notice_next(const struct haul_buf *notices, const char *text)
{
    text += strlen(text) + 1;
    return text < haul_buf_str(notices) + notices->len ? text : NULL;
}

void haul_notice_add(struct haul_buf *notices, enum haul_notice notice, const char *origin)
{
    size_t before = notices->len;

    for (const char *at = haul_notice_first(notices); at; at = haul_notice_next(notices, at))
        if (*at == letters[notice] && strcmp(haul_notice_origin(at), origin) == 0)
            return;
    haul_buf_add_char(notices, letters[notice]);
    haul_buf_add(notices, origin, strlen(origin) + 1);
    if (notices->err)
        haul_buf_cut(notices, before);
}
