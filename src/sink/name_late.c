#include "sink/name_late.h"

#include <string.h>

#include "base/ascii.h"
#include "sink/name_form.h"
#include "sink/type_ext.h"

static const char marks[] = HAUL_NAME_MARK_SHA256 HAUL_NAME_MARK_TYPE HAUL_NAME_MARK_BUCKET;
static const char sha256_mark = HAUL_NAME_MARK_SHA256[0], type_mark = HAUL_NAME_MARK_TYPE[0],
                  bucket_mark = HAUL_NAME_MARK_BUCKET[0], digit_mark = HAUL_NAME_MARK_DIGIT[0];

bool haul_name_is_late(const char *name)
{
    return strpbrk(name, marks) != NULL;
}

bool haul_name_needs_digest(const char *name)
{
    return strpbrk(name, HAUL_NAME_MARK_SHA256 HAUL_NAME_MARK_BUCKET) != NULL;
}

size_t haul_name_late_growth(const char *part, size_t len)
{
    size_t growth = 0;

    for (size_t i = 0; i < len; i++)
        growth += part[i] == sha256_mark ? HAUL_NAME_BUCKET_MAX - 1
                  : part[i] == type_mark ? HAUL_TYPE_EXT_MAX - 1
                                         : 0;
    return growth;
}

/* The digits of the bucket whose mark is at `name`. */
static size_t bucket_length(const char *name)
{
    return 1 + strspn(name + 1, HAUL_NAME_MARK_DIGIT);
}

void haul_name_fill(struct haul_buf *buf, const char *name, const char *sha256,
                    const char *content_type)
{
    for (size_t len; *name; name += len) {
        len = 1;
        if (*name == sha256_mark)
            haul_buf_add_str(buf, sha256);
        else if (*name == type_mark)
            haul_buf_add_str(buf, haul_type_ext(content_type));
        else if (*name == bucket_mark)
            haul_buf_add(buf, sha256, len = bucket_length(name));
        else
            haul_buf_add(buf, name, len = strcspn(name, marks));
    }
}

void haul_name_show(struct haul_buf *buf, const char *name)
{
    for (size_t len; *name; name += len) {
        len = 1;
        if (*name == sha256_mark)
            haul_buf_add_str(buf, "{sha256}");
        else if (*name == type_mark)
            haul_buf_add_str(buf, "{type-ext}");
        else if (*name == bucket_mark)
            haul_buf_addf(buf, "{sha256:%zu}", len = bucket_length(name));
        else
            haul_buf_add(buf, name, len = strcspn(name, marks));
    }
}

bool haul_name_is_bucket(uint64_t buckets, const char *part, size_t len)
{
    if (!len || len > HAUL_NAME_BUCKET_MAX || !(buckets >> (len - 1) & 1))
        return false;
    for (size_t i = 0; i < len; i++)
        if (haul_ascii_hex_value(part[i]) < 0)
            return false;
    return true;
}

void haul_name_mark_buckets(uint64_t buckets, char *name, size_t len)
{
    char *end;

    if (!buckets)
        return;
    for (char *part = name; (end = memchr(part, '/', len - (size_t)(part - name)));
         part = end + 1) {
        if (!haul_name_is_bucket(buckets, part, (size_t)(end - part)))
            continue;
        memset(part, digit_mark, (size_t)(end - part));
        *part = bucket_mark;
    }
}

size_t haul_name_late_base(const char *name, size_t len)
{
    size_t ext = len && name[len - 1] == type_mark ? 1 : haul_type_ext_length(name, len);

    return ext ? len - ext : 0;
}
