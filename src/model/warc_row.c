#include "model/warc_row.h"

#include <string.h>

#include "base/ascii.h"

enum { DIGITS_MIN = 5, DIGITS_MAX = 8 };

static const char ending[] = ".warc.gz";

static size_t prefix_len(const char *prefix)
{
    static const char *const endings[] = {ending, ".warc"};
    size_t len = strlen(prefix);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t tail = strlen(endings[i]);

        if (len > tail && strcmp(prefix + len - tail, endings[i]) == 0)
            return len - tail;
    }
    return len;
}

bool haul_warc_row_name(const char *prefix, unsigned number, struct haul_buf *path)
{
    haul_buf_clear(path);
    haul_buf_add(path, prefix, prefix_len(prefix));
    haul_buf_addf(path, "-%0*u%s", DIGITS_MIN, number, ending);
    return !path->err;
}

static bool is_same(const char *a, const char *b, size_t len, bool folds_case)
{
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i] && !(folds_case && haul_ascii_lower(a[i]) == haul_ascii_lower(b[i])))
            return false;
    return true;
}

bool haul_warc_row_has(const char *prefix, const char *name, size_t len, bool folds_case)
{
    const char *slash = strrchr(prefix, '/'), *last = slash ? slash + 1 : prefix;
    size_t before = prefix_len(prefix) - (size_t)(last - prefix) + 1;
    size_t behind = sizeof ending - 1, digits;

    if (len < before + DIGITS_MIN + behind || len > before + DIGITS_MAX + behind)
        return false;
    digits = len - before - behind;
    for (size_t i = 0; i < digits; i++)
        if (!haul_ascii_is_digit(name[before + i]))
            return false;
    return name[before - 1] == '-' && is_same(name, last, before - 1, folds_case) &&
           is_same(name + before + digits, ending, behind, folds_case);
}
