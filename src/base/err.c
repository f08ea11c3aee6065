#include "haul/err.h"

const char *haul_err_text(enum haul_err err)
{
    static const char *const text[] = {
#define HAUL_ERR_TEXT(name, words) words,
        HAUL_ERRORS(HAUL_ERR_TEXT)
#undef HAUL_ERR_TEXT
    };

    if ((unsigned)err >= HAUL_ERR_COUNT)
        return "unknown error";
    return text[err];
}
