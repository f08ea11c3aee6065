#include "report/save_failed.h"

#include <string.h>

#include "base/escape.h"

static void add_escaped(struct haul_buf *buf, const char *text)
{
    haul_escape_terminal(buf, text, strlen(text), true, 0);
}

static bool stands_alone(const char *url)
{
    if (*url == '\0' || *url == ' ' || *url == '#')
        return false;
    for (; *url; url++)
        if ((unsigned char)*url < 0x20 || *url == 0x7f)
            return false;
    return true;
}

static void add_comment(struct haul_buf *buf, const struct haul_record *rec)
{
    char word[HAUL_REASON_WORD_MAX];

    haul_buf_add_str(buf, "# ");
    haul_buf_add_str(buf, haul_outcome_word(rec->outcome));
    if (rec->reason != HAUL_REASON_NONE) {
        haul_buf_add_str(buf, ": ");
        haul_buf_add_str(buf, haul_reason_word(rec, word));
    }
    if (rec->source) {
        haul_buf_add_str(buf, ": ");
        add_escaped(buf, rec->source);
        haul_buf_add_char(buf, ':');
        haul_buf_add_u64(buf, rec->line);
    }
}

bool haul_save_failed_add(struct haul_buf *buf, const struct haul_record *rec, const char *url)
{
    bool writes_url = rec->outcome == HAUL_OUTCOME_FAILED || rec->outcome == HAUL_OUTCOME_PENDING;

    if (!writes_url && rec->outcome != HAUL_OUTCOME_INVALID)
        return false;
    if (!url)
        url = rec->url;
    writes_url = writes_url && stands_alone(url);
    add_comment(buf, rec);
    if (writes_url) {
        haul_buf_add_char(buf, '\n');
        haul_buf_add_str(buf, url);
    } else {
        haul_buf_add_str(buf, ": ");
        add_escaped(buf, url);
    }
    haul_buf_add_char(buf, '\n');
    return writes_url;
}
